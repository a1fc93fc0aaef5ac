"""Each request for an article is counted once, however the page was served: as a person, a program, or not at all."""

import random
from collections import Counter
from datetime import timedelta
from threading import Barrier, Thread
from unittest import mock

from django.conf import settings
from django.db import OperationalError, connection
from django.test import RequestFactory, SimpleTestCase, override_settings
from django.utils import timezone

from articles.models import ReadCount
from articles.models.read_counts import DAYS_KEPT
from tests.budget import takes_longer
from tests.factories import add_reads, make_article, make_comments, make_editor, make_subscriber, make_user
from tests.transactions import TransactionTestCase
from tests.truthlytics.cache.visitor import MIDDLEWARE, Visitor
from tests.truthlytics.web.browsers import BROWSERS, LINK
from truthlytics.cache import next_change
from truthlytics.server import probe
from truthlytics.statistics import counter as counting
from truthlytics.statistics import middleware
from truthlytics.statistics.counter import read_counter
from truthlytics.statistics.models import AgentDay, ArticleHour, Hour, NotCounted, ReadSource
from truthlytics.statistics.requests import Request, sender_of, values_of
from truthlytics.statistics.seen import Seen
from truthlytics.statistics.services import Totals
from truthlytics.web import read_counter as reading
from truthlytics.web.agents import Kind
from truthlytics.web.batches import MAX_ITEMS

FIREFOX = BROWSERS[9][0]
BOT = "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)"
CLAUDE = "Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko; compatible; Claude-User/1.0; +Claude-User@anthropic.com)"
FETCH_HEADERS = {f"HTTP_{name.upper().replace('-', '_')}": value for name, value in LINK.items()}


def request(agent=FIREFOX, **values):
    environ = {"REQUEST_METHOD": "GET", "REMOTE_ADDR": "192.0.2.1", "HTTP_USER_AGENT": agent, **values}
    return Request(*values_of(environ, 1, values.pop("flag", "")))


@override_settings(SITE_URL="https://news.example")
class SenderTests(SimpleTestCase):
    def test_browsers_that_open_a_page_are_people(self):
        for agent, headers in BROWSERS:
            sent = {f"HTTP_{name.upper().replace('-', '_')}": value for name, value in headers.items()}
            self.assertEqual(sender_of(request(agent, **sent)).kind, Kind.PERSON, agent)

    def test_a_program_that_claims_to_be_a_current_browser_is_none(self):
        for agent, headers in BROWSERS[:20]:
            if "DuckDuckGo" not in agent and "iOS/" not in agent:
                self.assertTrue(headers)
                self.assertEqual(sender_of(request(agent)).kind, Kind.PROGRAM, agent)

    def test_without_https_browsers_say_nothing(self):
        with override_settings(SITE_URL="http://news.example"):
            self.assertEqual(sender_of(request()).kind, Kind.PERSON)

    def test_requests_that_show_no_page_are_by_programs(self):
        for dest in ("empty", "iframe", "image", "script", "x"):
            self.assertEqual(sender_of(request(HTTP_SEC_FETCH_DEST=dest)).kind, Kind.PROGRAM, dest)
        head = request(**FETCH_HEADERS | {"REQUEST_METHOD": "HEAD"})
        self.assertEqual(sender_of(head).kind, Kind.PROGRAM)


