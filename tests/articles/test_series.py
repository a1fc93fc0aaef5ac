"""Pieces that are read in order: their page, the way through them, and what the record keeps of it."""

import json
import re
from datetime import UTC, datetime, timedelta
from unittest.mock import patch

import time_machine
from django.core.management import call_command
from django.db import IntegrityError, transaction
from django.test import TestCase
from django.urls import reverse

from articles.models import Article, SeriesEntry
from articles.services.denormalise import rerender_showing_later
from articles.services.publishing import content_of, withdraw
from tests.articles.admin.editor import form_data
from tests.factories import (
    make_article,
    make_author,
    make_draft,
    make_editor,
    make_member,
    make_section,
    make_series,
    make_version,
)
from truthlytics.cache import invalidation

NOON = datetime(2026, 5, 3, 12, 0, tzinfo=UTC)


def heads(html: bytes) -> list[str]:
    return re.findall(r'class="entry__headline"><a href="[^"]+">([^<]+)<', html.decode())


class SeriesCase(TestCase):
    @classmethod
    def setUpTestData(cls):
        cls.author, cls.elsewhere = make_author(), make_section()
        cls.series = make_series(name="The long queue", intro="Three pieces.")
        cls.one, cls.two, cls.three = (
            make_article(headline=f"Piece {number}", series=cls.series, series_part=number) for number in (1, 2, 3)
        )

    def page(self, article):
        return self.client.get(article.get_absolute_url())


class SeriesPageTests(SeriesCase):
    def test_parts_stand_in_their_order_whenever_they_appeared(self):
        make_article(headline="Piece 0", series=self.series, series_part=9, at=NOON)
        page = self.client.get(self.series.get_absolute_url())
        self.assertEqual(heads(page.content), ["Piece 1", "Piece 2", "Piece 3", "Piece 0"])
        self.assertContains(page, "Three pieces.")

    def test_it_goes_on_by_cursor_and_every_part_stands_on_one_page(self):
        found, address = [], self.series.get_absolute_url()
        with patch("articles.views.lists.SIZE", 1):
            for _ in range(3):
                page = self.client.get(address)
                found += heads(page.content)
                address = f"{self.series.get_absolute_url()}?after={page.context['page'].after}"
        self.assertEqual((found, page.context["page"].after), (["Piece 1", "Piece 2", "Piece 3"], ""))
        for cursor in ("x", "%00", "ZmZmZmZmZmZmZmZmZmZmZmZmLjE", "9" * 500):
            self.assertIn(self.client.get(f"{self.series.get_absolute_url()}?after={cursor}").status_code, {200, 404})

    def test_it_costs_four_queries_however_many_parts_there_are(self):
        with self.assertNumQueries(4):
            self.client.get(self.series.get_absolute_url())

    def test_what_is_not_public_is_no_part_of_it(self):
        make_draft(headline="Draft", series=self.series, series_part=4)
        withdraw(item=self.two)
        self.assertEqual(heads(self.client.get(self.series.get_absolute_url()).content), ["Piece 1", "Piece 3"])
        self.assertEqual(self.client.get("/series/none/").status_code, 404)
        self.assertContains(self.client.get(make_series().get_absolute_url()), "No parts have been published yet.")

    def test_a_planned_part_comes_with_its_second(self):
        later = NOON + timedelta(days=400)
        with time_machine.travel(NOON + timedelta(days=399), tick=False):
            make_article(headline="Piece 4", series=self.series, series_part=4, at=later)
            self.assertNotContains(self.client.get(self.series.get_absolute_url()), "Piece 4")
        with time_machine.travel(later, tick=False):
            self.assertContains(self.client.get(self.series.get_absolute_url()), "Piece 4")

    def test_the_sitemap_tells_of_it(self):
        self.assertContains(self.client.get("/sitemap.xml"), "/sitemap-series-1.xml")
        self.assertIn(self.series.get_absolute_url().encode(), self.client.get("/sitemap-series-1.xml").getvalue())


class PartTests(SeriesCase):
    def test_a_part_says_which_it_is_and_leads_to_those_beside_it(self):
        page = self.page(self.two)
        self.assertContains(page, "Part 2 of 3 in", 2)
        self.assertContains(page, 'rel="prev">Piece 1<')
        self.assertContains(page, 'rel="next">Piece 3<')
        self.assertNotContains(self.page(self.one), 'rel="prev"')
        self.assertNotContains(self.page(self.three), 'rel="next"')

    def test_a_part_that_is_gone_leaves_a_gap_that_one_steps_over(self):
        withdraw(item=self.two)
        page = self.page(self.one)
        self.assertContains(page, 'rel="next">Piece 3<')
        self.assertContains(page, "Part 1 of 3 in")

    def test_it_costs_one_query_and_none_outside_of_a_series(self):
        alone = make_article()
        self.page(alone)
        with self.assertNumQueries(8):
            self.page(self.two)
        with self.assertNumQueries(7):
            self.assertNotContains(self.page(alone), "series__name")

    def test_machines_read_it_too(self):
        self.assertContains(self.page(self.two), '"isPartOf":{"@type":"CreativeWorkSeries"')


