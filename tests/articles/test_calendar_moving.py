"""What waits is moved to another day, and of two who move it one is told."""

from datetime import UTC, datetime, timedelta
from threading import Barrier, Thread

import time_machine
from django.db import connection
from django.test import TransactionTestCase
from django.urls import reverse
from django.utils import timezone

from articles import search
from articles.integrity import chain_digest
from articles.models import Article, SectionEntry, Version
from articles.services.expiry import end_at
from articles.services.publishing import withdraw
from articles.services.scheduling import ScheduleConflict, ScheduleError, reschedule
from tests.articles.autumn import DAY, NOW, AutumnTestCase
from tests.factories import make_article, make_version


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
            with self.assertRaises(ScheduleError):
                reschedule(article=self.article, at=at, seen=1)
        withdraw(article=self.article)
        with self.assertRaises(ScheduleError):
            reschedule(article=self.article, at=NOW + DAY, seen=1)
        with self.assertRaises(ScheduleConflict):
            reschedule(article=make_article(), at=NOW + DAY, seen=1)
        with time_machine.travel(NOW + 3 * DAY), self.assertRaises(ScheduleConflict):
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
            except ScheduleConflict:
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
