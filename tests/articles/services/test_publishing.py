"""Publishing, scheduling, withdrawing and restoring articles."""

import re
from datetime import UTC, datetime, timedelta
from unittest.mock import patch

import time_machine
from django.test import TestCase
from django.utils import timezone

from articles.models import Article, SectionEntry, Version
from articles.services.item_types.articles import ArticleType
from articles.services.publishing import NotReadyError, publish, restore, withdraw
from articles.services.scheduling import promote_all_due
from articles.signals import version_published
from tests.budget import takes_longer
from tests.factories import make_article, make_draft, make_section, make_topic, make_version
from truthlytics.web.append_only import AppendOnlyError

NOON = datetime(2026, 5, 3, 12, 0, tzinfo=UTC)


class PublishingTests(TestCase):
    def test_incomplete_draft_is_refused_with_reasons(self):
        article = make_draft(section=None, authors=[], body="<p> </p>", headline=" ")
        with self.assertRaises(NotReadyError) as raised:
            publish(item=article)
        self.assertEqual(len(raised.exception.reasons), 4)
        self.assertFalse(Version.objects.exists())

    def test_published_article_is_served_immediately(self):
        article = make_article(headline="A first headline")
        published = Article.objects.published().get(pk=article.pk)
        self.assertEqual(published.served().headline, "A first headline")

    def test_draft_changes_are_not_public(self):
        article = make_article(headline="As published")
        Article.objects.filter(pk=article.pk).update(headline="Being rewritten")
        self.assertContains(self.client.get(article.get_absolute_url()), "As published")
        self.assertNotContains(self.client.get(article.get_absolute_url()), "Being rewritten")

    def test_version_cannot_be_changed_or_deleted(self):
        version = make_article().live
        version.content = "{}"
        with self.assertRaises(AppendOnlyError):
            version.save()
        with self.assertRaises(AppendOnlyError):
            Version.objects.update(note="Something else")
        with self.assertRaises(AppendOnlyError):
            version.delete()
        with self.assertRaises(AppendOnlyError):
            Version.objects.all().delete()

    def test_versions_are_numbered_and_chained(self):
        article = make_article()
        make_version(article, headline="Second", note="We corrected the headline.")
        first, second = article.versions.order_by("number")
        self.assertEqual((first.number, second.number), (1, 2))
        self.assertNotEqual(first.digest, second.digest)
        self.assertEqual(article.live, second)

    def test_version_is_never_dated_before_the_previous_one(self):
        article = make_article()
        second = make_version(article, at=NOON - timedelta(days=9000), headline="Second")
        self.assertGreaterEqual(second.public_from, article.versions.get(number=1).public_from)

    def test_signal_is_sent_after_commit(self):
        received = []
        version_published.connect(
            lambda version, **kwargs: received.append(version.number), weak=False, dispatch_uid="t"
        )
        self.addCleanup(version_published.disconnect, dispatch_uid="t")
        with self.captureOnCommitCallbacks(execute=False) as callbacks:
            make_article()
        self.assertEqual(received, [])
        for callback in callbacks:
            callback()
        self.assertEqual(received, [1])

    def test_withdraw_and_restore(self):
        article = make_article()
        withdraw(item=article)
        self.assertEqual(self.client.get(article.get_absolute_url()).status_code, 410)
        self.assertNotContains(self.client.get("/latest/"), article.headline)
        restore(item=article)
        self.assertEqual(self.client.get(article.get_absolute_url()).status_code, 200)

    def test_withdraw_replaces_scheduled_expiry(self):
        article = make_article()
        Article.objects.filter(pk=article.pk).update(withdrawn_at=timezone.now() + timedelta(days=1))
        withdraw(item=article)
        self.assertEqual(self.client.get(article.get_absolute_url()).status_code, 410)

    def test_draft_cannot_be_withdrawn(self):
        article = make_draft()
        withdraw(item=article)
        self.assertEqual(Article.objects.get(pk=article.pk).state(), "draft")