class RecordTests(SeriesCase):
    def test_the_content_names_it_by_uuid_and_the_record_holds(self):
        self.assertEqual(
            json.loads(self.two.live.content)["series"],
            {"uuid": str(self.series.uuid), "name": "The long queue", "part": 2},
        )
        call_command("verify_record", served=True, verbosity=0)

    def test_what_is_in_no_series_is_written_as_before(self):
        self.assertNotIn("series", content_of(make_draft()))
        self.assertNotIn("series", make_article().live.head)

    def test_a_new_name_reaches_the_parts_and_leaves_their_content(self):
        self.series.name = "The longer queue"
        self.series.save()
        rerender_showing_later.func("series", self.series.pk)
        self.assertContains(self.page(self.two), ">The longer queue</a>")
        self.two.live.refresh_from_db()
        self.assertIn("The long queue", self.two.live.content)

    def test_a_piece_taken_out_is_no_part_from_its_next_version_on(self):
        make_version(self.two, series=None, series_part=None)
        self.assertEqual(SeriesEntry.objects.filter(article=self.two).count(), 0)
        self.assertNotContains(self.page(self.two), "Part 2 of")

    def test_no_number_is_given_twice(self):
        with self.assertRaises(IntegrityError), transaction.atomic():
            make_draft(series=self.series, series_part=3)
        with self.assertRaises(IntegrityError), transaction.atomic():
            make_draft(series=self.series)


class PurgeTests(SeriesCase):
    def purged(self, article, change) -> bool:
        generations = invalidation.site_generations()
        marks = generations.marks(self.page(article).cache_tags, generations.snapshot())
        with self.captureOnCommitCallbacks(execute=True):
            change()
        return not generations.hold(marks)

    def test_a_change_of_one_part_makes_the_pages_of_the_others_anew(self):
        for change in (
            lambda: make_article(series=self.series, series_part=4),
            lambda: make_version(self.three, headline="Another headline"),
            lambda: withdraw(item=self.three),
            lambda: make_version(self.two, series=None, series_part=None),
        ):
            self.assertTrue(self.purged(self.one, change))

    def test_what_has_nothing_to_do_with_it_leaves_them_alone(self):
        self.assertFalse(self.purged(self.one, lambda: make_article(section=self.elsewhere, authors=[self.author])))


class DeskTests(SeriesCase):
    def setUp(self):
        self.client.force_login(make_editor())

    def save(self, article, **changes):
        return self.client.post(
            reverse("admin:articles_article_change", args=[article.pk]), form_data(article, **changes)
        )

    def test_without_a_number_it_is_the_part_after_the_last(self):
        draft = make_draft()
        self.save(draft, series=self.series.pk)
        draft.refresh_from_db()
        self.assertEqual((draft.series, draft.series_part), (self.series, 4))

    def test_a_number_alone_is_dropped(self):
        draft = make_draft()
        self.save(draft, series_part="2")
        draft.refresh_from_db()
        self.assertIsNone(draft.series_part)

    def test_a_number_that_is_taken_or_none_is_refused_in_words(self):
        draft = make_draft()
        for number, sentence in (
            ("2", "Another piece has this number in the series."), ("0", "greater than or equal to 1"),
            ("99999999999", "less than or equal to"), ("x", "Enter a whole number."),
        ):  # fmt: skip
            with self.subTest(number):
                self.assertContains(self.save(draft, series=self.series.pk, series_part=number), sentence)
        self.assertIsNone(Article.objects.get(pk=draft.pk).series)

    def test_a_series_in_use_is_kept(self):
        url = reverse("admin:articles_series_delete", args=[self.series.pk])
        self.assertContains(self.client.post(url, {"post": "yes"}, follow=True), "take them out of it before")

    def test_authors_see_series_and_editors_make_them(self):
        for role, status in (("Author", 403), ("Editor", 200), ("Moderator", 403)):
            self.client.force_login(make_member(role))
            self.assertEqual(self.client.get(reverse("admin:articles_series_add")).status_code, status)
        self.client.force_login(make_member("Author"))
        page = self.client.get(reverse("admin:articles_series_change", args=[self.series.pk]))
        self.assertContains(page, "1, 2, 3")
