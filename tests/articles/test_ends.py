"""The end of an article: to the second, moved, taken back, said at its address, and of two who plan it one is told."""

from datetime import timedelta
from threading import Barrier, Thread

import time_machine
from django.db import connection
from django.test import TestCase, TransactionTestCase
from django.urls import reverse
from django.utils import timezone

from articles.models import Article
from articles.services.expiry import ExpiryConflict, ExpiryError, cancel_expiry, change_note, schedule_expiry
from articles.services.publishing import NotReadyError, publish, restore, unschedule, withdraw
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
)


class TimeTests(TestCase):
    """True at read time: no task runs in these tests."""

    @classmethod
    def setUpTestData(cls):
        cls.section, cls.topic, cls.author = make_section(), make_topic(), make_author()
        with time_machine.travel(NOON, tick=False):
            places = {"section": cls.section, "topics": [cls.topic], "authors": [cls.author]}
            cls.article = make_article(slug="ends", headline="Zwanenzang", **places)
            schedule_expiry(item=cls.article, at=TWO, note="The offer that it told of has ended.")

    def test_it_is_there_until_the_second_and_no_longer(self):
        for moment, status, listed in [(TWO - SECOND, 200, True), (TWO, 410, False), (TWO + SECOND, 410, False)]:
            with time_machine.travel(moment, tick=False):
                self.assertEqual(self.client.get("/articles/ends/").status_code, status)
                for address in [
                    "/", "/latest/", "/search/?q=zwanenzang", "/sitemap-articles-1.xml", "/sitemap-news.xml",
                    "/feeds/rss.xml", self.section.get_absolute_url(), self.topic.get_absolute_url(),
                    self.author.get_absolute_url(), "/archive/2026/05/",
                ]:  # fmt: skip
                    with self.subTest(address=address, moment=moment):
                        answer = self.client.get(address)
                        there = b"/articles/ends/" in (answer.getvalue())
                        self.assertEqual(there, listed)

    def test_its_address_says_when_it_went_and_why(self):
        with time_machine.travel(TWO, tick=False), self.settings(TIME_ZONE="Europe/Amsterdam"):
            answer = self.client.get("/articles/ends/")
        self.assertContains(answer, "The offer that it told of has ended.", status_code=410)
        self.assertContains(answer, "3 May 2026, 16:00 CEST", status_code=410)
        self.assertNotContains(answer, "Zwanenzang", status_code=410)
        self.assertContains(answer, 'content="noindex"', status_code=410)

    def test_the_conversation_is_closed_and_what_was_typed_is_in_the_page(self):
        self.client.force_login(make_subscriber())
        for name in ("write", "keep"):
            with time_machine.travel(TWO, tick=False):
                self.client.force_login(make_subscriber())
                answer = self.client.post(reverse(f"comments:{name}", args=["ends"]), {"text": "My <b>words</b>"})
            self.assertContains(answer, "My &lt;b&gt;words&lt;/b&gt;", status_code=410)

    def test_the_address_of_a_comment_leads_to_where_it_is_said(self):
        with time_machine.travel(NOON, tick=False):
            shown, hidden = make_comment(article=self.article), make_comment(article=self.article, status="waiting")
        for moment, target in [(TWO - SECOND, "#comment-"), (TWO, "/articles/ends/")]:
            with time_machine.travel(moment, tick=False):
                self.assertIn(target, self.client.get(f"/comments/{shown.pk}/").headers["Location"])
                self.assertEqual(self.client.get(f"/comments/{hidden.pk}/").status_code, 404)
        waiting = make_comment(article=make_article(at=timezone.now() + timedelta(days=1)))
        self.assertEqual(self.client.get(f"/comments/{waiting.pk}/").status_code, 404)

    def test_what_never_was_public_is_not_found(self):
        withdrawn_before = make_article(slug="plan", at=timezone.now() + timedelta(days=1))
        withdraw(item=withdrawn_before)
        make_draft(slug="draft")
        for moment in (timezone.now(), timezone.now() + timedelta(days=2)):
            with time_machine.travel(moment):
                for slug in ("plan", "draft", "no-such"):
                    self.assertEqual(self.client.get(f"/articles/{slug}/").status_code, 404)

    def test_put_back_it_is_as_it_was_and_says_nothing(self):
        with time_machine.travel(TWO, tick=False):
            restore(item=self.article)
            self.assertEqual(self.client.get("/articles/ends/").status_code, 200)
        self.assertEqual((self.article.withdrawn_at, self.article.withdrawn_note), (None, ""))


