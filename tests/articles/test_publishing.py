import re
from datetime import UTC, datetime, timedelta

import time_machine
from django.test import TestCase
from django.utils import timezone

from articles.models import AppendOnlyError, Article, SectionEntry, Version
from articles.services.publishing import NotReadyError, promote_all_due, publish, restore, withdraw
from articles.signals import version_published
from tests.factories import make_article, make_draft, make_section, make_version

NOON = datetime(2026, 5, 3, 12, 0, tzinfo=UTC)


class PublishingTests(TestCase):
    def test_a_draft_without_section_author_or_text_says_what_is_missing(self):
        article = make_draft(section=None, authors=[], body="<p> </p>", headline=" ")
        with self.assertRaises(NotReadyError) as caught:
            publish(item=article)
        self.assertEqual(len(caught.exception.reasons), 4)
        self.assertFalse(Version.objects.exists())

    def test_what_is_published_is_served_at_once(self):
        article = make_article(headline="A first headline")
        found = Article.objects.published().get(pk=article.pk)
        self.assertEqual(found.served().headline, "A first headline")

    def test_the_working_row_can_change_without_readers_seeing_it(self):
        article = make_article(headline="As published")
        Article.objects.filter(pk=article.pk).update(headline="Being rewritten")
        self.assertContains(self.client.get(article.get_absolute_url()), "As published")
        self.assertNotContains(self.client.get(article.get_absolute_url()), "Being rewritten")

    def test_a_version_is_never_changed_nor_deleted(self):
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
        make_version(article, headline="Second", note="We mended the headline.")
        first, second = article.versions.order_by("number")
        self.assertEqual((first.number, second.number), (1, 2))
        self.assertNotEqual(first.digest, second.digest)
        self.assertEqual(article.live, second)

    def test_no_version_is_dated_before_the_one_it_follows(self):
        article = make_article()
        second = make_version(article, at=NOON - timedelta(days=9000), headline="Second")
        self.assertGreaterEqual(second.public_from, article.versions.get(number=1).public_from)

    def test_the_signal_comes_after_the_commit(self):
        heard = []
        version_published.connect(lambda version, **kwargs: heard.append(version.number), weak=False, dispatch_uid="t")
        self.addCleanup(version_published.disconnect, dispatch_uid="t")
        with self.captureOnCommitCallbacks(execute=False) as callbacks:
            make_article()
        self.assertEqual(heard, [])
        for callback in callbacks:
            callback()
        self.assertEqual(heard, [1])

    def test_withdrawn_is_gone_and_restored_is_back(self):
        article = make_article()
        withdraw(item=article)
        self.assertEqual(self.client.get(article.get_absolute_url()).status_code, 410)
        self.assertNotContains(self.client.get("/latest/"), article.headline)
        restore(item=article)
        self.assertEqual(self.client.get(article.get_absolute_url()).status_code, 200)

    def test_an_end_set_for_later_can_come_now(self):
        article = make_article()
        Article.objects.filter(pk=article.pk).update(withdrawn_at=timezone.now() + timedelta(days=1))
        withdraw(item=article)
        self.assertEqual(self.client.get(article.get_absolute_url()).status_code, 410)

    def test_a_draft_is_nothing_to_withdraw(self):
        article = make_draft()
        withdraw(item=article)
        self.assertEqual(Article.objects.get(pk=article.pk).state(), "draft")


