"""The newsroom's calendar: what is planned and what was, by its clocks; and plans that are moved."""

from datetime import UTC, date, datetime, timedelta
from threading import Barrier, Thread

import time_machine
from django.db import connection
from django.test import TestCase, TransactionTestCase
from django.urls import reverse
from django.utils import timezone

from articles import search
from articles.models import Article, SectionEntry, Version
from articles.planned import days, midnight
from articles.record import chain_digest
from articles.services import dossiers
from articles.services.ending import end_at
from articles.services.planning import NotThen, Overtaken, reschedule
from articles.services.publishing import publish, withdraw
from tests.factories import (
    make_article,
    make_author,
    make_dossier,
    make_draft,
    make_edition,
    make_member,
    make_page,
    make_version,
)
from truthlytics.roles import ROLES

NOW = datetime(2026, 10, 20, 12, tzinfo=UTC)
DAY = timedelta(days=1)


class AutumnTestCase(TestCase):
    """Amsterdam, five days before its clocks go back."""

    def setUp(self):
        for context in (time_machine.travel(NOW, tick=False), self.settings(TIME_ZONE="Europe/Amsterdam")):
            self.enterContext(context)
        self.people = {role: make_member(role) for role in ROLES}

    def see(self, address, role="Editor"):
        self.client.force_login(self.people[role])
        return self.client.get(address)

    def slips(self, role="Editor", address="/admin/calendar/"):
        found = self.see(address, role).context["days"]
        return {(slip.kind, day.date.day, slip.title): slip for day in found for slip in day.slips}


