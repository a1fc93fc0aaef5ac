"""Scheduling the expiry of an article in the admin, and cached pages around it."""

from datetime import UTC, datetime

import time_machine
from django.test import TestCase, override_settings
from django.urls import reverse

from articles.models import Article
from articles.services.expiry import schedule_expiry
from articles.services.publishing import restore, withdraw
from tests.articles.expiry import NONEXISTENT_TIME, NOON, SECOND, TWO
from tests.factories import make_article, make_editor
from tests.transactions import TransactionTestCase
from tests.truthlytics.cache.visitor import MIDDLEWARE, Visitor
from truthlytics.cache import next_change


class ExpiryPageTests(TestCase):
    """The expiry page, in a time zone with daylight saving time."""

    def setUp(self):
        for context in (self.settings(TIME_ZONE="Europe/Amsterdam"), time_machine.travel("2026-10-01T12:00Z")):
            self.enterContext(context)
        self.article = make_article()
        self.client.force_login(make_editor())
        self.url = reverse("admin:articles_article_end", args=[self.article.pk])

    def post(self, **data):
        return self.client.post(self.url, {"day": "2026-11-27", "hour": "09:00", **data})

    def expires_at(self):
        return Article.objects.get(pk=self.article.pk).withdrawn_at

    def test_expiry_is_set_changed_and_cancelled(self):
        self.assertEqual(self.post(note="It was an offer.").status_code, 302)
        self.assertEqual(self.expires_at(), datetime(2026, 11, 27, 8, tzinfo=UTC))
        change = reverse("admin:articles_article_change", args=[self.article.pk])
        self.assertContains(self.client.get(change), "It will be removed on Fri 27 Nov 2026, 09:00 CET.")
        self.assertContains(self.client.get(reverse("admin:articles_article_changelist")), "2026-11-27T09:00:00+01:00")
        Article.objects.update(headline="Another")
        publishing = self.client.get(reverse("admin:articles_article_publish", args=[self.article.pk]))
        self.assertContains(publishing, "27 November 2026, 09:00 CET")
        self.assertContains(self.client.get(self.url), 'value="2026-11-27"')
        self.assertEqual(self.post(hour="10:00", seen=int(self.expires_at().timestamp())).status_code, 302)
        cancel_url = reverse("admin:articles_article_keep", args=[self.article.pk])
        self.assertContains(self.client.get(cancel_url), "10:00 CET")
        self.client.post(cancel_url)
        self.assertIsNone(self.expires_at())

    def test_times_around_clock_changes(self):
        nonexistent = self.post(day="2027-03-28", hour="02:30")
        self.assertContains(nonexistent, "This time does not exist", status_code=422)
        self.assertContains(nonexistent, 'value="2027-03-28"', status_code=422)
        self.assertContains(self.post(day="2026-10-25", hour="02:30"), "This time occurs twice", status_code=422)
        self.assertIsNone(self.expires_at())
        self.post(day="2026-10-25", hour="02:30", which="second")
        self.assertEqual(self.expires_at(), datetime(2026, 10, 25, 1, 30, tzinfo=UTC))

    def test_button_shows_the_time_before_submitting(self):
        response = self.post(look="1")
        self.assertContains(response, "Remove on Fri 27 Nov, 09:00 CET")
        self.assertIsNone(self.expires_at())
        confirmed = "2026-11-27T08:00:00+00:00"
        self.assertContains(response, f'name="confirmed" value="{confirmed}"')
        self.assertContains(self.post(hour="10:00", confirmed=confirmed), "Remove on Fri 27 Nov, 10:00 CET")
        self.assertEqual(self.post(confirmed=confirmed).status_code, 302)

    def test_concurrent_change_is_reported(self):
        schedule_expiry(item=self.article, at=datetime(2026, 12, 1, tzinfo=UTC))
        response = self.post(seen=0)
        self.assertContains(response, "changed in the meantime", status_code=422)
        self.assertEqual(self.post(seen=response.context["form"].data["seen"]).status_code, 302)

    def test_invalid_input_gets_an_error(self):
        for data in [
            {"day": "", "hour": ""},
            {"day": "9999-12-31"},
            {"day": "0001-01-01"},
            {"hour": "25:00"},
            {"which": "third"},
            {"seen": "x"},
            {"seen": "9" * 30},
            {"note": "x" * 301},
        ]:
            with self.subTest(data):
                self.assertEqual(self.post(**data).status_code, 422)
        self.assertIsNone(self.expires_at())

    def test_drafts_and_withdrawn_articles_cannot_expire(self):
        withdraw(item=self.article)
        self.assertContains(self.post(), "This is not on the site", status_code=422)

    def test_withdraw_with_message_and_change_it(self):
        url = reverse("admin:articles_article_withdraw", args=[self.article.pk])
        for note in ("A source gave a false name.", "Another sentence."):
            self.assertEqual(self.client.post(url, {"note": note}).status_code, 302)
            self.assertContains(self.client.get(self.article.get_absolute_url()), note, status_code=410)

    def test_local_time_endpoint(self):
        url = reverse("admin:moment")
        for data, expected in [
            ({"day": "2026-11-27", "hour": "09:00"}, {"named": "Fri 27 Nov, 09:00 CET", "which": False}),
            ({"day": "2027-03-28", "hour": "02:30"}, {"which": False, "sentence": NONEXISTENT_TIME}),
            ({"day": "2026-10-25", "hour": "02:30"}, {"which": True}),
            ({"day": "2026-10-25", "hour": "02:30", "which": "first"}, {"named": "Sun 25 Oct, 02:30 CEST"}),
            ({"day": "x", "hour": "\x00"}, {"which": False}),
        ]:
            with self.subTest(data):
                response = self.client.get(url, data)
                if "\x00" in data["hour"]:
                    self.assertEqual(response.status_code, 400)
                else:
                    self.assertLessEqual(expected.items(), response.json().items())


@override_settings(MIDDLEWARE=MIDDLEWARE, ALLOWED_HOSTS=["testserver"])
class CachedPageTests(TransactionTestCase):
    def setUp(self):
        next_change._cached.clear()
        self.visitor = Visitor()
        with time_machine.travel(NOON, tick=False):
            self.article = make_article(headline="Zwanenzang")
        self.pages = [self.article.get_absolute_url(), "/latest/", self.article.section.get_absolute_url()]

    def shown(self, now):
        """Request each page twice, so that the second response can come from the cache."""
        with time_machine.travel(now, tick=False):
            return [b"Zwanenzang" in [self.visitor.get(page) for _ in range(2)][1]["body"] for page in self.pages]

    def test_cached_pages_follow_the_expiry(self):
        self.assertEqual(self.shown(NOON), [True] * 3)
        with time_machine.travel(NOON, tick=False):
            schedule_expiry(item=self.article, at=TWO)
        self.assertEqual(self.shown(TWO - SECOND), [True] * 3)
        self.assertEqual(self.shown(TWO), [False] * 3)
        made = self.visitor.rendered
        with time_machine.travel(TWO, tick=False):
            self.assertEqual(self.visitor.get(self.pages[0])["status"], "410 Gone")
            self.assertEqual(self.visitor.rendered, made)
            restore(item=self.article)
        self.assertEqual(self.shown(TWO), [True] * 3)

    def test_cached_pages_follow_an_earlier_expiry(self):
        with time_machine.travel(NOON, tick=False):
            schedule_expiry(item=self.article, at=TWO)
            self.shown(NOON)
            schedule_expiry(item=self.article, at=NOON + SECOND, seen=TWO)
        self.assertEqual(self.shown(NOON + SECOND), [False] * 3)