@override_settings(MIDDLEWARE=MIDDLEWARE, ALLOWED_HOSTS=["testserver"])
class CountingTests(TransactionTestCase):
    def setUp(self):
        next_change._cached.clear()
        self.article = make_article()
        self.url = self.article.get_absolute_url()
        self.counter = read_counter(Seen())
        self.visitor = Visitor(read_counter=self.counter)
        self.enterContext(mock.patch.object(middleware, "READ_COUNTER", self.counter))

    def get(self, path=None, person=1, **headers):
        sent = {"HTTP_USER_AGENT": FIREFOX, "REMOTE_ADDR": f"192.0.2.{person}"} | headers
        return self.visitor.get(path or self.url, **sent)

    def counts(self):
        """Return people, assistants, programs, and what is not counted."""
        self.counter.flush()
        rows = ReadCount.objects.values_list("count", "assistants", "programs", "not_counted")
        return tuple(map(sum, zip(*rows, strict=True))) or (0, 0, 0, 0)

    def test_each_person_counts_once_a_day_on_rendered_and_cached_pages(self):
        first = self.get()
        for person in (1, 2, 2, 3):
            self.get(person=person, HTTP_ACCEPT_ENCODING="gzip")
        self.assertEqual((self.visitor.rendered, self.counts()), (1, (3, 0, 0, 2)))
        self.assertNotIn("X-Page-Read-Of", first["headers"])

    def test_a_person_counts_again_on_the_next_day_and_for_another_article(self):
        self.get()
        self.get(make_article().get_absolute_url())
        self.counter.flush()
        tomorrow = timezone.localtime() + timedelta(days=1)
        with mock.patch.object(counting.timezone, "localtime", return_value=tomorrow):
            self.get()
            self.assertEqual(self.counts(), (3, 0, 0, 0))
        self.assertEqual(ReadCount.objects.filter(day=tomorrow.date()).count(), 1)

    def test_a_server_that_asks_itself_whether_the_site_works_is_not_counted(self):
        with override_settings(SITE_URL="http://testserver"):
            for asked in (self.visitor.cache, self.visitor.cache, self.visitor.application):
                self.assertEqual(probe.status_of(asked, self.url), "200")
        self.assertEqual((self.visitor.rendered, self.counts()), (1, (0, 0, 0, 0)))
        # A stranger's header is none of the server's own keys.
        self.get(**{"HTTP_TRUTHLYTICS.ASKED_BY_SITE": "1", "HTTP_ASKED_BY_SITE": "1"})
        self.assertEqual(self.counts(), (1, 0, 0, 0))

    def test_all_sums_are_those_of_the_requests(self):
        etag = self.get()["headers"]["ETag"]
        for person in range(1, 5):
            self.get(person=person, HTTP_REFERER="https://www.google.com/search?q=private")
            self.get(person=person, HTTP_USER_AGENT=BOT)
            self.get(person=person, HTTP_USER_AGENT=CLAUDE)
            self.get(person=person, HTTP_USER_AGENT="")
            self.get(person=person, HTTP_SEC_PURPOSE="prefetch;prerender")
            self.get(person=person, HTTP_PURPOSE="prefetch")
            self.get(person=person, HTTP_IF_NONE_MATCH=etag)
            self.visitor.get(self.url, method="HEAD", HTTP_USER_AGENT=FIREFOX)
        self.assertEqual(self.counts(), (4, 4, 12, 13))
        self.assertEqual(ArticleHour.objects.get().people, 4)
        self.assertEqual(
            Hour.objects.values_list("people", "assistants", "programs", "not_counted").get(), self.counts()
        )
        agents = dict(AgentDay.objects.values_list("name", "requests"))
        self.assertEqual(agents, {"Googlebot": 4, "Claude-User": 4, "": 8})
        self.assertEqual(dict(NotCounted.objects.values_list("reason", "requests")), {"again": 5, "prefetch": 8})
        sources = {
            (kind, name): people for kind, name, people in ReadSource.objects.values_list("kind", "name", "people")
        }
        self.assertEqual(sources, {("direct", ""): 1, ("search", "google.com"): 3})

    def test_an_address_names_one_source_for_an_article_whatever_its_browsers_say(self):
        said = random.Random(12)
        for number in range(40):
            query = f"utm_source=evil{number}" if number % 2 else ""
            agent = f"{FIREFOX} {said.random()}"
            self.get(HTTP_USER_AGENT=agent, HTTP_REFERER=f"https://evil{number}.example/", QUERY_STRING=query)
        self.get(person=2, HTTP_REFERER="https://news.example/")
        people = self.counts()[0]
        rows = ReadSource.objects.exclude(name="").values_list("name", "people")
        self.assertEqual(sorted(rows), [("evil0.example", 1), ("news.example", 1)])
        self.assertEqual(sum(ReadSource.objects.values_list("people", flat=True)), people)
        self.assertGreater(people, 2)

    def test_reads_of_subscribers_count_and_those_of_staff_do_not(self):
        for user, expected in ((make_subscriber(), (1, 0, 0, 0)), (make_editor(), (1, 0, 0, 1))):
            self.client.force_login(user)
            cookie = f"sessionid={self.client.cookies['sessionid'].value}"
            response = self.get(person=user.pk % 250, HTTP_COOKIE=cookie)
            self.assertEqual(response["status"], "200 OK")
            self.assertNotIn("X-Page-Read-Of", response["headers"])
            self.assertEqual(b"data-read" in response["body"], not user.is_staff)
            self.assertEqual(self.counts(), expected)
            self.assertEqual(ReadCount.objects.values_list("subscribers", flat=True).get(), 1)

    def test_readers_without_a_subscription_are_no_subscribers(self):
        self.client.force_login(make_user())
        self.get(HTTP_COOKIE=f"sessionid={self.client.cookies['sessionid'].value}")
        self.get(person=2)
        self.get(person=3, HTTP_COOKIE=f"sessionid={'a' * 32}")
        self.assertEqual(self.counts(), (3, 0, 0, 0))
        self.assertEqual(ReadCount.objects.values_list("subscribers", flat=True).get(), 0)

    def test_a_page_cached_for_a_bot_counts_later_reads(self):
        self.get(HTTP_USER_AGENT=BOT)
        self.visitor.get(self.url, method="HEAD", HTTP_USER_AGENT=FIREFOX)
        self.get()
        self.assertEqual((self.visitor.rendered, self.counts()), (1, (1, 0, 2, 0)))

    def test_other_pages_are_not_counted(self):
        make_comments(self.article, 60)
        page = self.get()["body"].decode()
        more = page.partition("?comments=")[2].partition('"')[0].partition("#")[0]
        self.assertTrue(more)
        for path in ("/", "/latest/", f"{self.url}?comments={more}", "/articles/none/", "/feeds/rss.xml"):
            self.get(path)
        self.assertEqual((self.counts(), ReadCount.objects.count()), ((1, 0, 0, 0), 1))

    def test_uncached_pages_are_counted(self):
        with mock.patch("truthlytics.cache.responses.CapturedResponse.is_cacheable", return_value=False):
            responses = [self.get(person=person) for person in (1, 2)]
        self.assertEqual((self.visitor.rendered, self.counts()), (2, (2, 0, 0, 0)))
        self.assertNotIn("X-Page-Read-Of", responses[0]["headers"])

    def test_without_a_page_cache_django_counts(self):
        with override_settings(MIDDLEWARE=settings.MIDDLEWARE):
            response = self.client.get(self.url, headers={"user-agent": FIREFOX})
            self.client.head(self.url, headers={"user-agent": FIREFOX})
        self.assertNotIn("X-Page-Read-Of", response.headers)
        self.assertEqual(self.counts(), (1, 0, 1, 0))

    def test_visitors_cannot_disable_counting(self):
        self.client.get(self.url, headers={"user-agent": FIREFOX, "truthlytics.counted-by-cache": "1"})
        self.assertEqual(self.counts(), (1, 0, 0, 0))
        self.assertNotIn(
            reading.COUNTED_BY_CACHE, RequestFactory().get("/", headers={reading.COUNTED_BY_CACHE: "1"}).META
        )

    def test_one_address_with_many_agents_inflates_nothing(self):
        for number in range(1000):
            self.get(HTTP_USER_AGENT=f"{FIREFOX} x/{number}")
        people, *_others, not_counted = self.counts()
        self.assertEqual(people + not_counted, 1000)
        self.assertLess(people, 20)
        self.assertEqual(NotCounted.objects.get().reason, NotCounted.Reason.ADDRESS)

    def test_hostile_headers_are_counted_and_stored_as_little_text(self):
        texts = ("\0", "x" * 10_000, "\xff\xfe", "https://[", "https://a.example/private?q=1", "javascript:1")
        for text in texts:
            odd = {"HTTP_X_FORWARDED_FOR": text, "HTTP_SEC_FETCH_DEST": text, "QUERY_STRING": f"utm_source={text[:99]}"}
            for headers in (odd, {"HTTP_USER_AGENT": f"{FIREFOX} {text}"}, {"HTTP_USER_AGENT": f"{text}Bot/1"}):
                response = self.get(HTTP_REFERER=text, **headers)
                self.assertEqual(response["status"], "200 OK", headers)
        self.assertEqual(sum(self.counts()), 3 * len(texts))
        self.assertLess(max(len(name) for name in AgentDay.objects.values_list("name", flat=True)), 50)


