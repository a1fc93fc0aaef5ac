"""Dossiers as readers see them: publication, listed articles, cache invalidation and query counts."""

from datetime import UTC, datetime, timedelta

import time_machine
from django.test import TestCase
from django.urls import reverse
from django.utils import timezone

from articles.models import Dossier, DossierVersion
from articles.services import publishing
from articles.services.publishing import NotReadyError, withdraw
from tests.budget import takes_longer
from tests.factories import make_article, make_dossier, make_draft, make_version
from tests.invalidation import invalidates
from truthlytics.cache import next_change
from truthlytics.web.append_only import AppendOnlyError

NOON = datetime(2026, 5, 3, 12, 0, tzinfo=UTC)


class PublishingTests(TestCase):
    def setUp(self):
        self.article = make_article(headline="The named article")
        self.dossier = make_dossier(self.article, title="As published", entries=[{"date": "2024-11", "text": "Said."}])

    def page(self, dossier=None):
        return self.client.get((dossier or self.dossier).get_absolute_url())

    def test_readers_see_only_the_published_version(self):
        Dossier.objects.update(title="Being written", summary="<p>Being written.</p>")
        self.dossier.entries.update(text="Being written.")
        for url in (self.dossier.get_absolute_url(), self.article.get_absolute_url()):
            page = self.client.get(url)
            self.assertContains(page, "As published")
            self.assertNotContains(page, "Being written")
        publishing.publish(item=self.dossier, note="We rewrote it.")
        self.assertContains(self.page(), "We rewrote it.")
        self.assertContains(self.client.get(self.article.get_absolute_url()), "Being written")

    def test_versions_are_append_only(self):
        version = DossierVersion.objects.get()
        for action in (
            version.save,
            version.delete,
            DossierVersion.objects.all().delete,
            lambda: DossierVersion.objects.update(content={}),
        ):
            with self.assertRaises(AppendOnlyError):
                action()

    def test_incomplete_draft_is_not_public_and_not_published(self):
        draft = make_dossier(publish=False, summary="<hr data-gate>")
        self.assertEqual(self.page(draft).status_code, 404)
        with self.assertRaises(NotReadyError) as raised:
            publishing.publish(item=draft)
        self.assertEqual(raised.exception.reasons, ["Enter a summary.", "Add an article or a dated entry."])
        self.assertEqual(draft.state(), "draft")

    def test_scheduled_version_appears_at_its_time(self):
        with time_machine.travel(NOON, tick=False) as at:
            dossier = make_dossier(self.article, title="Before")
            Dossier.objects.filter(pk=dossier.pk).update(title="After")
            publishing.publish(item=dossier, at=NOON + timedelta(hours=1), note="Planned.")
            self.assertNotContains(self.page(dossier), "After")
            self.assertNotContains(self.page(dossier), "Planned.")
            next_change._cached.clear()
            self.assertEqual(next_change.next_change(timezone.now()), NOON + timedelta(hours=1))
            self.assertEqual(dossier.state(), "changing")
            at.move_to(NOON + timedelta(hours=1))
            self.assertContains(self.page(dossier), "After")
            self.assertContains(self.page(dossier), "Planned.")

    def test_unscheduled_version_never_appears(self):
        with time_machine.travel(NOON, tick=False) as at:
            dossier = make_dossier(self.article, publish=False)
            publishing.publish(item=dossier, at=NOON + timedelta(hours=1), note="Never seen.")
            self.assertEqual((dossier.state(), self.page(dossier).status_code), ("scheduled", 404))
            self.assertTrue(publishing.unschedule(item=dossier))
            self.assertFalse(publishing.unschedule(item=dossier))
            publishing.publish(item=dossier)
            at.move_to(NOON + timedelta(hours=2))
            self.assertNotContains(self.page(dossier), "Never seen.")
            self.assertEqual(dossier.state(), "published")

    def test_withdrawn_dossier_disappears_until_restored(self):
        publishing.withdraw(item=self.dossier)
        self.assertEqual((self.page().status_code, self.dossier.state()), (410, "withdrawn"))
        self.assertNotContains(self.client.get(self.article.get_absolute_url()), "As published")
        self.assertNotIn("dossiers", self.client.get("/sitemap.xml").content.decode())
        publishing.restore(item=self.dossier)
        self.assertContains(self.page(), "As published")
        self.assertIn("/sitemap-dossiers-1.xml", self.client.get("/sitemap.xml").content.decode())
        self.assertContains(self.client.get("/sitemap-dossiers-1.xml"), self.dossier.get_absolute_url())

    def test_summary_is_reduced_to_simple_markup(self):
        body = (
            "<h2 id='x'>Head</h2><p onclick='x'>One<sup data-footnote='n'></sup> <a href='javascript:1'>a</a></p>"
            "<hr data-gate><table><tr><td>c</td></tr></table>"
        )
        content = publishing.content_of(make_dossier(summary=body, publish=False))
        self.assertEqual(content["summary"], '<p>Head</p><p>One <a rel="noopener">a</a></p>')


