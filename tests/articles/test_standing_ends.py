"""The end of a dossier and of a page: planned to the second, taken back, and said at their addresses."""

from datetime import UTC, datetime, timedelta

import time_machine
from django.test import TestCase, TransactionTestCase, override_settings
from django.urls import reverse
from django.utils import timezone

from articles.models import Dossier, Page, Redirect
from articles.services import publishing
from articles.services.expiry import ExpiryConflict, ExpiryError, cancel_expiry, change_note, schedule_expiry
from articles.services.menus import save_menus
from articles.services.publishing import NotReadyError
from tests.factories import make_article, make_dossier, make_editor, make_page
from tests.truthlytics.test_page_cache import MIDDLEWARE, Visitor
from truthlytics.cache import next_change

NOON = datetime(2026, 5, 3, 12, tzinfo=UTC)
TWO = NOON + timedelta(hours=2)
SECOND = timedelta(seconds=1)


def both(**page):
    """A page and a dossier; of the latter the article that it belongs to."""
    piece = make_article()
    return make_page(headline="Zwanenzang", **page), make_dossier(piece, title="Zwanenzang"), piece


def publish(thing, **how):
    if isinstance(thing, Page):
        return publishing.publish(item=thing, **how)
    return publishing.publish(item=thing, **how)


class TimeTests(TestCase):
    """True at read time: no task runs in these tests."""

    def setUp(self):
        self.clock = self.enterContext(time_machine.travel(NOON, tick=False))
        self.page, self.dossier, self.piece = both()
        self.things = (self.page, self.dossier)
        items = [{"kind": "page", "target": str(self.page.uuid), "label": ""}]
        save_menus(content={"main": items, "columns": []}, seen=0)
        for thing in self.things:
            schedule_expiry(item=thing, at=TWO, note="It was an <offer>.")

    def test_each_is_there_until_the_second_and_no_longer(self):
        places = ["/sitemap-pages-1.xml", "/sitemap-dossiers-1.xml", "/", self.piece.get_absolute_url()]
        for moment, status, listed in [(TWO - SECOND, 200, True), (TWO, 410, False), (TWO + SECOND, 410, False)]:
            self.clock.move_to(moment)
            for thing in self.things:
                self.assertEqual(self.client.get(thing.get_absolute_url()).status_code, status)
            for address in places:
                with self.subTest(address=address, moment=moment):
                    found = self.client.get(address).getvalue().decode()
                    there = any(thing.get_absolute_url() in found for thing in self.things)
                    self.assertEqual(there, listed)

    def test_the_address_says_when_it_went_and_why(self):
        self.clock.move_to(TWO)
        with self.settings(TIME_ZONE="Europe/Amsterdam"):
            for thing, name in ((self.page, "page"), (self.dossier, "dossier")):
                answer = self.client.get(thing.get_absolute_url())
                for words in (
                    f"This {name} is no longer available", "It was an &lt;offer&gt;.", "3 May 2026, 16:00 CEST",
                    'content="noindex"',
                ):  # fmt: skip
                    self.assertContains(answer, words, status_code=410)
                self.assertNotContains(answer, "Zwanenzang", status_code=410)
                self.assertFalse(answer.cookies)

    def test_an_old_address_leads_to_where_it_is_said(self):
        Redirect.objects.create(path="/who-we-are", page=self.page)
        self.clock.move_to(TWO)
        self.assertRedirects(self.client.get("/who-we-are/"), self.page.get_absolute_url(), 301, target_status_code=410)

    def test_what_never_was_public_is_not_found(self):
        plan, draft = make_page(at=TWO), make_page(published=False)
        told = make_dossier(publish=False)
        for thing in (plan, draft, told):
            publishing.withdraw(item=thing)
            for moment in (NOON, TWO + SECOND):
                self.clock.move_to(moment)
                self.assertEqual(self.client.get(thing.get_absolute_url()).status_code, 404)
            self.clock.move_to(NOON)

    def test_nothing_ends_before_it_begins_and_nothing_begins_after_its_end(self):
        for thing in (make_page(at=TWO), make_page(published=False), make_dossier(publish=False)):
            with self.subTest(thing), self.assertRaises(ExpiryError):
                schedule_expiry(item=thing, at=TWO)
        for thing in self.things:
            with self.assertRaises(NotReadyError):
                publish(thing, at=TWO)
            publish(thing, at=TWO - SECOND)
            self.assertEqual(thing.state(), "changing")
            with self.assertRaises(ExpiryError):
                schedule_expiry(item=thing, at=TWO - SECOND, seen=TWO)

    def test_it_is_moved_taken_back_and_explained_and_the_second_editor_is_told(self):
        for thing in self.things:
            with self.assertRaises(ExpiryConflict):
                schedule_expiry(item=thing, at=TWO + SECOND)
            schedule_expiry(item=thing, at=TWO + SECOND, seen=TWO)
            self.assertEqual(thing.withdrawn_at, TWO + SECOND)
            self.assertTrue(cancel_expiry(item=thing))
            self.assertFalse(cancel_expiry(item=thing))
            publishing.withdraw(item=thing, note="Once")
            change_note(item=thing, note="Twice")
            self.assertFalse(cancel_expiry(item=thing))
            self.assertContains(self.client.get(thing.get_absolute_url()), "Twice", status_code=410)
            publishing.restore(item=thing)
            self.assertEqual((thing.withdrawn_at, thing.withdrawn_note, thing.state()), (None, "", "published"))

    def test_a_plan_that_is_given_up_takes_its_end_along(self):
        plan = make_page(at=TWO)
        schedule_expiry(item=plan, at=TWO + SECOND, note="Words")
        publishing.unschedule(item=plan)
        self.assertEqual((plan.withdrawn_at, plan.withdrawn_note, plan.state()), (None, "", "draft"))

    def test_the_calendar_has_both_ends(self):
        self.client.force_login(make_editor())
        found = self.client.get("/admin/calendar/2026/5/")
        ends = {slip.url for day in found.context["days"] for slip in day.slips if slip.kind == "end"}
        things = (("page", self.page), ("dossier", self.dossier))
        self.assertEqual(ends, {reverse(f"admin:articles_{kind}_end", args=[thing.pk]) for kind, thing in things})


