"""Series: their page, links between parts, published content and purging."""

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
from tests.invalidation import invalidates

NOON = datetime(2026, 5, 3, 12, 0, tzinfo=UTC)


def headlines(html: bytes) -> list[str]:
    return re.findall(r'class="entry__headline"[^>]*>\s*<a href="[^"]+">([^<]+)<', html.decode())


class SeriesTestCase(TestCase):
    @classmethod
    def setUpTestData(cls):
        cls.author, cls.other_section = make_author(), make_section()
        cls.series = make_series(name="The long queue", intro="Three articles.")
        cls.one, cls.two, cls.three = (
            make_article(headline=f"Article {number}", series=cls.series, series_part=number) for number in (1, 2, 3)
        )

    def page(self, article):
        return self.client.get(article.get_absolute_url())


class SeriesPageTests(SeriesTestCase):
    def test_parts_are_listed_by_number(self):
        make_article(headline="Article 0", series=self.series, series_part=9, at=NOON)
        page = self.client.get(self.series.get_absolute_url())
        self.assertEqual(headlines(page.content), ["Article 1", "Article 2", "Article 3", "Article 0"])
        self.assertContains(page, "Three articles.")

    def test_pagination(self):
        headlines_shown, url = [], self.series.get_absolute_url()
        with patch("articles.views.lists.SIZE", 1):
            for _ in range(3):
                page = self.client.get(url)
                headlines_shown += headlines(page.content)
                url = f"{self.series.get_absolute_url()}?after={page.context['page'].after}"
        self.assertEqual((headlines_shown, page.context["page"].after), (["Article 1", "Article 2", "Article 3"], ""))
        for cursor in ("x", "%00", "ZmZmZmZmZmZmZmZmZmZmZmZmLjE", "9" * 500):
            self.assertIn(self.client.get(f"{self.series.get_absolute_url()}?after={cursor}").status_code, {200, 404})

    def test_series_page_takes_five_queries(self):
        with self.assertNumQueries(5):
            self.client.get(self.series.get_absolute_url())

    def test_only_public_articles_are_listed(self):
        make_draft(headline="Draft", series=self.series, series_part=4)
        withdraw(item=self.two)
        self.assertEqual(headlines(self.client.get(self.series.get_absolute_url()).content), ["Article 1", "Article 3"])
        self.assertEqual(self.client.get("/series/none/").status_code, 404)
        self.assertContains(self.client.get(make_series().get_absolute_url()), "No parts have been published yet.")

    def test_scheduled_part_appears_at_its_time(self):
        later = NOON + timedelta(days=400)
        with time_machine.travel(NOON + timedelta(days=399), tick=False):
            make_article(headline="Article 4", series=self.series, series_part=4, at=later)
            self.assertNotContains(self.client.get(self.series.get_absolute_url()), "Article 4")
        with time_machine.travel(later, tick=False):
            self.assertContains(self.client.get(self.series.get_absolute_url()), "Article 4")

    def test_series_is_in_the_sitemap(self):
        self.assertContains(self.client.get("/sitemap.xml"), "/sitemap-series-1.xml")
        self.assertIn(self.series.get_absolute_url().encode(), self.client.get("/sitemap-series-1.xml").getvalue())


class ArticlePageTests(SeriesTestCase):
    def test_article_links_to_previous_and_next_part(self):
        page = self.page(self.two)
        self.assertContains(page, "Part 2 of 3 in", 2)
        self.assertContains(page, 'rel="prev">Article 1<')
        self.assertContains(page, 'rel="next">Article 3<')
        self.assertNotContains(self.page(self.one), 'rel="prev"')
        self.assertNotContains(self.page(self.three), 'rel="next"')

    def test_withdrawn_part_is_skipped(self):
        withdraw(item=self.two)
        page = self.page(self.one)
        self.assertContains(page, 'rel="next">Article 3<')
        self.assertContains(page, "Part 1 of 3 in")

    def test_series_takes_one_query_and_none_without(self):
        standalone = make_article()
        self.page(standalone)
        with self.assertNumQueries(11):
            self.page(self.two)
        with self.assertNumQueries(10):
            self.assertNotContains(self.page(standalone), "series__name")

    def test_structured_data(self):
        self.assertContains(self.page(self.two), '"isPartOf":{"@type":"CreativeWorkSeries"')