class ListedArticleTests(TestCase):
    def stories(self, article):
        return self.client.get(article.get_absolute_url()).context["dossiers"]()

    def test_nonpublic_articles_are_not_listed(self):
        seen = make_article(headline="Seen")
        withdrawn, draft = make_article(headline="Withdrawn article"), make_draft(headline="Draft article")
        later = make_article(headline="Later article", at=timezone.now() + timedelta(hours=1))
        named = [seen, withdrawn, draft, later]
        entries = [{"date": "2024", "text": f"Entry {article.pk}.", "article": article} for article in named]
        dossier = make_dossier(*named, entries=entries)
        withdraw(item=withdrawn)
        for url in (dossier.get_absolute_url(), seen.get_absolute_url()):
            page = self.client.get(url)
            self.assertContains(page, f"Entry {draft.pk}.")
            for word in ("Withdrawn article", "Draft article", "Later article", withdrawn.slug, draft.slug, later.slug):
                self.assertNotContains(page, word)
        with time_machine.travel(timezone.now() + timedelta(hours=2)):
            self.assertContains(self.client.get(dossier.get_absolute_url()), "Later article")
            self.assertEqual(self.stories(seen)[0].next.headline, "Later article")

    def test_previous_and_next_follow_the_dossier_order(self):
        with time_machine.travel(NOON, tick=False):
            old = make_article(headline="Old")
        middle, new = make_article(headline="Middle"), make_article(headline="New")
        for order in ("hand", "newest"):
            make_dossier(new, middle, old, order=order, title=f"By {order}")
        by_hand, by_date = self.stories(middle)
        self.assertEqual((by_hand.previous.headline, by_hand.next.headline), ("New", "Old"))
        self.assertEqual((by_date.previous.headline, by_date.next.headline), ("Old", "New"))
        self.assertEqual((self.stories(old)[1].previous, self.stories(old)[0].next), (None, None))

    def test_headline_is_of_the_served_version(self):
        article, other = make_article(headline="First"), make_article()
        make_dossier(article, other)
        at = timezone.now() + timedelta(hours=1)
        make_version(article, headline="Second", at=at)
        self.assertEqual(self.stories(other)[0].previous.headline, "First")
        with time_machine.travel(at):
            self.assertEqual(self.stories(other)[0].previous.headline, "Second")

    def test_article_of_an_entry_belongs_to_the_dossier(self):
        article, named = make_article(headline="Listed"), make_article(headline="Named")
        make_dossier(article, entries=[{"date": "2024", "text": "It was.", "article": named}])
        self.assertEqual(self.stories(named)[0].previous.headline, "Listed")

    def test_article_shows_the_latest_entries(self):
        entries = [{"date": date, "text": f"In {date}."} for date in ("2024-11", "2023", "2024-11-20", "2025", "2024")]
        story = (
            make_dossier(make_article(slug="one"), entries=entries)
            and self.client.get("/articles/one/").context["dossiers"]()[0]
        )
        self.assertEqual([entry.date for entry in story.recent], ["2024-11", "2024-11-20", "2025"])

    def test_article_without_dossier_and_unknown_dossiers(self):
        self.assertNotContains(self.client.get(make_article().get_absolute_url()), "Story so far")
        for slug in ("none", "none%00", "x" * 300):
            self.assertEqual(self.client.get(f"/dossiers/{slug}/").status_code, 404)
        self.assertEqual(self.client.post(make_dossier(make_article()).get_absolute_url()).status_code, 405)


class InvalidationTests(TestCase):
    def purged(self, url, change) -> bool:
        return invalidates(self, self.client.get(url).cache_tags, change)

    def test_pages_are_purged_when_a_dossier_or_its_articles_change(self):
        article, other, alone = make_article(), make_article(), make_article()
        dossier = make_dossier(article, other)
        changes = [
            lambda: publishing.publish(item=dossier),
            lambda: make_version(other, headline="Changed"),
            lambda: publishing.withdraw(item=dossier),
        ]
        changes.append(lambda: publishing.restore(item=dossier))
        for url in (dossier.get_absolute_url(), article.get_absolute_url()):
            for change in changes:
                self.assertTrue(self.purged(url, change))
        self.assertTrue(self.purged(alone.get_absolute_url(), lambda: make_dossier(alone)))


class QueryCountTests(TestCase):
    @takes_longer("Long lists are made and read.")
    def test_query_count_does_not_grow_with_the_dossier(self):
        articles = [make_article() for _ in range(3)]
        dossier = make_dossier(*articles)
        url, page = articles[1].get_absolute_url(), reverse("articles:dossier", args=[dossier.slug])
        for _ in range(2):
            with self.assertNumQueries(10 + 1):
                self.client.get(url)
            with self.assertNumQueries(6):
                self.client.get(page)
            for number in range(12):
                article = make_article()
                dossier.articles.create(article=article, position=9)
                dossier.entries.create(date="2024", text=f"Entry {number}.", article=article)
            publishing.publish(item=dossier)
