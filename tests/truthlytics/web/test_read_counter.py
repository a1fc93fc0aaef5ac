"""Read counts: each read by a person is counted once, however the page was served, and saved without loss."""

import logging
from collections import Counter
from datetime import date, timedelta
from threading import Barrier, Thread
from unittest import mock

from django.conf import settings
from django.db import OperationalError, connection
from django.test import RequestFactory, SimpleTestCase, override_settings
from django.utils import timezone

from articles.models import Article, ReadCount
from articles.models.read_counts import DAYS_KEPT
from tests.budget import takes_longer
from tests.factories import add_reads, make_article, make_comments, make_editor, make_subscriber
from tests.transactions import TransactionTestCase
from tests.truthlytics.cache.visitor import MIDDLEWARE, Visitor
from truthlytics.cache import next_change
from truthlytics.web import read_counter
from truthlytics.web.read_counter import ReadCounter, is_browser

FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0"
BROWSERS = (
    FIREFOX,
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.1"
    " Mobile/15E148 Safari/604.1",
    "Mozilla/5.0 (Linux; Android 11; CUBOT X30 Build/RP1A) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130 Mobile"
    " Safari/537.36",
    "Lynx/2.9.2 libwww-FM/2.14",
)
BOTS = (
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


class UserAgentTests(SimpleTestCase):
    def test_browsers_are_told_from_bots(self):
        for agent in BROWSERS:
            self.assertTrue(is_browser(agent), agent)
        for agent in BOTS:
            self.assertFalse(is_browser(agent), agent)


@override_settings(MIDDLEWARE=MIDDLEWARE, ALLOWED_HOSTS=["testserver"])
class CountingTests(TransactionTestCase):
    def setUp(self):
        next_change._cached.clear()
        self.article = make_article()
        self.url = self.article.get_absolute_url()
        self.counter = ReadCounter(add_reads)
        self.visitor = Visitor(read_counter=self.counter)
        self.enterContext(mock.patch.object(read_counter, "READ_COUNTER", self.counter))

    def get(self, path=None, **headers):
        return self.visitor.get(path or self.url, **{"HTTP_USER_AGENT": FIREFOX} | headers)

    def reads(self):
        self.counter.flush()
        return ReadCount.objects.totals([self.article.pk]).get(self.article.pk, 0)

    def test_rendered_and_cached_pages_are_one_read_each(self):
        first = self.get()
        for _ in range(4):
            self.get(HTTP_ACCEPT_ENCODING="gzip")
        self.assertEqual((self.visitor.rendered, self.reads()), (1, 5))
        self.assertNotIn("X-Page-Read-Of", first["headers"])

    def test_reads_of_subscribers_count_and_those_of_staff_do_not(self):
        for user, expected in ((make_subscriber(), 1), (make_editor(), 1)):
            self.client.force_login(user)
            response = self.get(HTTP_COOKIE=f"sessionid={self.client.cookies['sessionid'].value}")
            self.assertEqual(response["status"], "200 OK")
            self.assertNotIn("X-Page-Read-Of", response["headers"])
            self.assertEqual(self.reads(), expected)

    def test_bots_prefetching_head_and_304_are_no_reads(self):
        etag = self.get()["headers"]["ETag"]
        for _ in range(2):
            for agent in BOTS:
                self.get(HTTP_USER_AGENT=agent)
            self.get(HTTP_SEC_PURPOSE="prefetch;prerender")
            self.get(HTTP_PURPOSE="prefetch")
            self.get(HTTP_IF_NONE_MATCH=etag)
            self.visitor.get(self.url, method="HEAD", HTTP_USER_AGENT=FIREFOX)
        self.assertEqual(self.reads(), 1)
        self.get(HTTP_IF_NONE_MATCH='"of-another-version"')
        self.assertEqual(self.reads(), 2)

    def test_a_page_cached_for_a_bot_counts_later_reads(self):
        self.get(HTTP_USER_AGENT="Googlebot/2.1")
        self.visitor.get(self.url, method="HEAD", HTTP_USER_AGENT=FIREFOX)
        self.get()
        self.assertEqual((self.visitor.rendered, self.reads()), (1, 1))

    def test_other_pages_are_not_counted(self):
        make_comments(self.article, 60)
        page = self.get()["body"].decode()
        more = page.partition("?comments=")[2].partition('"')[0].partition("#")[0]
        self.assertTrue(more)
        for path in ("/", "/latest/", f"{self.url}?comments={more}", "/articles/none/", "/feeds/rss.xml"):
            self.get(path)
        self.assertEqual((self.reads(), ReadCount.objects.count()), (1, 1))

    def test_uncached_pages_are_counted(self):
        with mock.patch("truthlytics.cache.responses.CapturedResponse.is_cacheable", return_value=False):
            responses = [self.get() for _ in range(2)]
        self.assertEqual((self.visitor.rendered, self.reads()), (2, 2))
        self.assertNotIn("X-Page-Read-Of", responses[0]["headers"])

    def test_without_a_page_cache_django_counts(self):
        with override_settings(MIDDLEWARE=settings.MIDDLEWARE):
            response = self.client.get(self.url, headers={"user-agent": FIREFOX})
            self.client.head(self.url, headers={"user-agent": FIREFOX})
        self.assertNotIn("X-Page-Read-Of", response.headers)
        self.assertEqual(self.reads(), 1)

    def test_visitors_cannot_disable_counting(self):
        self.client.get(self.url, headers={"user-agent": FIREFOX, "truthlytics.counted-by-cache": "1"})
        self.assertEqual(self.reads(), 1)


class SavingTests(TransactionTestCase):
    def setUp(self):
        self.article = make_article()
        self.today = timezone.localdate()

    def total(self):
        return ReadCount.objects.totals([self.article.pk]).get(self.article.pk, 0)

    @takes_longer("Many requests, one after the other.")
    def test_counts_of_several_workers_are_added(self):
        others = [make_article() for _ in range(5)]
        start = Barrier(4)

        def work():
            counter = ReadCounter(add_reads)
            start.wait()
            for _ in range(5):
                for article in (self.article, *others):
                    counter.count(article.pk)
                counter.flush()
            connection.close()

        threads = [Thread(target=work) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual((self.total(), ReadCount.objects.count()), (20, 6))

    def test_no_read_of_many_threads_is_lost(self):
        counter = ReadCounter(add_reads)
        threads = [Thread(target=lambda: [counter.count(self.article.pk) for _ in range(5000)]) for _ in range(4)]
        for thread in threads:
            thread.start()
        for _ in range(3):
            counter.flush()
        for thread in threads:
            thread.join()
        counter.flush()
        self.assertEqual(self.total(), 20_000)

    def test_reads_are_kept_while_the_database_is_down_and_the_error_is_logged_once(self):
        counter = ReadCounter(mock.Mock(side_effect=OperationalError("down")))
        logging.disable(logging.NOTSET)
        self.addCleanup(logging.disable, logging.CRITICAL)
        with self.assertLogs("truthlytics.web.read_counter") as logs:
            for _ in range(3):
                counter.count(self.article.pk)
                counter.flush()
        self.assertEqual(len(logs.output), 1)
        counter.save = add_reads
        counter.flush()
        counter.flush()
        self.assertEqual(self.total(), 3)

    def test_the_number_of_unsaved_totals_is_limited(self):
        counter = ReadCounter(mock.Mock(side_effect=OperationalError("down")))
        with mock.patch.object(read_counter, "MAX_TOTALS", 10):
            for subject in range(100):
                counter.count(subject)
                counter.flush()
            counter.count(0)
            counter.flush()
        self.assertEqual((len(counter._totals), counter._totals[self.today, 0]), (10, 2))

    def test_a_deleted_article_does_not_affect_other_counts(self):
        deleted = Article.objects.create(headline="Deleted", slug="deleted")
        totals = {(self.today, deleted.pk): 7, (self.today, self.article.pk): 2}
        deleted.delete()
        add_reads(totals)
        self.assertEqual(Counter(ReadCount.objects.values_list("article", "count")), {(self.article.pk, 2): 1})

    def test_reads_after_midnight_count_for_the_new_day(self):
        counter = ReadCounter(mock.Mock(side_effect=OperationalError("down")))
        for day in (self.today, self.today + timedelta(days=1)):
            counter.count(self.article.pk)
            with mock.patch.object(read_counter.timezone, "localdate", return_value=day):
                counter.flush()
        counter.save = add_reads
        counter.flush()
        days = ReadCount.objects.by_day(self.today, self.today + timedelta(days=1))
        self.assertEqual(list(days.values()), [1, 1])

    def test_old_days_are_combined_by_month_without_loss(self):
        today = date(2026, 7, 10)
        old = [date(2026, 1, 1), date(2026, 1, 2), date(2026, 1, 31), date(2026, 2, 28)]
        young = [(today - DAYS_KEPT).replace(day=1), today]
        add_reads({(day, self.article.pk): 3 for day in (*old, *young)})
        with mock.patch("articles.models.read_counts.MERGE_BATCH", 2):
            self.assertEqual([ReadCount.objects.merge_months(today) for _ in range(2)], [3, 0])
        found = ReadCount.objects.order_by("day").values_list("day", "count")
        expected = [(date(2026, 1, 1), 9), (date(2026, 2, 1), 3), *((day, 3) for day in young)]
        self.assertEqual(list(found), expected)

    def test_combining_twice_at_once_neither_loses_nor_doubles_reads(self):
        today = date(2026, 7, 10)
        add_reads({(date(2026, 1, day), self.article.pk): 2 for day in range(1, 31)})
        start = Barrier(2)

        def work():
            start.wait()
            ReadCount.objects.merge_months(today)
            connection.close()

        threads = [Thread(target=work) for _ in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(list(ReadCount.objects.values_list("day", "count")), [(date(2026, 1, 1), 60)])


class EnvironTests(SimpleTestCase):
    def test_the_key_set_by_the_cache_cannot_come_from_a_request(self):
        request = RequestFactory().get("/", headers={read_counter.COUNTED_BY_CACHE: "1"})
        self.assertNotIn(read_counter.COUNTED_BY_CACHE, request.META)