class DeskTests(TestCase):
    """The pages on which an end is planned, in a zone whose clocks change."""

    def setUp(self):
        for context in (self.settings(TIME_ZONE="Europe/Amsterdam"), time_machine.travel("2026-10-01T12:00Z")):
            self.enterContext(context)
        self.page, self.dossier, _ = both()
        self.client.force_login(make_editor())

    def each(self):
        for thing, kind in ((self.page, "page"), (self.dossier, "dossier")):
            with self.subTest(kind):
                yield (
                    lambda name, thing=thing, kind=kind: reverse(f"admin:articles_{kind}_{name}", args=[thing.pk]),
                    lambda thing=thing: type(thing).objects.get(pk=thing.pk).withdrawn_at,
                    thing,
                )

    def post(self, url, **data):
        return self.client.post(url("end"), {"day": "2026-11-27", "hour": "09:00", **data})

    def test_it_is_set_shown_everywhere_moved_and_taken_back(self):
        for url, ends, _ in self.each():
            self.assertContains(self.client.get(url("change")), "Schedule removal")
            self.assertEqual(self.post(url, note="It was an offer.").status_code, 302)
            self.assertEqual(ends(), datetime(2026, 11, 27, 8, tzinfo=UTC))
            self.assertContains(self.client.get(url("change")), "Expires Fri 27 Nov 2026, 09:00 CET.")
            Page.objects.update(body="<p>Other words.</p>")
            Dossier.objects.update(summary="<p>Other words.</p>")
            self.assertContains(self.client.get(url("publish")), "27 November 2026, 09:00 CET")
            self.assertContains(self.client.get(url("end")), 'value="2026-11-27"')
            self.assertContains(self.post(url, hour="10:00", seen=0), "changed in the meantime", status_code=422)
            self.assertEqual(self.post(url, hour="10:00", seen=int(ends().timestamp())).status_code, 302)
            self.assertContains(self.client.get(url("keep")), "10:00 CET")
            self.client.post(url("keep"))
            self.assertIsNone(ends())

    def test_the_hour_that_is_left_out_is_refused_and_the_double_one_asked(self):
        for url, ends, _ in self.each():
            missing = self.post(url, day="2027-03-28", hour="02:30")
            self.assertContains(missing, "This time does not exist", status_code=422)
            twice = self.post(url, day="2026-10-25", hour="02:30")
            self.assertContains(twice, "This time occurs twice", status_code=422)
            self.assertIsNone(ends())
            self.post(url, day="2026-10-25", hour="02:30", which="second")
            self.assertEqual(ends(), datetime(2026, 10, 25, 1, 30, tzinfo=UTC))

    def test_the_button_names_the_moment_first(self):
        for url, ends, _ in self.each():
            self.assertContains(self.post(url, look="1"), "Take down on Fri 27 Nov, 09:00 CET")
            self.assertIsNone(ends())

    def test_odd_input_gets_a_sentence(self):
        for url, ends, _ in self.each():
            for data in (
                {"day": ""},
                {"day": "9999-12-31"},
                {"hour": "25:00"},
                {"seen": "9" * 30},
                {"note": "x" * 301},
            ):
                self.assertEqual(self.post(url, **data).status_code, 422)
            self.assertIsNone(ends())

    def test_withdrawing_says_why_the_sentence_is_changed_and_it_comes_back(self):
        for url, _, thing in self.each():
            for note in ("A source was not who she said.", "Another sentence."):
                self.assertEqual(self.client.post(url("withdraw"), {"note": note}).status_code, 302)
                self.assertContains(self.client.get(thing.get_absolute_url()), note, status_code=410)
            self.assertContains(self.client.get(url("change")), "Message at the old URL")
            self.assertContains(self.post(url), "It is not on the site", status_code=422)
            self.client.post(url("restore"))
            self.assertEqual(self.client.get(thing.get_absolute_url()).status_code, 200)


