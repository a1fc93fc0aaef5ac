"""Expiry of dossiers and pages."""

from datetime import UTC, datetime, timedelta

import time_machine
from django.test import TestCase, override_settings
from django.urls import reverse
from django.utils import timezone

from articles.models import Dossier, Page, Redirect
from articles.services import publishing
from articles.services.expiry import ExpiryConflict, ExpiryError, cancel_expiry, change_note, schedule_expiry
from articles.services.menus import save_menus
from articles.services.publishing import NotReadyError
from tests.budget import takes_longer
from tests.factories import make_article, make_dossier, make_editor, make_page
from tests.transactions import TransactionTestCase
from tests.truthlytics.cache.visitor import MIDDLEWARE, Visitor
from truthlytics.cache import next_change

NOON = datetime(2026, 5, 3, 12, tzinfo=UTC)
TWO = NOON + timedelta(hours=2)
SECOND = timedelta(seconds=1)


def make_page_and_dossier(**page):
    """Return a page, and a dossier with an article."""
    article = make_article()
    return make_page(headline="Zwanenzang", **page), make_dossier(article, title="Zwanenzang"), article


def publish(item, **options):
    return publishing.publish(item=item, **options)


class ExpiryTimeTests(TestCase):
    """Expiry is evaluated at read time. No task runs in these tests."""

    def setUp(self):
        self.clock = self.enterContext(time_machine.travel(NOON, tick=False))
        self.page, self.dossier, self.article = make_page_and_dossier()
        self.items = (self.page, self.dossier)
        entries = [{"kind": "page", "target": str(self.page.uuid), "label": ""}]
        save_menus(content={"main": entries, "columns": []}, seen=0)
        for item in self.items:
            schedule_expiry(item=item, at=TWO, note="It was an <offer>.")

    def test_served_until_expiry(self):
        urls = ["/sitemap-pages-1.xml", "/sitemap-dossiers-1.xml", "/", self.article.get_absolute_url()]
        for now, status, listed in [(TWO - SECOND, 200, True), (TWO, 410, False), (TWO + SECOND, 410, False)]:
            self.clock.move_to(now)
            for item in self.items:
                self.assertEqual(self.client.get(item.get_absolute_url()).status_code, status)
            for url in urls:
                with self.subTest(url=url, now=now):
                    content = self.client.get(url).getvalue().decode()
                    shown = any(item.get_absolute_url() in content for item in self.items)
                    self.assertEqual(shown, listed)

    def test_url_shows_time_and_message_after_expiry(self):
        self.clock.move_to(TWO)
        with self.settings(TIME_ZONE="Europe/Amsterdam"):
            for item, name in ((self.page, "page"), (self.dossier, "dossier")):
                response = self.client.get(item.get_absolute_url())
                for text in (
                    f"This {name} is no longer available",
                    "It was an &lt;offer&gt;.",
                    "3 May 2026, 16:00 CEST",
                    'content="noindex"',
                ):
                    self.assertContains(response, text, status_code=410)
                self.assertNotContains(response, "Zwanenzang", status_code=410)
                self.assertFalse(response.cookies)

    def test_old_url_redirects_to_the_message(self):
        Redirect.objects.create(path="/who-we-are", page=self.page)
        self.clock.move_to(TWO)
        self.assertRedirects(self.client.get("/who-we-are/"), self.page.get_absolute_url(), 301, target_status_code=410)

    def test_never_published_is_not_found(self):
        scheduled, draft = make_page(at=TWO), make_page(published=False)
        dossier = make_dossier(publish=False)
        for item in (scheduled, draft, dossier):
            publishing.withdraw(item=item)
            for now in (NOON, TWO + SECOND):
                self.clock.move_to(now)
                self.assertEqual(self.client.get(item.get_absolute_url()).status_code, 404)
            self.clock.move_to(NOON)

    def test_expiry_must_be_after_publication(self):
        for item in (make_page(at=TWO), make_page(published=False), make_dossier(publish=False)):
            with self.subTest(item), self.assertRaises(ExpiryError):
                schedule_expiry(item=item, at=TWO)
        for item in self.items:
            with self.assertRaises(NotReadyError):
                publish(item, at=TWO)
            publish(item, at=TWO - SECOND)
            self.assertEqual(item.state(), "changing")
            with self.assertRaises(ExpiryError):
                schedule_expiry(item=item, at=TWO - SECOND, seen=TWO)

    def test_expiry_can_be_changed_cancelled_and_conflicts(self):
        for item in self.items:
            with self.assertRaises(ExpiryConflict):
                schedule_expiry(item=item, at=TWO + SECOND)
            schedule_expiry(item=item, at=TWO + SECOND, seen=TWO)
            self.assertEqual(item.withdrawn_at, TWO + SECOND)
            self.assertTrue(cancel_expiry(item=item))
            self.assertFalse(cancel_expiry(item=item))
            publishing.withdraw(item=item, note="Once")
            change_note(item=item, note="Twice")
            self.assertFalse(cancel_expiry(item=item))
            self.assertContains(self.client.get(item.get_absolute_url()), "Twice", status_code=410)
            publishing.restore(item=item)
            self.assertEqual((item.withdrawn_at, item.withdrawn_note, item.state()), (None, "", "published"))

    def test_unscheduling_cancels_expiry(self):
        scheduled = make_page(at=TWO)
        schedule_expiry(item=scheduled, at=TWO + SECOND, note="A note")
        publishing.unschedule(item=scheduled)
        self.assertEqual((scheduled.withdrawn_at, scheduled.withdrawn_note, scheduled.state()), (None, "", "draft"))

    def test_expiries_are_in_the_calendar(self):
        self.client.force_login(make_editor())
        response = self.client.get("/admin/calendar/2026/5/")
        event_urls = {event.url for day in response.context["days"] for event in day.events if event.kind == "end"}
        items = (("page", self.page), ("dossier", self.dossier))
        self.assertEqual(event_urls, {reverse(f"admin:articles_{kind}_end", args=[item.pk]) for kind, item in items})