class TimeTests(TestCase):
    """Due versions are served without any task."""

    def visibility(self, article: Article, text: str) -> dict[str, bool]:
        urls = {
            "page": article.get_absolute_url(),
            "front": "/",
            "latest": "/latest/",
            "section": article.section.get_absolute_url(),
            "author": article.bylines.get().author.get_absolute_url(),
            "topic": article.topics.get().get_absolute_url(),
        }
        for place in ("front", "section", "author", "topic"):
            for file in ("rss.xml", "atom.xml", "feed.json"):
                urls[f"{place} {file}"] = f"{urls[place]}feeds/{file}"
        return {name: text in self.client.get(url).content.decode() for name, url in urls.items()}

    def in_sitemap(self, article: Article) -> bool:
        files = re.findall(r"<loc>https?://[^/]+(/[^<]+)</loc>", self.client.get("/sitemap.xml").content.decode())
        everything = b"".join(self.client.get(file).getvalue() for file in [*files, "/sitemap-news.xml"])
        return everything.count(article.get_absolute_url().encode()) == 2

    def make(self, **fields) -> Article:
        return make_draft(topics=[make_topic()], **fields)

    def test_scheduled_version_is_served_from_its_time(self):
        later = NOON + timedelta(hours=2)
        with time_machine.travel(NOON, tick=False):
            article = self.make(headline="Unseen until two")
            publish(item=article, at=later)
        with time_machine.travel(later - timedelta(seconds=1), tick=False):
            self.assertEqual(set(self.visibility(article, "Unseen until two").values()), {False})
            self.assertFalse(self.in_sitemap(article))
            self.assertEqual(self.client.get(article.get_absolute_url()).status_code, 404)
        with time_machine.travel(later, tick=False):
            self.assertEqual(set(self.visibility(article, "Unseen until two").values()), {True})
            self.assertTrue(self.in_sitemap(article))

    @takes_longer("Many requests, one after the other.")
    def test_scheduled_update_is_served_from_its_time(self):
        later = NOON + timedelta(hours=2)
        with time_machine.travel(NOON, tick=False):
            article = self.make(headline="The old words")
            publish(item=article)
            make_version(article, headline="The new words", at=later, note="New words.")
        with time_machine.travel(later - timedelta(seconds=1), tick=False):
            self.assertEqual(set(self.visibility(article, "The old words").values()), {True})
            self.assertEqual(set(self.visibility(article, "The new words").values()), {False})
            self.assertNotContains(self.client.get(article.get_absolute_url()), "New words.")
        with time_machine.travel(later, tick=False):
            self.assertEqual(set(self.visibility(article, "The old words").values()), {False})
            self.assertEqual(set(self.visibility(article, "The new words").values()), {True})
            self.assertContains(self.client.get(article.get_absolute_url()), "Version 2")

    def test_section_changes_at_the_scheduled_time(self):
        later, old, new = NOON + timedelta(hours=2), make_section(), make_section()
        with time_machine.travel(NOON, tick=False):
            article = self.make(section=old)
            publish(item=article)
            make_version(article, section=new, at=later)
        for now, shown, hidden in [(later - timedelta(seconds=1), old, new), (later, new, old)]:
            with time_machine.travel(now, tick=False):
                self.assertContains(self.client.get(shown.get_absolute_url()), article.headline)
                self.assertNotContains(self.client.get(hidden.get_absolute_url()), article.headline)

    def test_publishing_replaces_the_scheduled_version(self):
        later = NOON + timedelta(hours=2)
        with time_machine.travel(NOON, tick=False):
            article = self.make(headline="First")
            publish(item=article)
            make_version(article, headline="Never to be seen", at=later)
            make_version(article, headline="Instead")
        with time_machine.travel(later, tick=False):
            self.assertEqual(set(self.visibility(article, "Never to be seen").values()), {False})
            self.assertEqual(set(self.visibility(article, "Instead").values()), {True})
            self.assertEqual([entry.number for entry in article.version_log().entries], [1, 2])

    def test_publication_date_is_fixed_once_public(self):
        with time_machine.travel(NOON, tick=False):
            article = self.make()
            publish(item=article, at=NOON + timedelta(hours=2))
            publish(item=article, at=NOON + timedelta(hours=3))
        self.assertEqual(article.published_at, NOON + timedelta(hours=3))
        with time_machine.travel(NOON + timedelta(hours=4), tick=False):
            publish(item=article)
        self.assertEqual(article.published_at, NOON + timedelta(hours=3))

    def test_an_article_that_cannot_be_promoted_does_not_hold_up_the_others(self):
        later = NOON + timedelta(hours=2)
        with time_machine.travel(NOON, tick=False):
            bad, good = self.make(headline="Bad"), self.make(headline="Good")
            for article in (bad, good):
                publish(item=article)
                make_version(article, headline="New", at=later)
        promote = ArticleType.promote_due

        def failing(self, item, now):
            if item.pk == bad.pk:
                raise ValueError("broken")
            return promote(self, item, now)

        with (
            time_machine.travel(later, tick=False),
            patch.object(ArticleType, "promote_due", failing),
            self.assertRaises(ExceptionGroup) as raised,
        ):
            promote_all_due()
        self.assertEqual(raised.exception.exceptions[0].__notes__, [f"Article {bad.pk}"])
        good.refresh_from_db()
        self.assertEqual((good.upcoming, good.live.headline), (None, "New"))

    def test_promoting_changes_nothing_for_readers_and_is_repeatable(self):
        later = NOON + timedelta(hours=2)
        with time_machine.travel(NOON, tick=False):
            article = self.make(headline="Old")
            publish(item=article)
            make_version(article, headline="New", at=later)
        with time_machine.travel(later + timedelta(days=7), tick=False):
            before = self.visibility(article, "New")
            self.assertEqual((promote_all_due(), promote_all_due()), (1, 0))
            self.assertEqual(self.visibility(article, "New"), before)
            self.assertEqual(SectionEntry.objects.filter(article=article).count(), 1)
            article.refresh_from_db()
            self.assertEqual((article.upcoming, article.upcoming_at), (None, None))

    def test_import_keeps_its_date(self):
        article = make_article(at=timezone.now() - timedelta(days=4000))
        self.assertLess(article.published_at, timezone.now() - timedelta(days=3999))
