"""Rescheduling versions in the calendar."""

from datetime import UTC, datetime, timedelta
from threading import Barrier, Thread

import time_machine
from django.db import connection
from django.urls import reverse
from django.utils import timezone

from articles import search
from articles.integrity import chain_digest
from articles.models import Article, SectionEntry, Version
from articles.services.expiry import schedule_expiry
from articles.services.publishing import withdraw
from articles.services.scheduling import ScheduleConflict, ScheduleError, reschedule
from tests.articles.clock_change import DAY, NOW, ClockChangeTestCase
from tests.factories import make_article, make_version
from tests.transactions import TransactionTestCase


class RescheduleTests(ClockChangeTestCase):
    def setUp(self):
        super().setUp()
        self.article = make_article(headline="Zwanenzang", at=datetime(2026, 10, 22, 7, 30, 20, tzinfo=UTC))
        self.url = reverse("admin:calendar_move", args=[self.article.pk])
        self.client.force_login(self.users["Editor"])

    def post(self, **data):
        return self.client.post(self.url, {"seen": "1", **data})

    def scheduled_for(self):
        self.article.refresh_from_db()
        return self.article.upcoming_at

    def test_dropping_on_another_day_keeps_the_time_of_day(self):
        response = self.post(day="2026-10-27", back="month")
        self.assertEqual(response.headers.get("Location"), "/admin/calendar/2026/10/")
        # 09:30:20 local time, after the clocks went back.
        self.assertEqual(self.scheduled_for(), datetime(2026, 10, 27, 8, 30, 20, tzinfo=UTC))
        self.assertContains(self.client.get(response.url), "rescheduled from")
        self.assertRedirects(self.post(day="2026-10-28", seen="2", back="week"), "/admin/calendar/week/2026/10/28/")

    def test_nonexistent_and_ambiguous_times_are_refused(self):
        reschedule(item=self.article, at=datetime(2026, 10, 22, 0, 30, tzinfo=UTC), seen=1)
        nonexistent = self.post(day="2027-03-28", seen="2")
        self.assertContains(nonexistent, "This time does not exist", status_code=422)
        ambiguous = self.post(day="2026-10-25", seen="2")
        self.assertContains(ambiguous, "This time occurs twice", status_code=422)
        self.assertEqual(self.scheduled_for(), datetime(2026, 10, 22, 0, 30, tzinfo=UTC))
        self.post(day="2026-10-25", hour="02:30", which="second", seen="2")
        self.assertEqual(self.scheduled_for(), datetime(2026, 10, 25, 1, 30, tzinfo=UTC))

    def test_errors_are_shown_and_input_is_kept(self):
        for data, text in [
            ({"day": "2026-10-19"}, "This time has passed"),
            ({"day": "2199-01-01"}, "within the next five years"),
            ({"day": "no"}, "Enter a valid date"),
            ({}, "Choose a date"),
            ({"day": "2026-10-27", "seen": ""}, "2026-10-27"),
            ({"day": "2026-10-27", "seen": "7"}, "in the meantime"),
            ({"day": "2026-10-27", "back": "x"}, "27"),
            ({"day": "2026-10-27", "seen": "9" * 40}, "2026-10-27"),
            ({"day": "\x00"}, "Enter a valid date"),
        ]:
            with self.subTest(data):
                self.assertContains(self.post(**data), text, status_code=422)
        self.assertEqual(Version.objects.count(), 1)

    def test_new_version_repeats_the_scheduled_content_and_extends_the_chain(self):
        first = Version.objects.get()
        Article.objects.filter(pk=self.article.pk).update(headline="Edited since")
        version = reschedule(item=self.article, at=NOW + 5 * DAY, seen=1, by=self.users["Editor"])
        self.assertEqual((version.content, version.number, version.headline), (first.content, 2, "Zwanenzang"))
        self.assertEqual(version.digest, chain_digest(first.digest, self.article.uuid, version))
        self.assertEqual(self.article.published_at, NOW + 5 * DAY)
        first.refresh_from_db()
        self.assertEqual(first.superseded_at, NOW)
        self.assertEqual(self.article.headline, "Edited since")

    def test_article_is_published_exactly_at_the_new_time(self):
        at = NOW + 5 * DAY
        reschedule(item=self.article, at=at, seen=1)
        section = self.article.section.get_absolute_url()
        for time, public in [(at - timedelta(seconds=1), False), (at, True)]:
            with time_machine.travel(time, tick=False):
                self.assertEqual(self.client.get(self.article.get_absolute_url()).status_code, 200 if public else 404)
                for url in ("/latest/", section, "/sitemap-news.xml"):
                    self.assertEqual(b"/articles/headline" in self.client.get(url).content, public, url)
                self.assertEqual(len(search.find("zwanenzang", level=0).versions), int(public))

    def test_rescheduled_update_keeps_the_live_text_until_then(self):
        live = make_article(headline="Before", at=NOW - DAY)
        make_version(live, headline="After", at=NOW + DAY)
        reschedule(item=live, at=NOW + 2 * DAY, seen=2)
        self.assertEqual(live.published_at, NOW - DAY)
        for time, headline in [(NOW + DAY, "Before"), (NOW + 2 * DAY, "After")]:
            with time_machine.travel(time, tick=False):
                self.assertContains(self.client.get(live.section.get_absolute_url()), headline)
                self.assertEqual(SectionEntry.objects.filter(article=live).served().count(), 1)

    def test_refuses_times_after_expiry_or_in_the_past_and_unscheduled_articles(self):
        schedule_expiry(item=self.article, at=NOW + 4 * DAY)
        for at in (NOW + 4 * DAY, NOW, NOW - DAY):
            with self.assertRaises(ScheduleError):
                reschedule(item=self.article, at=at, seen=1)
        withdraw(item=self.article)
        with self.assertRaises(ScheduleError):
            reschedule(item=self.article, at=NOW + DAY, seen=1)
        with self.assertRaises(ScheduleConflict):
            reschedule(item=make_article(), at=NOW + DAY, seen=1)
        with time_machine.travel(NOW + 3 * DAY), self.assertRaises(ScheduleConflict):
            reschedule(item=self.article, at=NOW + 5 * DAY, seen=1)

    def test_same_time_makes_no_version(self):
        self.assertEqual(reschedule(item=self.article, at=self.article.upcoming_at, seen=1).number, 1)


class RescheduleRaceTests(TransactionTestCase):
    def test_second_of_two_concurrent_moves_is_a_conflict(self):
        article = make_article(at=timezone.now() + DAY)
        barrier, done = Barrier(2), []

        def move(days_on):
            try:
                barrier.wait()
                reschedule(item=Article.objects.get(), at=timezone.now() + days_on * DAY, seen=1)
                done.append("moved")
            except ScheduleConflict:
                done.append("conflict")
            finally:
                connection.close()

        threads = [Thread(target=move, args=[days_on]) for days_on in (2, 3)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(sorted(done), ["conflict", "moved"])
        self.assertEqual(article.versions.filter(superseded_at=None).count(), 1)