class CalendarTests(AutumnTestCase):
    def test_everything_that_was_and_will_be_has_its_day(self):
        early = make_article(headline="Early", at=NOW - 10 * DAY)
        make_article(headline="Planned", at=NOW + 3 * DAY)
        make_version(early, headline="Early, changed")
        make_version(early, headline="Early, to change", at=NOW + 2 * DAY)
        ending = make_article(headline="Ending", at=NOW - DAY)
        end_at(thing=ending, at=NOW + 4 * DAY)
        make_edition(at=NOW + 6 * DAY)
        make_page(headline="Our policy", at=NOW + 7 * DAY)
        dossier = make_dossier(early, title="Told")
        dossier.entries.create(date="2026", text="More")
        dossiers.publish(dossier=dossier, at=NOW + 5 * DAY)
        Article.objects.filter(pk=make_draft(headline="Unfinished").pk).update(due_on=date(2026, 10, 28))
        expected = {
            ("first", 10, "Early"), ("first", 23, "Planned"), ("change", 20, "Early, changed"),
            ("change", 22, "Early, to change"), ("first", 19, "Ending"), ("end", 24, "Ending"),
            ("page", 27, "Our policy"),
            ("edition", 26, "Edition 1"), ("dossier", 20, "Told"), ("dossier", 25, "Told"), ("due", 28, "Unfinished"),
        }  # fmt: skip
        found = self.slips()
        self.assertEqual(set(found), expected)
        self.assertEqual({key[0] for key, slip in found.items() if slip.past}, {"first", "change", "dossier"})
        self.assertEqual({key[2] for key, slip in found.items() if slip.moves}, {"Planned", "Early, to change"})
        week = set(self.slips(address="/admin/calendar/week/2026/10/20/"))
        self.assertEqual(week, {key for key in expected if 19 <= key[1] <= 25})

    def test_a_plan_that_was_replaced_is_not_there(self):
        article = make_article(headline="Moved", at=NOW + DAY)
        publish(article=article, at=NOW + 3 * DAY)
        self.assertEqual(set(self.slips()), {("first", 23, "Moved")})

    def test_days_are_those_of_the_newsroom(self):
        make_article(headline="After midnight", at=datetime(2026, 10, 21, 22, 30, tzinfo=UTC))
        self.assertEqual(set(self.slips()), {("first", 22, "After midnight")})
        with self.settings(TIME_ZONE="America/New_York"):
            self.assertEqual(set(self.slips()), {("first", 21, "After midnight")})

    def test_a_day_of_25_hours_is_whole_and_says_so(self):
        for hour in (0, 1):
            make_article(headline=f"Half past two, {hour}", at=datetime(2026, 10, 25, hour, 30, tzinfo=UTC))
        make_article(headline="Last", at=datetime(2026, 10, 25, 22, 59, 59, tzinfo=UTC))
        make_article(headline="Next", at=datetime(2026, 10, 25, 23, tzinfo=UTC))
        found = self.slips()
        self.assertEqual([key[1] for key in found], [25, 25, 25, 26])
        page = self.see("/admin/calendar/")
        self.assertContains(page, "Clocks go back")
        self.assertContains(page, "CEST")
        self.assertContains(self.see("/admin/calendar/2027/3/"), "Clocks go forward")

    def test_midnight_is_where_the_day_begins_also_where_there_is_none(self):
        with self.settings(TIME_ZONE="Africa/Cairo"):
            timezone.get_default_timezone.cache_clear()
            day = days(date(2026, 4, 24), 1, self.people["Editor"])[0]
            self.assertEqual(
                (day.clocks, midnight(day.date)), ("Clocks go forward", datetime(2026, 4, 23, 22, tzinfo=UTC))
            )

    def test_what_is_not_the_calendars_is_not_found(self):
        for address in [
            "2026/13/",
            "2026/0/",
            "0/1/",
            "99999999999999999999/1/",
            "week/2026/2/30/",
            "week/1/1/1/",
            "x/",
        ]:
            with self.subTest(address):
                self.assertEqual(self.see(f"/admin/calendar/{address}").status_code, 404)

    def test_earlier_and_later_lead_on_from_month_to_month(self):
        seen = self.see("/admin/calendar/2026/12/").context
        self.assertEqual((seen["earlier"], seen["later"]), ("/admin/calendar/2026/11/", "/admin/calendar/2027/1/"))
        seen = self.see("/admin/calendar/week/2027/1/1/").context
        self.assertEqual(seen["earlier"], "/admin/calendar/week/2026/12/21/")

    def test_a_full_day_says_how_many_more_there_are(self):
        for number in range(8):
            make_article(headline=f"Piece {number}")
        self.assertContains(self.see("/admin/calendar/"), "3 more")
        self.assertNotContains(self.see("/admin/calendar/week/"), " more<")

    def test_queries_do_not_grow(self):
        def count(number):
            for _ in range(number):
                article = make_article(at=NOW - DAY)
                end_at(thing=article, at=NOW + DAY)
                make_article(at=NOW + DAY)
                make_draft()
            self.see("/admin/calendar/")
            with self.assertNumQueries(13):
                self.client.get("/admin/calendar/")

        count(1)
        count(5)


