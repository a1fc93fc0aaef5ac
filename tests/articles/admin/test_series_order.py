"""Changing the numbers of all parts of a series on one page."""

from datetime import timedelta

import time_machine
from django.test import TestCase
from django.urls import reverse
from django.utils import timezone

from articles.models import Article, Correction
from articles.services.publishing import publish
from articles.services.scheduling import promote_all_due
from articles.services.series_order import SeriesOrderConflict, number_parts
from tests.budget import takes_longer
from tests.factories import make_article, make_author, make_draft, make_editor, make_member, make_series
from tests.threads import at_once
from tests.transactions import TransactionTestCase
from truthlytics.audit.log import AuditEntry


class SeriesOrderTests(TestCase):
    @classmethod
    def setUpTestData(cls):
        cls.editor, cls.series = make_editor(), make_series()
        cls.one, cls.two = (
            make_article(headline=f"Article {number}", series=cls.series, series_part=number) for number in (1, 2)
        )
        cls.url = reverse("admin:articles_series_order", args=[cls.series.pk])
        cls.page = reverse("admin:articles_series_change", args=[cls.series.pk])

    def setUp(self):
        self.client.force_login(self.editor)

    def save(self, numbers, seen=None):
        parts = self.series.articles.order_by("series_part")
        seen = seen or ",".join(f"{part.pk}-{part.series_part}" for part in parts)
        data = {f"part-{article.pk}": number for article, number in numbers.items()}
        response = self.client.post(self.url, {"seen": seen, **data}, follow=True)
        for article in numbers:
            article.refresh_from_db()
        return response

    def test_two_parts_are_swapped_and_published_in_one_save(self):
        page = self.save({self.one: 2, self.two: 1})
        self.assertContains(page, "2 parts have new numbers. 2 were published with them.")
        self.assertEqual([self.one.live.head["series"]["part"], self.two.live.head["series"]["part"]], [2, 1])
        self.assertContains(self.client.get(self.two.get_absolute_url()), "Part 1 of 2 in")
        parts = [(entry.part, entry.article) for entry in self.series.entries.order_by("part")]
        self.assertEqual(parts, [(1, self.two), (2, self.one)])
        self.assertEqual(set(Correction.objects.values_list("kind", flat=True)) - {"minor"}, set())
        revision = self.one.revisions.saved().order_by("-number").first()
        self.assertEqual((revision.number, revision.created_by), (self.one.revision_number, self.editor))
        self.assertEqual(AuditEntry.objects.about(self.one).first().after["series_part"], 2)

    def test_article_with_other_unpublished_changes_is_named_and_not_published(self):
        Article.objects.filter(pk=self.one.pk).update(headline="Half rewritten")
        page = self.save({self.one: 2, self.two: 1})
        self.assertContains(page, "Publish these yourself")
        self.assertContains(page, "“Half rewritten”")
        self.assertEqual((self.one.series_part, self.one.live.head["series"]["part"]), (2, 1))
        self.assertEqual(self.two.live.head["series"]["part"], 1)

    def test_scheduled_version_gets_the_new_number_and_keeps_its_time(self):
        at = (timezone.now() + timedelta(days=1)).replace(microsecond=0)
        three = make_article(headline="Third", at=at, series=self.series, series_part=3)
        page = self.save({self.one: 1, self.two: 3, three: 2})
        self.assertContains(page, "1 scheduled version was changed and keeps its time.")
        self.assertNotContains(page, "Publish these yourself")
        self.assertEqual((three.upcoming.head["series"]["part"], three.upcoming_at), (2, at))
        self.assertEqual(three.versions.filter(superseded_at=None).get(), three.upcoming)
        with time_machine.travel(at + timedelta(minutes=1)):
            promote_all_due()
            three.refresh_from_db()
            self.assertEqual(three.live.head["series"]["part"], 2)
            self.assertEqual([entry.part for entry in self.series.entries.order_by("part")], [1, 2, 3])

    def test_scheduled_change_of_a_public_part_is_renumbered_and_named(self):
        publish(item=self.one, at=timezone.now() + timedelta(days=1))
        page = self.save({self.one: 2, self.two: 1})
        self.assertContains(page, "or a scheduled version: “Article 1”.")
        self.assertEqual(self.one.upcoming.head["series"]["part"], 2)
        self.assertEqual(self.one.live.head["series"]["part"], 1)

    def test_draft_is_renumbered_and_stays_a_draft(self):
        draft = make_draft(series=self.series, series_part=3)
        self.assertContains(self.save({self.one: 1, self.two: 3, draft: 2}), "1 was published with it.")
        self.assertEqual((draft.series_part, draft.state()), (2, "draft"))

    def test_invalid_numbers_change_nothing_and_are_kept(self):
        for number, message in (("2", "a number of its own"), ("x", "from 1 to 9999"), ("0", "from 1 to 9999")):
            page = self.save({self.one: number, self.two: "2"})
            self.assertContains(page, message, status_code=422)
            self.assertContains(page, f'value="{number}"', status_code=422)
        self.assertEqual((self.one.series_part, self.one.revisions.count()), (1, 0))

    def test_part_added_in_the_meantime_is_a_conflict(self):
        seen = f"{self.one.pk}-1,{self.two.pk}-2"
        make_draft(headline="New", series=self.series, series_part=3)
        page = self.client.post(self.url, {"seen": seen})
        self.assertEqual(page.status_code, 422)
        page = self.save({article: part for part, article in enumerate(self.series.articles.all(), 1)}, seen=seen)
        self.assertContains(page, "in the meantime", status_code=409)

    def test_series_page_shows_headlines_but_not_of_drafts_of_others(self):
        make_draft(headline="Secret draft", series=self.series, series_part=3)
        self.assertContains(self.client.get(self.page), "Secret draft")
        self.assertContains(self.client.get(self.page), self.url)
        author = make_member("Author")
        make_draft(headline="Own draft", series=self.series, series_part=4, authors=[make_author(user=author)])
        Article.objects.filter(pk=self.one.pk).update(headline="Secret headline")
        self.client.force_login(author)
        page = self.client.get(self.page)
        for shown in ("Article 1", "Article 2", "Own draft", "An article that you cannot open"):
            self.assertContains(page, shown)
        self.assertNotContains(page, "Secret")
        self.assertEqual(self.client.get(self.url).status_code, 403)


class RaceTests(TransactionTestCase):
    @takes_longer("Many threads use the database at once.")
    def test_second_of_two_orders_at_once_is_a_conflict(self):
        series, editor = make_series(), make_editor()
        one, two = (make_article(series=series, series_part=part) for part in (1, 2))

        def swap():
            number_parts(series=series, numbers={one.pk: 2, two.pk: 1}, seen={one.pk: 1, two.pk: 2}, by=editor)
            return "swapped"

        results = at_once(swap, 2)
        self.assertEqual(results.count("swapped"), 1)
        self.assertEqual([type(result) for result in results if result != "swapped"], [SeriesOrderConflict])
        self.assertEqual(list(series.articles.order_by("series_part")), [two, one])
