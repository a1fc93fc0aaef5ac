"""Expiry of articles: served until the second, with a message at the URL afterwards."""

from datetime import timedelta
from threading import Barrier, Thread

import time_machine
from django.db import connection
from django.test import TestCase
from django.urls import reverse
from django.utils import timezone

from articles.models import Article
from articles.services.expiry import ExpiryConflict, ExpiryError, cancel_expiry, change_note, schedule_expiry
from articles.services.publishing import NotReadyError, restore, unschedule, withdraw
from tests.articles.expiry import NOON, SECOND, TWO
from tests.factories import (
    make_article,
    make_author,
    make_comment,
    make_draft,
    make_section,
    make_subscriber,
    make_topic,
    make_version,
    publish_change,
)
from tests.transactions import TransactionTestCase


class TimeTests(TestCase):
    """Expiry is evaluated at read time. No task runs in these tests."""

    @classmethod
    def setUpTestData(cls):
        cls.section, cls.topic, cls.author = make_section(), make_topic(), make_author()
        with time_machine.travel(NOON, tick=False):
            places = {"section": cls.section, "topics": [cls.topic], "authors": [cls.author]}
            cls.article = make_article(slug="ends", headline="Zwanenzang", **places)
            schedule_expiry(item=cls.article, at=TWO, note="The offer has ended.")

    def test_article_is_served_until_its_expiry(self):
        for now, status, listed in [(TWO - SECOND, 200, True), (TWO, 410, False), (TWO + SECOND, 410, False)]:
            with time_machine.travel(now, tick=False):
                self.assertEqual(self.client.get("/articles/ends/").status_code, status)
                for url in [
                    "/",
                    "/latest/",
                    "/search/?q=zwanenzang",
                    "/sitemap-articles-1.xml",
                    "/sitemap-news.xml",
                    "/feeds/rss.xml",
                    self.section.get_absolute_url(),
                    self.topic.get_absolute_url(),
                    self.author.get_absolute_url(),
                    "/archive/2026/05/",
                ]:
                    with self.subTest(url=url, now=now):
                        response = self.client.get(url)
                        found = b"/articles/ends/" in (response.getvalue())
                        self.assertEqual(found, listed)

    def test_url_shows_time_and_message_after_expiry(self):
        with time_machine.travel(TWO, tick=False), self.settings(TIME_ZONE="Europe/Amsterdam"):
            response = self.client.get("/articles/ends/")
        self.assertContains(response, "The offer has ended.", status_code=410)
        self.assertContains(response, "3 May 2026, 16:00 CEST", status_code=410)
        self.assertNotContains(response, "Zwanenzang", status_code=410)
        self.assertContains(response, 'content="noindex"', status_code=410)

    def test_comments_close_and_submitted_text_is_kept(self):
        self.client.force_login(make_subscriber())
        for name in ("write", "keep"):
            with time_machine.travel(TWO, tick=False):
                self.client.force_login(make_subscriber())
                response = self.client.post(reverse(f"comments:{name}", args=["ends"]), {"text": "My <b>words</b>"})
            self.assertContains(response, "My &lt;b&gt;words&lt;/b&gt;", status_code=410)

    def test_comment_url_redirects_to_the_article(self):
        with time_machine.travel(NOON, tick=False):
            shown, hidden = make_comment(article=self.article), make_comment(article=self.article, status="waiting")
        for now, target in [(TWO - SECOND, "#comment-"), (TWO, "/articles/ends/")]:
            with time_machine.travel(now, tick=False):
                self.assertIn(target, self.client.get(f"/comments/{shown.pk}/").headers["Location"])
                self.assertEqual(self.client.get(f"/comments/{hidden.pk}/").status_code, 404)
        waiting = make_comment(article=make_article(at=timezone.now() + timedelta(days=1)))
        self.assertEqual(self.client.get(f"/comments/{waiting.pk}/").status_code, 404)

    def test_never_published_article_is_not_found(self):
        withdrawn = make_article(slug="scheduled", at=timezone.now() + timedelta(days=1))
        withdraw(item=withdrawn)
        make_draft(slug="draft")
        for now in (timezone.now(), timezone.now() + timedelta(days=2)):
            with time_machine.travel(now):
                for slug in ("scheduled", "draft", "no-such"):
                    self.assertEqual(self.client.get(f"/articles/{slug}/").status_code, 404)

    def test_restored_article_has_no_message(self):
        with time_machine.travel(TWO, tick=False):
            restore(item=self.article)
            self.assertEqual(self.client.get("/articles/ends/").status_code, 200)
        self.assertEqual((self.article.withdrawn_at, self.article.withdrawn_note), (None, ""))