class EndingTests(TestCase):
    def setUp(self):
        travel = time_machine.travel(NOON, tick=False)
        travel.start()
        self.addCleanup(travel.stop)
        self.article = make_article()

    def test_it_is_moved_and_taken_back_while_it_lies_ahead(self):
        schedule_expiry(item=self.article, at=TWO)
        schedule_expiry(item=self.article, at=TWO + SECOND, seen=TWO)
        self.assertEqual(self.article.withdrawn_at, TWO + SECOND)
        self.assertTrue(cancel_expiry(item=self.article))
        self.assertFalse(cancel_expiry(item=self.article))
        self.assertIsNone(self.article.withdrawn_at)

    def test_what_has_ended_does_not_go_on_by_itself(self):
        withdraw(item=self.article)
        self.assertFalse(cancel_expiry(item=self.article))
        self.assertEqual(self.article.state(), "withdrawn")
        with self.assertRaises(ExpiryError):
            schedule_expiry(item=self.article, at=TWO, seen=self.article.withdrawn_at)

    def test_of_two_editors_the_second_is_told(self):
        schedule_expiry(item=self.article, at=TWO)
        with self.assertRaises(ExpiryConflict):
            schedule_expiry(item=self.article, at=TWO + SECOND)
        self.assertEqual(Article.objects.get().withdrawn_at, TWO)

    def test_nothing_ends_before_it_begins(self):
        plan = make_article(at=TWO)
        make_version(self.article, headline="Another", at=TWO)
        for article, at in [(plan, TWO), (self.article, TWO), (make_draft(), TWO), (plan, NOON)]:
            with self.subTest(article.headline, at=at), self.assertRaises(ExpiryError):
                schedule_expiry(item=article, at=at)
        schedule_expiry(item=plan, at=TWO + SECOND)
        self.assertEqual(plan.state(), "scheduled")

    def test_nothing_is_published_for_after_its_end(self):
        schedule_expiry(item=self.article, at=TWO)
        self.article.headline = "Another"
        self.article.save()
        with self.assertRaises(NotReadyError):
            publish(item=self.article, at=TWO)
        publish(item=self.article, at=TWO - SECOND)
        self.assertEqual(self.article.state(), "changing")

    def test_a_plan_that_is_given_up_takes_its_end_along(self):
        plan = make_article(at=TWO)
        schedule_expiry(item=plan, at=TWO + SECOND, note="Words")
        unschedule(item=plan)
        self.assertEqual((plan.withdrawn_at, plan.withdrawn_note, plan.state()), (None, "", "draft"))

    def test_the_sentence_can_be_mended_later(self):
        withdraw(item=self.article, note="Once")
        change_note(item=self.article, note="Twice")
        self.assertContains(self.client.get(self.article.get_absolute_url()), "Twice", status_code=410)


class RaceTests(TransactionTestCase):
    def test_of_two_who_plan_an_end_at_once_one_is_told(self):
        article = make_article()
        barrier, done = Barrier(2), []

        def plan(days):
            try:
                barrier.wait()
                schedule_expiry(
                    item=Article.objects.get(), at=timezone.now() + timedelta(days=days), note=f"Day {days}"
                )
                done.append("planned")
            except ExpiryConflict:
                done.append("told")
            finally:
                connection.close()

        threads = [Thread(target=plan, args=[days]) for days in (1, 2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(sorted(done), ["planned", "told"])
        article.refresh_from_db()
        self.assertEqual(article.withdrawn_note, f"Day {(article.withdrawn_at - timezone.now()).days + 1}")


class QueryTests(TestCase):
    def test_a_withdrawn_address_costs_a_look_up_more(self):
        article = make_article()
        withdraw(item=article)
        with self.assertNumQueries(5):
            self.client.get(article.get_absolute_url())