@override_settings(MIDDLEWARE=MIDDLEWARE, ALLOWED_HOSTS=["testserver"])
class KeptPageTests(TransactionTestCase):
    def test_kept_pages_end_with_it_and_follow_each_change_of_the_plan(self):
        next_change._known = None
        visitor = Visitor()
        with time_machine.travel(NOON, tick=False) as at:
            page, dossier, piece = both(purpose="AboutPage")
            things = (page, dossier)
            addresses = [page.get_absolute_url(), dossier.get_absolute_url(), piece.get_absolute_url()]

            def there(moment):
                at.move_to(moment)
                # Asked for twice, so that the second is a kept one where it may be.
                return [b"Zwanenzang" in [visitor.get(one) for _ in range(2)][1]["body"] for one in addresses]

            self.assertEqual(there(NOON), [True] * 3)
            for thing in things:
                schedule_expiry(item=thing, at=TWO)
            self.assertEqual(next_change.next_change(timezone.now()), TWO)
            self.assertEqual(there(TWO - SECOND), [True] * 3)
            self.assertEqual(there(TWO), [False] * 3)
            made = visitor.made
            for address in addresses[:2]:
                self.assertEqual(visitor.get(address)["status"], "410 Gone")
            self.assertEqual(visitor.made, made)
            for thing in things:
                publishing.restore(item=thing)
            self.assertEqual(there(TWO), [True] * 3)
            for thing in things:
                schedule_expiry(item=thing, at=TWO + 9 * SECOND)
            there(TWO + SECOND)
            for thing in things:
                schedule_expiry(item=thing, at=TWO + 2 * SECOND, seen=TWO + 9 * SECOND)
            self.assertEqual(there(TWO + 2 * SECOND), [False] * 3)