class ContentTests(SeriesTestCase):
    def test_content_has_uuid_and_chain_is_valid(self):
        self.assertEqual(
            json.loads(self.two.live.content)["series"],
            {"uuid": str(self.series.uuid), "name": "The long queue", "part": 2},
        )
        call_command("verify_record", served=True, verbosity=0)

    def test_content_without_series_has_no_key(self):
        self.assertNotIn("series", content_of(make_draft()))
        self.assertNotIn("series", make_article().live.head)

    def test_rename_changes_rendering_but_not_content(self):
        self.series.name = "The longer queue"
        self.series.save()
        rerender_showing_later.func("series", self.series.pk)
        self.assertContains(self.page(self.two), ">The longer queue</a>")
        self.two.live.refresh_from_db()
        self.assertIn("The long queue", self.two.live.content)

    def test_removed_article_leaves_with_its_next_version(self):
        make_version(self.two, series=None, series_part=None)
        self.assertEqual(SeriesEntry.objects.filter(article=self.two).count(), 0)
        self.assertNotContains(self.page(self.two), "Part 2 of")

    def test_part_numbers_are_unique(self):
        with self.assertRaises(IntegrityError), transaction.atomic():
            make_draft(series=self.series, series_part=3)
        with self.assertRaises(IntegrityError), transaction.atomic():
            make_draft(series=self.series)


class PurgeTests(SeriesTestCase):
    def purged(self, article, change) -> bool:
        return invalidates(self, self.page(article).cache_tags, change)

    def test_change_of_one_part_purges_the_others(self):
        for change in (
            lambda: make_article(series=self.series, series_part=4),
            lambda: make_version(self.three, headline="Another headline"),
            lambda: withdraw(item=self.three),
            lambda: make_version(self.two, series=None, series_part=None),
        ):
            self.assertTrue(self.purged(self.one, change))

    def test_only_part_counts_the_second_once_it_is_published(self):
        series = make_series()
        first = make_article(series=series, series_part=1)
        self.assertContains(self.page(first), "Part 1 of 1 in")
        with self.captureOnCommitCallbacks(execute=True):
            make_article(series=series, series_part=2)
        self.assertContains(self.page(first), "Part 1 of 2 in")

    def test_unrelated_change_purges_nothing(self):
        self.assertFalse(self.purged(self.one, lambda: make_article(section=self.other_section, authors=[self.author])))


class EditorTests(SeriesTestCase):
    def setUp(self):
        self.client.force_login(make_editor())

    def save(self, article, **changes):
        return self.client.post(
            reverse("admin:articles_article_change", args=[article.pk]), form_data(article, **changes)
        )

    def test_blank_number_becomes_the_next_part(self):
        draft = make_draft()
        self.save(draft, series=self.series.pk)
        draft.refresh_from_db()
        self.assertEqual((draft.series, draft.series_part), (self.series, 4))

    def test_number_without_series_is_dropped(self):
        draft = make_draft()
        self.save(draft, series_part="2")
        draft.refresh_from_db()
        self.assertIsNone(draft.series_part)

    def test_invalid_numbers_are_refused(self):
        draft = make_draft()
        for number, message in (
            ("2", "Another article already has this number in the series."),
            ("0", "greater than or equal to 1"),
            ("99999999999", "less than or equal to"),
            ("x", "Enter a whole number."),
        ):
            with self.subTest(number):
                self.assertContains(self.save(draft, series=self.series.pk, series_part=number), message)
        self.assertIsNone(Article.objects.get(pk=draft.pk).series)

    def test_series_in_use_cannot_be_deleted(self):
        url = reverse("admin:articles_series_delete", args=[self.series.pk])
        self.assertContains(
            self.client.post(url, {"post": "yes"}, follow=True), "Remove them from it before you delete it."
        )

    def test_permissions(self):
        for role, status in (("Author", 403), ("Editor", 200), ("Moderator", 403)):
            self.client.force_login(make_member(role))
            self.assertEqual(self.client.get(reverse("admin:articles_series_add")).status_code, status)
        self.client.force_login(make_member("Author"))
        page = self.client.get(reverse("admin:articles_series_change", args=[self.series.pk]))
        self.assertContains(page, '<li value="2">Article 2</li>', html=True)
        self.assertNotContains(page, "Change order of parts")