class ExpiryTests(TestCase):
    def setUp(self):
        travel = time_machine.travel(NOON, tick=False)
        travel.start()
        self.addCleanup(travel.stop)
        self.article = make_article()

    def test_expiry_can_be_changed_and_cancelled(self):
        schedule_expiry(item=self.article, at=TWO)
        schedule_expiry(item=self.article, at=TWO + SECOND, seen=TWO)
        self.assertEqual(self.article.withdrawn_at, TWO + SECOND)
        self.assertTrue(cancel_expiry(item=self.article))
        self.assertFalse(cancel_expiry(item=self.article))
        self.assertIsNone(self.article.withdrawn_at)

    def test_cancelling_does_not_restore_withdrawn_article(self):
        withdraw(item=self.article)
        self.assertFalse(cancel_expiry(item=self.article))
        self.assertEqual(self.article.state(), "withdrawn")
        with self.assertRaises(ExpiryError):
            schedule_expiry(item=self.article, at=TWO, seen=self.article.withdrawn_at)

    def test_second_editor_gets_a_conflict(self):
        schedule_expiry(item=self.article, at=TWO)
        with self.assertRaises(ExpiryConflict):
            schedule_expiry(item=self.article, at=TWO + SECOND)
        self.assertEqual(Article.objects.get().withdrawn_at, TWO)

    def test_expiry_must_be_after_publication(self):
        scheduled = make_article(at=TWO)
        make_version(self.article, headline="Another", at=TWO)
        for article, at in [(scheduled, TWO), (self.article, TWO), (make_draft(), TWO), (scheduled, NOON)]:
            with self.subTest(article.headline, at=at), self.assertRaises(ExpiryError):
                schedule_expiry(item=article, at=at)
        schedule_expiry(item=scheduled, at=TWO + SECOND)
        self.assertEqual(scheduled.state(), "scheduled")

    def test_cannot_publish_after_expiry(self):
        schedule_expiry(item=self.article, at=TWO)
        self.article.headline = "Another"
        self.article.save()
        with self.assertRaises(NotReadyError):
            publish_change(self.article, at=TWO)
        publish_change(self.article, at=TWO - SECOND)
        self.assertEqual(self.article.state(), "changing")

    def test_unscheduling_first_version_cancels_expiry(self):
        scheduled = make_article(at=TWO)
        schedule_expiry(item=scheduled, at=TWO + SECOND, note="A note")
        unschedule(item=scheduled)
        self.assertEqual((scheduled.withdrawn_at, scheduled.withdrawn_note, scheduled.state()), (None, "", "draft"))

    def test_message_can_be_changed(self):
        withdraw(item=self.article, note="Once")
        change_note(item=self.article, note="Twice")
        self.assertContains(self.client.get(self.article.get_absolute_url()), "Twice", status_code=410)


class RaceTests(TransactionTestCase):
    def test_one_of_two_concurrent_expiries_wins(self):
        article = make_article()
        barrier, outcomes = Barrier(2), []

        def schedule(days):
            try:
                barrier.wait()
                schedule_expiry(
                    item=Article.objects.get(), at=timezone.now() + timedelta(days=days), note=f"Day {days}"
                )
                outcomes.append("scheduled")
            except ExpiryConflict:
                outcomes.append("conflict")
            finally:
                connection.close()

        threads = [Thread(target=schedule, args=[days]) for days in (1, 2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(sorted(outcomes), ["conflict", "scheduled"])
        article.refresh_from_db()
        self.assertEqual(article.withdrawn_note, f"Day {(article.withdrawn_at - timezone.now()).days + 1}")


class QueryTests(TestCase):
    def test_withdrawn_url_takes_six_queries(self):
        article = make_article()
        withdraw(item=article)
        with self.assertNumQueries(6):
            self.client.get(article.get_absolute_url())
