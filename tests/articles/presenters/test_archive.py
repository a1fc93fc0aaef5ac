"""The archive by month, in the publication's time zone."""

import re
from datetime import UTC, datetime
from unittest.mock import patch
from zoneinfo import ZoneInfo

from django.conf import settings
from django.test import TestCase, override_settings
from django.utils import timezone

from articles.presenters.archive import ArchiveMonth
from articles.services.publishing import withdraw
from tests.factories import make_article, make_author, make_section
from truthlytics.web.text import split_words


def months(html: bytes) -> list[str]:
    return re.findall(r'href="/archive/(\d{4}/\d\d)/"', html.decode())


class ArchiveTestCase(TestCase):
    @classmethod
    def setUpTestData(cls):
        cls.fields = {"section": make_section(), "authors": [make_author()]}

    def make(self, *when, **fields):
        return make_article(at=datetime(*when, tzinfo=UTC), **self.fields, **fields)


class ArchiveTests(ArchiveTestCase):
    def test_lists_months_with_public_articles_newest_first(self):
        for when in ((2019, 3, 5), (2021, 12, 31, 23, 59), (2022, 1, 1), (2022, 1, 9)):
            self.make(*when)
        withdraw(item=self.make(2020, 7, 1))
        self.assertEqual(months(self.client.get("/archive/").content), ["2022/01", "2021/12", "2019/03"])

    def test_three_queries_for_any_period(self):
        self.make(1953, 2, 1)
        self.make(2022, 1, 9)
        with self.assertNumQueries(3 + 3):
            self.client.get("/archive/")

    def test_empty_archive_shows_a_message(self):
        self.assertContains(self.client.get("/archive/"), "Nothing has been published yet.")

    def test_footer_and_latest_page_link_to_the_archive(self):
        self.assertContains(self.client.get("/latest/"), 'href="/archive/"', 2)


class MonthTests(ArchiveTestCase):
    def test_shows_articles_of_the_month_and_links_to_adjacent_months(self):
        for number, when in enumerate(((2021, 4, 30, 23), (2021, 6, 1), (2021, 6, 30, 23, 59), (2021, 9, 1))):
            self.make(*when, headline=f"Article {number}")
        page = self.client.get("/archive/2021/06/")
        self.assertEqual(re.findall(r">(Article \d)<", page.content.decode()), ["Article 2", "Article 1"])
        self.assertEqual(months(page.content), ["2021/04", "2021/09"])
        self.assertContains(page, '/archive/2021/06/">')

    def test_pagination_stays_within_the_month(self):
        for day in range(1, 4):
            self.make(2021, 6, day, headline=f"Article {day}")
        self.make(2021, 5, 1, headline="Article 0")
        with patch("articles.views.archive.SIZE", 2):
            after = self.client.get("/archive/2021/06/").context["page"].after
            page = self.client.get(f"/archive/2021/06/?after={after}")
        self.assertEqual(re.findall(r">(Article \d)<", page.content.decode()), ["Article 1"])
        self.assertContains(page, f'<link rel="canonical" href="{settings.SITE_URL}/archive/2021/06/?after={after}">')

    def test_empty_and_invalid_months_are_not_found(self):
        self.make(2021, 6, 1)
        for url in split_words(
            "2021/07 2021/6 2021/13 2021/00 0000/01 0999/01 9999/12 9998/12 20210/06 ²021/06 2021 2021/06/01"
        ):
            with self.subTest(url):
                self.assertEqual(self.client.get(f"/archive/{url}/").status_code, 404)

    def test_query_count(self):
        self.make(2021, 6, 1)
        with self.assertNumQueries(3 + 3):
            self.client.get("/archive/2021/06/")


class TimeZoneTests(ArchiveTestCase):
    """A month starts at local midnight."""

    def test_first_hour_of_a_month_is_in_local_time(self):
        self.make(2021, 5, 31, 22, 30)
        with override_settings(TIME_ZONE="Europe/Berlin"):
            self.assertEqual(months(self.client.get("/archive/").content), ["2021/06"])
            self.assertEqual(self.client.get("/archive/2021/05/").status_code, 404)
            self.assertContains(self.client.get("/archive/2021/06/"), "1 Jun")
        with override_settings(TIME_ZONE="America/New_York"):
            self.assertEqual(months(self.client.get("/archive/").content), ["2021/05"])

    def test_months_are_contiguous_across_clock_changes(self):
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
                month = ArchiveMonth(2008, 1)
                for _ in range(200):
                    self.assertLess(month.start, month.end)
                    self.assertEqual(ArchiveMonth.containing(month.start), month, zone)
                    month = month.next


class OldArticleTests(ArchiveTestCase):
    def test_pagination_works_before_1970(self):
        for year in (1955, 1953, 1951):
            self.make(year, 6, 1, headline=f"Article {year}")
        found, url = [], "/latest/"
        with patch("articles.views.lists.SIZE", 1):
            for _ in range(3):
                html = self.client.get(url).content.decode()
                found += re.findall(r">(Article \d+)<", html)
                after = re.search(r'href="\?after=([^"]+)" rel="next"', html)
                url = f"/latest/?after={after[1]}" if after else "/nowhere/"
        self.assertEqual((found, url), (["Article 1955", "Article 1953", "Article 1951"], "/nowhere/"))
