"""Reads: counted once each in whatever way a page reaches its reader, of readers only, and kept without loss."""

import logging
from collections import Counter
from datetime import date, timedelta
from threading import Barrier, Thread
from unittest import mock

from django.conf import settings
from django.db import OperationalError, connection
from django.test import RequestFactory, SimpleTestCase, TransactionTestCase, override_settings
from django.utils import timezone

from articles.models import Article, ReadCount
from articles.models.read_counts import DAYS_KEPT
from tests.factories import make_article, make_comments, make_editor, make_subscriber
from tests.truthlytics.test_page_cache import MIDDLEWARE, Visitor
from truthlytics.cache import next_change
from truthlytics.web import read_counter
from truthlytics.web.read_counter import Reads, is_reader

FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0"
PEOPLE = (
    FIREFOX,
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.1"
    " Mobile/15E148 Safari/604.1",
    "Mozilla/5.0 (Linux; Android 11; CUBOT X30 Build/RP1A) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130 Mobile"
    " Safari/537.36",
    "Lynx/2.9.2 libwww-FM/2.14",
)
PROGRAMS = (
    "",
    "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)",
    "Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko; compatible; GPTBot/1.2; +https://openai.com/gptbot)",
    "curl/8.5.0",
    "python-requests/2.32",
    "facebookexternalhit/1.1",
    "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 HeadlessChrome/130.0 Safari/537.36",
    "Feedly/1.0",
    "Baiduspider",
)


class ReaderTests(SimpleTestCase):
    def test_browsers_are_readers_and_programs_that_say_so_are_not(self):
        for agent in PEOPLE:
            self.assertTrue(is_reader(agent), agent)
        for agent in PROGRAMS:
            self.assertFalse(is_reader(agent), agent)


@override_settings(MIDDLEWARE=MIDDLEWARE, ALLOWED_HOSTS=["testserver"])
class CountedTests(TransactionTestCase):
    def setUp(self):
        next_change._known = None
        self.article = make_article()
        self.address = self.article.get_absolute_url()
        self.reads = Reads(ReadCount.objects.add)
        self.visitor = Visitor(reads=self.reads)
        self.enterContext(mock.patch.object(read_counter, "READS", self.reads))

    def get(self, path=None, **headers):
        return self.visitor.get(path or self.address, **{"HTTP_USER_AGENT": FIREFOX} | headers)

    def counted(self):
        self.reads.flush()
        return ReadCount.objects.totals([self.article.pk]).get(self.article.pk, 0)

    def test_a_page_made_and_a_page_kept_are_one_read_each(self):
        first = self.get()
        for _ in range(4):
            self.get(HTTP_ACCEPT_ENCODING="gzip")
        self.assertEqual((self.visitor.made, self.counted()), (1, 5))
        self.assertNotIn("X-Page-Read-Of", first["headers"])

    def test_a_subscriber_counts_and_the_newsroom_does_not(self):
        for user, expected in ((make_subscriber(), 1), (make_editor(), 1)):
            self.client.force_login(user)
            answer = self.get(HTTP_COOKIE=f"sessionid={self.client.cookies['sessionid'].value}")
            self.assertEqual(answer["status"], "200 OK")
            self.assertNotIn("X-Page-Read-Of", answer["headers"])
            self.assertEqual(self.counted(), expected)

    def test_programs_pages_fetched_ahead_head_and_304_are_no_reads(self):
        etag = self.get()["headers"]["ETag"]
        for _ in range(2):
            for agent in PROGRAMS:
                self.get(HTTP_USER_AGENT=agent)
            self.get(HTTP_SEC_PURPOSE="prefetch;prerender")
            self.get(HTTP_PURPOSE="prefetch")
            self.get(HTTP_IF_NONE_MATCH=etag)
            self.visitor.get(self.address, method="HEAD", HTTP_USER_AGENT=FIREFOX)
        self.assertEqual(self.counted(), 1)
        self.get(HTTP_IF_NONE_MATCH='"of-another-version"')
        self.assertEqual(self.counted(), 2)

    def test_a_program_that_comes_first_leaves_a_page_that_counts(self):
        self.get(HTTP_USER_AGENT="Googlebot/2.1")
        self.visitor.get(self.address, method="HEAD", HTTP_USER_AGENT=FIREFOX)
        self.get()
        self.assertEqual((self.visitor.made, self.counted()), (1, 1))

    def test_nothing_else_is_counted(self):
        make_comments(self.article, 60)
        page = self.get()["body"].decode()
        more = page.partition("?comments=")[2].partition('"')[0].partition("#")[0]
        self.assertTrue(more)
        for path in ("/", "/latest/", f"{self.address}?comments={more}", "/articles/none/", "/feeds/rss.xml"):
            self.get(path)
        self.assertEqual((self.counted(), ReadCount.objects.count()), (1, 1))

    def test_a_page_that_is_not_kept_counts_too(self):
        with mock.patch("truthlytics.cache.responses.Answer.may_be_kept", return_value=False):
            answers = [self.get() for _ in range(2)]
        self.assertEqual((self.visitor.made, self.counted()), (2, 2))
        self.assertNotIn("X-Page-Read-Of", answers[0]["headers"])

    def test_without_a_page_cache_django_counts_and_tells_nobody(self):
        with override_settings(MIDDLEWARE=settings.MIDDLEWARE):
            answer = self.client.get(self.address, headers={"user-agent": FIREFOX})
            self.client.head(self.address, headers={"user-agent": FIREFOX})
        self.assertNotIn("X-Page-Read-Of", answer.headers)
        self.assertEqual(self.counted(), 1)

    def test_a_visitor_cannot_say_that_somebody_else_counts(self):
        self.client.get(self.address, headers={"user-agent": FIREFOX, "truthlytics.counted-outside": "1"})
        self.assertEqual(self.counted(), 1)