class ExpiryPageTests(TestCase):
    """The expiry pages, in a time zone with daylight saving time."""

    def setUp(self):
        for context in (self.settings(TIME_ZONE="Europe/Amsterdam"), time_machine.travel("2026-10-01T12:00Z")):
            self.enterContext(context)
        self.page, self.dossier, _ = make_page_and_dossier()
        self.client.force_login(make_editor())

    def each(self):
        for item, kind in ((self.page, "page"), (self.dossier, "dossier")):
            with self.subTest(kind):
                yield (
                    lambda name, item=item, kind=kind: reverse(f"admin:articles_{kind}_{name}", args=[item.pk]),
                    lambda item=item: type(item).objects.get(pk=item.pk).withdrawn_at,
                    item,
                )

    def post(self, url, **data):
        return self.client.post(url("end"), {"day": "2026-11-27", "hour": "09:00", **data})

    def test_expiry_is_set_changed_and_cancelled(self):
        for url, expires_at, _ in self.each():
            self.assertContains(self.client.get(url("change")), "Schedule removal")
            self.assertEqual(self.post(url, note="It was an offer.").status_code, 302)
            self.assertEqual(expires_at(), datetime(2026, 11, 27, 8, tzinfo=UTC))
            self.assertContains(self.client.get(url("change")), "It will be removed on Fri 27 Nov 2026, 09:00 CET.")
            Page.objects.update(body="<p>Other words.</p>")
            Dossier.objects.update(summary="<p>Other words.</p>")
            self.assertContains(self.client.get(url("publish")), "27 November 2026, 09:00 CET")
            self.assertContains(self.client.get(url("end")), 'value="2026-11-27"')
            self.assertContains(self.post(url, hour="10:00", seen=0), "changed in the meantime", status_code=422)
            self.assertEqual(self.post(url, hour="10:00", seen=int(expires_at().timestamp())).status_code, 302)
            self.assertContains(self.client.get(url("keep")), "10:00 CET")
            self.client.post(url("keep"))
            self.assertIsNone(expires_at())

    def test_times_around_clock_changes(self):
        for url, expires_at, _ in self.each():
            nonexistent = self.post(url, day="2027-03-28", hour="02:30")
            self.assertContains(nonexistent, "This time does not exist", status_code=422)
            ambiguous = self.post(url, day="2026-10-25", hour="02:30")
            self.assertContains(ambiguous, "This time occurs twice", status_code=422)
            self.assertIsNone(expires_at())
            self.post(url, day="2026-10-25", hour="02:30", which="second")
            self.assertEqual(expires_at(), datetime(2026, 10, 25, 1, 30, tzinfo=UTC))

    def test_button_shows_the_time_before_submitting(self):
        for url, expires_at, _ in self.each():
            self.assertContains(self.post(url, look="1"), "Remove on Fri 27 Nov, 09:00 CET")
            self.assertIsNone(expires_at())

    def test_invalid_input_gets_an_error(self):
        for url, expires_at, _ in self.each():
            for data in (
                {"day": ""},
                {"day": "9999-12-31"},
                {"hour": "25:00"},
                {"seen": "9" * 30},
                {"note": "x" * 301},
            ):
                self.assertEqual(self.post(url, **data).status_code, 422)
            self.assertIsNone(expires_at())

    def test_withdraw_with_message_and_restore(self):
        for url, _, item in self.each():
            for note in ("A source gave a false name.", "Another sentence."):
                self.assertEqual(self.client.post(url("withdraw"), {"note": note}).status_code, 302)
                self.assertContains(self.client.get(item.get_absolute_url()), note, status_code=410)
            self.assertContains(self.client.get(url("change")), "Message at the old URL")
            self.assertContains(self.post(url), "This is not on the site", status_code=422)
            self.client.post(url("restore"))
            self.assertEqual(self.client.get(item.get_absolute_url()).status_code, 200)