class RolesTests(AutumnTestCase):
    def setUp(self):
        super().setUp()
        own = make_author(user=self.people["Author"])
        self.mine = make_article(headline="Mine, public", authors=[own], at=NOW - DAY)
        self.waiting = make_article(headline="Mine, waiting", authors=[own], at=NOW + DAY)
        self.draft = make_draft(headline="Mine, due", authors=[own])
        self.foreign = make_draft(headline="Foreign, due")
        make_article(headline="Foreign, public", at=NOW - DAY)
        Article.objects.filter(live=None, upcoming=None).update(due_on=date(2026, 10, 22))
        self.move = reverse("admin:calendar_move", args=[self.waiting.pk])

    def test_an_author_sees_their_own_alone_and_moves_nothing(self):
        found = self.slips("Author")
        self.assertEqual({key[2] for key in found}, {"Mine, public", "Mine, due"})
        self.assertEqual(found["first", 19, "Mine, public"].url, self.mine.get_absolute_url())
        self.assertNotContains(self.see("/admin/calendar/", "Author"), "data-move")
        self.assertNotContains(self.see("/admin/calendar/", "Author"), "Foreign")

    def test_each_address_by_role_and_method(self):
        data = {"day": "2026-10-24", "hour": "09:00", "seen": "1"}
        pages = [
            "/admin/calendar/",
            "/admin/calendar/2026/10/",
            "/admin/calendar/week/",
            "/admin/calendar/week/2026/10/20/",
        ]
        draft = reverse("admin:calendar_move", args=[self.draft.pk])
        expected = {
            "Author": (200, 405, 404, 404, 403), "Editor": (200, 405, 200, 302, 200),
            "Publisher": (200, 405, 200, 422, 200), "Moderator": (403, 405, 404, 404, 404),
        }  # fmt: skip
        for role, (get, post, move_get, move_post, of_draft) in expected.items():
            self.client.force_login(self.people[role])
            with self.subTest(role):
                for page in pages:
                    self.assertEqual(self.client.get(page).status_code, get)
                    self.assertEqual(self.client.post(page).status_code, post)
                self.assertEqual(self.client.get(self.move).status_code, move_get)
                self.assertEqual(self.client.post(self.move, data).status_code, move_post)
                self.assertEqual(self.client.get(draft).status_code, of_draft)
        self.client.logout()
        for page in [*pages, self.move]:
            self.assertEqual(self.client.get(page).status_code, 302)

    def test_a_moderator_has_no_such_room(self):
        self.assertNotContains(self.see("/admin/", "Moderator"), "/admin/calendar/")
        self.assertContains(self.see("/admin/", "Author"), "/admin/calendar/")