class KeptTests(TransactionTestCase):
    def setUp(self):
        self.article = make_article()
        self.today = timezone.localdate()

    def total(self):
        return ReadCount.objects.totals([self.article.pk]).get(self.article.pk, 0)

    def test_several_workers_add_to_one_another(self):
        others = [make_article() for _ in range(5)]
        begin = Barrier(4)

        def work():
            counted = Reads(ReadCount.objects.add)
            begin.wait()
            for _ in range(5):
                for article in (self.article, *others):
                    counted.note(article.pk)
                counted.flush()
            connection.close()

        threads = [Thread(target=work) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual((self.total(), ReadCount.objects.count()), (20, 6))

    def test_many_threads_note_at_once_and_none_is_lost(self):
        counted = Reads(ReadCount.objects.add)
        threads = [Thread(target=lambda: [counted.note(self.article.pk) for _ in range(5000)]) for _ in range(4)]
        for thread in threads:
            thread.start()
        for _ in range(3):
            counted.flush()
        for thread in threads:
            thread.join()
        counted.flush()
        self.assertEqual(self.total(), 20_000)

    def test_while_the_database_is_away_reads_wait_and_nobody_is_told_twice(self):
        away = mock.Mock(side_effect=OperationalError("away"))
        counted = Reads(away)
        logging.disable(logging.NOTSET)
        self.addCleanup(logging.disable, logging.CRITICAL)
        with self.assertLogs("truthlytics.web.read_counter") as said:
            for _ in range(3):
                counted.note(self.article.pk)
                counted.flush()
        self.assertEqual(len(said.output), 1)
        counted.keep = ReadCount.objects.add
        counted.flush()
        counted.flush()
        self.assertEqual(self.total(), 3)

    def test_what_waits_is_bounded(self):
        counted = Reads(mock.Mock(side_effect=OperationalError("away")))
        with mock.patch.object(read_counter, "MOST_NUMBERS", 10):
            for subject in range(100):
                counted.note(subject)
                counted.flush()
            counted.note(0)
            counted.flush()
        self.assertEqual((len(counted._waiting), counted._waiting[self.today, 0]), (10, 2))

    def test_a_deleted_article_takes_no_number_of_another_with_it(self):
        gone = Article.objects.create(headline="Gone", slug="gone")
        numbers = {(self.today, gone.pk): 7, (self.today, self.article.pk): 2}
        gone.delete()
        ReadCount.objects.add(numbers)
        self.assertEqual(Counter(ReadCount.objects.values_list("article", "count")), {(self.article.pk, 2): 1})

    def test_what_is_read_after_midnight_is_of_the_new_day(self):
        counted = Reads(mock.Mock(side_effect=OperationalError("away")))
        for day in (self.today, self.today + timedelta(days=1)):
            counted.note(self.article.pk)
            with mock.patch.object(read_counter.timezone, "localdate", return_value=day):
                counted.flush()
        counted.keep = ReadCount.objects.add
        counted.flush()
        days = ReadCount.objects.by_day(self.today, self.today + timedelta(days=1))
        self.assertEqual(list(days.values()), [1, 1])

    def test_old_days_are_put_together_by_month_and_nothing_is_lost(self):
        today = date(2026, 7, 10)
        old = [date(2026, 1, 1), date(2026, 1, 2), date(2026, 1, 31), date(2026, 2, 28)]
        young = [(today - DAYS_KEPT).replace(day=1), today]
        ReadCount.objects.add({(day, self.article.pk): 3 for day in (*old, *young)})
        with mock.patch("articles.models.read_counts.FOLDED", 2):
            self.assertEqual([ReadCount.objects.merge_months(today) for _ in range(2)], [3, 0])
        found = ReadCount.objects.order_by("day").values_list("day", "count")
        expected = [(date(2026, 1, 1), 9), (date(2026, 2, 1), 3), *((day, 3) for day in young)]
        self.assertEqual(list(found), expected)

    def test_two_who_fold_at_once_lose_and_double_nothing(self):
        today = date(2026, 7, 10)
        ReadCount.objects.add({(date(2026, 1, day), self.article.pk): 2 for day in range(1, 31)})
        begin = Barrier(2)

        def work():
            begin.wait()
            ReadCount.objects.merge_months(today)
            connection.close()

        threads = [Thread(target=work) for _ in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(list(ReadCount.objects.values_list("day", "count")), [(date(2026, 1, 1), 60)])


class MarkTests(SimpleTestCase):
    def test_the_mark_for_the_cache_cannot_come_from_outside(self):
        request = RequestFactory().get("/", headers={read_counter.COUNTED_OUTSIDE: "1"})
        self.assertNotIn(read_counter.COUNTED_OUTSIDE, request.META)