class TimeTests(TestCase):
    """What is due is served by the clock alone: no task runs in these tests."""

    def everywhere(self, article: Article, words: str) -> dict[str, bool]:
        addresses = {
            "page": article.get_absolute_url(),
            "front": "/",
            "latest": "/latest/",
            "section": article.section.get_absolute_url(),
            "author": article.bylines.get().author.get_absolute_url(),
            "topic": article.topics.get().get_absolute_url(),
        }
        for place in ("front", "section", "author", "topic"):
            for file in ("rss.xml", "atom.xml", "feed.json"):
                addresses[f"{place} {file}"] = f"{addresses[place]}feeds/{file}"
        return {name: words in self.client.get(address).content.decode() for name, address in addresses.items()}

    def in_sitemap(self, article: Article) -> bool:
        files = re.findall(r"<loc>https?://[^/]+(/[^<]+)</loc>", self.client.get("/sitemap.xml").content.decode())
        everything = b"".join(self.client.get(file).getvalue() for file in [*files, "/sitemap-news.xml"])
        return everything.count(article.get_absolute_url().encode()) == 2

    def make(self, **fields) -> Article:
        from tests.factories import make_topic

        return make_draft(topics=[make_topic()], **fields)

    def test_a_scheduled_version_is_served_from_its_second_on(self):
        later = NOON + timedelta(hours=2)
        with time_machine.travel(NOON, tick=False):
            article = self.make(headline="Unseen until two")
            publish(item=article, at=later)
        with time_machine.travel(later - timedelta(seconds=1), tick=False):
            self.assertEqual(set(self.everywhere(article, "Unseen until two").values()), {False})
            self.assertFalse(self.in_sitemap(article))
            self.assertEqual(self.client.get(article.get_absolute_url()).status_code, 404)
        with time_machine.travel(later, tick=False):
            self.assertEqual(set(self.everywhere(article, "Unseen until two").values()), {True})
            self.assertTrue(self.in_sitemap(article))

    def test_a_change_to_a_live_article_is_served_from_its_second_on(self):
        later = NOON + timedelta(hours=2)
        with time_machine.travel(NOON, tick=False):
            article = self.make(headline="The old words")
            publish(item=article)
            make_version(article, headline="The new words", at=later, note="New words.")
        with time_machine.travel(later - timedelta(seconds=1), tick=False):
            self.assertEqual(set(self.everywhere(article, "The old words").values()), {True})
            self.assertEqual(set(self.everywhere(article, "The new words").values()), {False})
            self.assertNotContains(self.client.get(article.get_absolute_url()), "New words.")
        with time_machine.travel(later, tick=False):
            self.assertEqual(set(self.everywhere(article, "The old words").values()), {False})
            self.assertEqual(set(self.everywhere(article, "The new words").values()), {True})
            self.assertContains(self.client.get(article.get_absolute_url()), "Version 2")

    def test_moving_to_another_section_is_seen_from_its_second_on(self):
        later, old, new = NOON + timedelta(hours=2), make_section(), make_section()
        with time_machine.travel(NOON, tick=False):
            article = self.make(section=old)
            publish(item=article)
            make_version(article, section=new, at=later)
        for moment, here, gone in [(later - timedelta(seconds=1), old, new), (later, new, old)]:
            with time_machine.travel(moment, tick=False):
                self.assertContains(self.client.get(here.get_absolute_url()), article.headline)
                self.assertNotContains(self.client.get(gone.get_absolute_url()), article.headline)

    def test_publishing_again_replaces_what_was_waiting(self):
        later = NOON + timedelta(hours=2)
        with time_machine.travel(NOON, tick=False):
            article = self.make(headline="First")
            publish(item=article)
            make_version(article, headline="Never to be seen", at=later)
            make_version(article, headline="Instead")
        with time_machine.travel(later, tick=False):
            self.assertEqual(set(self.everywhere(article, "Never to be seen").values()), {False})
            self.assertEqual(set(self.everywhere(article, "Instead").values()), {True})
            self.assertEqual([change.number for change in article.version_log().changes], [1, 3])

    def test_the_date_moves_until_something_was_served_and_never_after(self):
        with time_machine.travel(NOON, tick=False):
            article = self.make()
            publish(item=article, at=NOON + timedelta(hours=2))
            publish(item=article, at=NOON + timedelta(hours=3))
        self.assertEqual(article.published_at, NOON + timedelta(hours=3))
        with time_machine.travel(NOON + timedelta(hours=4), tick=False):
            publish(item=article)
        self.assertEqual(article.published_at, NOON + timedelta(hours=3))

    def test_folding_changes_nothing_that_readers_see_and_can_run_twice(self):
        later = NOON + timedelta(hours=2)
        with time_machine.travel(NOON, tick=False):
            article = self.make(headline="Old")
            publish(item=article)
            make_version(article, headline="New", at=later)
        with time_machine.travel(later + timedelta(days=7), tick=False):
            before = self.everywhere(article, "New")
            self.assertEqual((promote_all_due(), promote_all_due()), (1, 0))
            self.assertEqual(self.everywhere(article, "New"), before)
            self.assertEqual(SectionEntry.objects.filter(article=article).count(), 1)
            article.refresh_from_db()
            self.assertEqual((article.upcoming, article.upcoming_at), (None, None))

    def test_an_import_keeps_its_date(self):
        article = make_article(at=timezone.now() - timedelta(days=4000))
        self.assertLess(article.published_at, timezone.now() - timedelta(days=3999))