class MovingTests(AutumnTestCase):
    def setUp(self):
        super().setUp()
        self.article = make_article(headline="Zwanenzang", at=datetime(2026, 10, 22, 7, 30, 20, tzinfo=UTC))
        self.url = reverse("admin:calendar_move", args=[self.article.pk])
        self.client.force_login(self.people["Editor"])

    def post(self, **data):
        return self.client.post(self.url, {"seen": "1", **data})

    def at(self):
        self.article.refresh_from_db()
        return self.article.upcoming_at

    def test_dropped_on_another_day_it_keeps_its_time_of_day(self):
        answer = self.post(day="2026-10-27", back="month")
        self.assertEqual(answer.headers.get("Location"), "/admin/calendar/2026/10/")
        # 09:30:20 by the clocks, which went back in between.
        self.assertEqual(self.at(), datetime(2026, 10, 27, 8, 30, 20, tzinfo=UTC))
        self.assertContains(self.client.get(answer.url), "it was planned for")
        self.assertRedirects(self.post(day="2026-10-28", seen="2", back="week"), "/admin/calendar/week/2026/10/28/")

    def test_it_asks_where_the_time_does_not_exist_or_exists_twice(self):
        reschedule(article=self.article, at=datetime(2026, 10, 22, 0, 30, tzinfo=UTC), seen=1)
        gap = self.post(day="2027-03-28", seen="2")
        self.assertContains(gap, "this time does not exist", status_code=422)
        fold = self.post(day="2026-10-25", seen="2")
        self.assertContains(fold, "Which one is meant?", status_code=422)
        self.assertEqual(self.at(), datetime(2026, 10, 22, 0, 30, tzinfo=UTC))
        self.post(day="2026-10-25", hour="02:30", which="second", seen="2")
        self.assertEqual(self.at(), datetime(2026, 10, 25, 1, 30, tzinfo=UTC))

    def test_a_refusal_keeps_what_was_typed(self):
        for data, words in [
            ({"day": "2026-10-19"}, "This time has passed"), ({"day": "2199-01-01"}, "within the next five years"),
            ({"day": "no"}, "Enter a valid date"), ({}, "Choose a day"),
            ({"day": "2026-10-27", "seen": ""}, "2026-10-27"),
            ({"day": "2026-10-27", "seen": "7"}, "does not wait any more"), ({"day": "2026-10-27", "back": "x"}, "27"),
            ({"day": "2026-10-27", "seen": "9" * 40}, "2026-10-27"), ({"day": "\x00"}, "Enter a valid date"),
        ]:  # fmt: skip
            with self.subTest(data):
                self.assertContains(self.post(**data), words, status_code=422)
        self.assertEqual(Version.objects.count(), 1)

    def test_the_record_holds_and_the_words_are_those_that_waited(self):
        first = Version.objects.get()
        Article.objects.filter(pk=self.article.pk).update(headline="Written since")
        version = reschedule(article=self.article, at=NOW + 5 * DAY, seen=1, by=self.people["Editor"])
        self.assertEqual((version.content, version.number, version.headline), (first.content, 2, "Zwanenzang"))
        self.assertEqual(version.digest, chain_digest(first.digest, self.article.uuid, version))
        self.assertEqual(self.article.published_at, NOW + 5 * DAY)
        first.refresh_from_db()
        self.assertEqual(first.superseded_at, NOW)
        self.assertEqual(self.article.headline, "Written since")

    def test_readers_get_it_at_the_new_time_to_the_second(self):
        at = NOW + 5 * DAY
        reschedule(article=self.article, at=at, seen=1)
        section = self.article.section.get_absolute_url()
        for moment, there in [(at - timedelta(seconds=1), False), (at, True)]:
            with time_machine.travel(moment, tick=False):
                self.assertEqual(self.client.get(self.article.get_absolute_url()).status_code, 200 if there else 404)
                for address in ("/latest/", section, "/sitemap-news.xml"):
                    self.assertEqual(b"/articles/headline" in self.client.get(address).content, there, address)
                self.assertEqual(len(search.find("zwanenzang", level=0).versions), int(there))

    def test_a_change_is_moved_and_the_live_text_stays_until_then(self):
        live = make_article(headline="Before", at=NOW - DAY)
        make_version(live, headline="After", at=NOW + DAY)
        reschedule(article=live, at=NOW + 2 * DAY, seen=2)
        self.assertEqual(live.published_at, NOW - DAY)
        for moment, words in [(NOW + DAY, "Before"), (NOW + 2 * DAY, "After")]:
            with time_machine.travel(moment, tick=False):
                self.assertContains(self.client.get(live.section.get_absolute_url()), words)
                self.assertEqual(SectionEntry.objects.filter(article=live).served().count(), 1)

    def test_nothing_is_moved_past_its_end_or_into_the_past_or_where_nothing_waits(self):
        end_at(thing=self.article, at=NOW + 4 * DAY)
        for at in (NOW + 4 * DAY, NOW, NOW - DAY):
            with self.assertRaises(NotThen):
                reschedule(article=self.article, at=at, seen=1)
        withdraw(article=self.article)
        with self.assertRaises(NotThen):
            reschedule(article=self.article, at=NOW + DAY, seen=1)
        with self.assertRaises(Overtaken):
            reschedule(article=make_article(), at=NOW + DAY, seen=1)
        with time_machine.travel(NOW + 3 * DAY), self.assertRaises(Overtaken):
            reschedule(article=self.article, at=NOW + 5 * DAY, seen=1)

    def test_the_same_time_again_is_no_version(self):
        self.assertEqual(reschedule(article=self.article, at=self.article.upcoming_at, seen=1).number, 1)


class RaceTests(TransactionTestCase):
    def test_of_two_who_move_it_at_once_one_is_told(self):
        article = make_article(at=timezone.now() + DAY)
        barrier, done = Barrier(2), []

        def move(days_on):
            try:
                barrier.wait()
                reschedule(article=Article.objects.get(), at=timezone.now() + days_on * DAY, seen=1)
                done.append("moved")
            except Overtaken:
                done.append("told")
            finally:
                connection.close()

        threads = [Thread(target=move, args=[days_on]) for days_on in (2, 3)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(sorted(done), ["moved", "told"])
        self.assertEqual(article.versions.filter(superseded_at=None).count(), 1)