@override_settings(MIDDLEWARE=MIDDLEWARE, ALLOWED_HOSTS=["testserver"])
class CachedPageTests(TransactionTestCase):
    @takes_longer("Long lists are made and read.")
    def test_cached_pages_follow_the_expiry(self):
        next_change._cached.clear()
        visitor = Visitor()
        with time_machine.travel(NOON, tick=False) as at:
            page, dossier, article = make_page_and_dossier(purpose="AboutPage")
            items = (page, dossier)
            urls = [page.get_absolute_url(), dossier.get_absolute_url(), article.get_absolute_url()]

            def shown(now):
                at.move_to(now)
                # Requested ambiguous, so that the second response can come from the cache.
                return [b"Zwanenzang" in [visitor.get(url) for _ in range(2)][1]["body"] for url in urls]

            self.assertEqual(shown(NOON), [True] * 3)
            for item in items:
                schedule_expiry(item=item, at=TWO)
            self.assertEqual(next_change.next_change(timezone.now()), TWO)
            self.assertEqual(shown(TWO - SECOND), [True] * 3)
            self.assertEqual(shown(TWO), [False] * 3)
            rendered = visitor.rendered
            for url in urls[:2]:
                self.assertEqual(visitor.get(url)["status"], "410 Gone")
            self.assertEqual(visitor.rendered, rendered)
            for item in items:
                publishing.restore(item=item)
            self.assertEqual(shown(TWO), [True] * 3)
            for item in items:
                schedule_expiry(item=item, at=TWO + 9 * SECOND)
            shown(TWO + SECOND)
            for item in items:
                schedule_expiry(item=item, at=TWO + 2 * SECOND, seen=TWO + 9 * SECOND)
            self.assertEqual(shown(TWO + 2 * SECOND), [False] * 3)
