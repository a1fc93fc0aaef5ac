"""The archive: months as the publication's own clock has them."""

import re
from datetime import UTC, datetime
from unittest.mock import patch
from zoneinfo import ZoneInfo

from django.conf import settings
from django.test import TestCase, override_settings
from django.utils import timezone

from articles.presenters.archive import Month
from articles.services.publishing import withdraw
from tests.factories import make_article, make_author, make_section


def months(html: bytes) -> list[str]:
    return re.findall(r'href="/archive/(\d{4}/\d\d)/"', html.decode())


class ArchiveCase(TestCase):
    @classmethod
    def setUpTestData(cls):
        cls.same = {"section": make_section(), "authors": [make_author()]}

    def piece(self, *when, **fields):
        return make_article(at=datetime(*when, tzinfo=UTC), **self.same, **fields)


class ArchiveTests(ArchiveCase):
    def test_it_names_the_months_that_hold_something_newest_first(self):
        for when in ((2019, 3, 5), (2021, 12, 31, 23, 59), (2022, 1, 1), (2022, 1, 9)):
            self.piece(*when)
        withdraw(article=self.piece(2020, 7, 1))
        self.assertEqual(months(self.client.get("/archive/").content), ["2022/01", "2021/12", "2019/03"])

    def test_it_asks_three_questions_however_long_the_time(self):
        self.piece(1953, 2, 1)
        self.piece(2022, 1, 9)
        with self.assertNumQueries(3 + 2):
            self.client.get("/archive/")

    def test_an_empty_one_says_so(self):
        self.assertContains(self.client.get("/archive/"), "Nothing has been published yet.")

    def test_one_comes_to_it_from_every_foot_and_from_the_latest(self):
        self.assertContains(self.client.get("/latest/"), 'href="/archive/"', 2)


class MonthTests(ArchiveCase):
    def test_it_holds_what_appeared_in_it_and_leads_to_its_neighbours(self):
        for number, when in enumerate(((2021, 4, 30, 23), (2021, 6, 1), (2021, 6, 30, 23, 59), (2021, 9, 1))):
            self.piece(*when, headline=f"Piece {number}")
        page = self.client.get("/archive/2021/06/")
        self.assertEqual(re.findall(r">(Piece \d)<", page.content.decode()), ["Piece 2", "Piece 1"])
        self.assertEqual(months(page.content), ["2021/04", "2021/09"])
        self.assertContains(page, '/archive/2021/06/">')

    def test_it_goes_on_by_cursor_within_itself(self):
        for day in range(1, 4):
            self.piece(2021, 6, day, headline=f"Piece {day}")
        self.piece(2021, 5, 1, headline="Piece 0")
        with patch("articles.views.archive.SIZE", 2):
            after = self.client.get("/archive/2021/06/").context["page"].after
            page = self.client.get(f"/archive/2021/06/?after={after}")
        self.assertEqual(re.findall(r">(Piece \d)<", page.content.decode()), ["Piece 1"])
        self.assertContains(page, f'<link rel="canonical" href="{settings.SITE_URL}/archive/2021/06/?after={after}">')

    def test_there_is_no_such_month(self):
        self.piece(2021, 6, 1)
        for address in (
            "2021/07", "2021/6", "2021/13", "2021/00", "0000/01", "0999/01", "9999/12", "9998/12", "20210/06",
            "²021/06",
            "2021", "2021/06/01",
        ):  # fmt: skip
            with self.subTest(address):
                self.assertEqual(self.client.get(f"/archive/{address}/").status_code, 404)

    def test_it_costs_five_queries(self):
        self.piece(2021, 6, 1)
        with self.assertNumQueries(3 + 2):
            self.client.get("/archive/2021/06/")


class ClockTests(ArchiveCase):
    """A month begins at midnight where the publication is."""

    def test_a_piece_of_the_first_hour_there_stands_in_the_new_month(self):
        self.piece(2021, 5, 31, 22, 30)
        with override_settings(TIME_ZONE="Europe/Berlin"):
            self.assertEqual(months(self.client.get("/archive/").content), ["2021/06"])
            self.assertEqual(self.client.get("/archive/2021/05/").status_code, 404)
            self.assertContains(self.client.get("/archive/2021/06/"), "1 Jun")
        with override_settings(TIME_ZONE="America/New_York"):
            self.assertEqual(months(self.client.get("/archive/").content), ["2021/05"])

    def test_months_follow_one_another_without_gap_or_overlap_where_clocks_change(self):
        zones = (
            "Europe/Berlin",
            "Africa/Cairo",
            "Asia/Amman",
            "America/Asuncion",
            "Pacific/Apia",
            "Australia/Lord_Howe",
        )
        for zone in zones:
            with timezone.override(ZoneInfo(zone)):
                month = Month(2008, 1)
                for _ in range(200):
                    self.assertLess(month.begins, month.ends)
                    self.assertEqual(Month.of(month.begins), month, zone)
                    month = month.following


class OldTests(ArchiveCase):
    def test_one_turns_pages_also_before_1970(self):
        for year in (1955, 1953, 1951):
            self.piece(year, 6, 1, headline=f"Piece {year}")
        found, address = [], "/latest/"
        with patch("articles.views.lists.SIZE", 1):
            for _ in range(3):
                html = self.client.get(address).content.decode()
                found += re.findall(r">(Piece \d+)<", html)
                after = re.search(r'href="\?after=([^"]+)" rel="next"', html)
                address = f"/latest/?after={after[1]}" if after else "/nowhere/"
        self.assertEqual((found, address), (["Piece 1955", "Piece 1953", "Piece 1951"], "/nowhere/"))