class SavingTests(TransactionTestCase):
    def setUp(self):
        self.article = make_article()

    def count(self, counter, number=1):
        for _ in range(number):
            counter.count(request(BOT)._replace(article=self.article.pk))

    def total(self):
        return sum(ReadCount.objects.values_list("programs", flat=True))

    @takes_longer("Many requests, one after the other.")
    def test_no_request_of_many_threads_is_lost(self):
        counter = read_counter(Seen())
        start = Barrier(4)

        def work():
            start.wait()
            self.count(counter, 2000)

        threads = [Thread(target=work) for _ in range(4)]
        for thread in threads:
            thread.start()
        for _ in range(3):
            counter.flush()
        for thread in threads:
            thread.join()
        counter.flush()
        connection.close()
        self.assertEqual(self.total(), 8000)

    def test_counts_are_kept_while_the_database_is_down(self):
        counter = read_counter(Seen())
        with mock.patch.object(counter, "save", side_effect=OperationalError("down")):
            for _ in range(3):
                self.count(counter)
                counter.flush()
        counter.flush()
        counter.flush()
        self.assertEqual(self.total(), 3)

    def test_what_is_kept_in_memory_is_limited(self):
        counter = read_counter(Seen())
        with mock.patch.object(counter, "save", side_effect=OperationalError("down")):
            with mock.patch.object(counting, "MAX_TOTALS", 10):
                for article in range(100):
                    counter.count(request(BOT)._replace(article=article))
                    counter.flush()
            self.assertEqual(len(counter.sums), 10)
        for _ in range(MAX_ITEMS + 5):
            counter.count(None)
        self.assertEqual(len(counter._items), MAX_ITEMS)

    def test_hours_of_articles_kept_in_memory_are_limited(self):
        totals, now, tally = Totals(), timezone.localtime(), counting.Tally(Seen())
        with mock.patch.object(counting, "MAX_TOTALS", 10):
            for hour in range(30):
                tally.add_person(totals, request(), now + timedelta(hours=hour))
        self.assertEqual((len(totals.article_hours), sum(totals.hours.values())), (10, 30))

    def test_combining_twice_at_once_neither_loses_nor_doubles_reads(self):
        today = timezone.localdate()
        month = (today - DAYS_KEPT - timedelta(days=40)).replace(day=1)
        add_reads({(month + timedelta(days=day), self.article.pk): 2 for day in range(28)})
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
        self.assertEqual(Counter(ReadCount.objects.values_list("day", "count")), {(month, 56): 1})
