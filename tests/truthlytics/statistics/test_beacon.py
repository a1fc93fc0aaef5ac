"""`/read` counts who reads to the half, also readers whom a CDN answered, and cannot be used to inflate a count."""

from datetime import timedelta

from django.test import RequestFactory, override_settings
from django.utils import timezone

from articles.models import ReadCount
from tests.budget import takes_longer
from tests.factories import make_article, make_draft
from tests.transactions import TransactionTestCase
from tests.truthlytics.web.browsers import BROWSERS
from truthlytics.statistics.beacon import MAX_SIZE, Beacon
from truthlytics.statistics.counter import read_counter
from truthlytics.statistics.models import NotCounted, ReadSource
from truthlytics.statistics.requests import values_of
from truthlytics.statistics.seen import PER_ARTICLE, Seen

CHROME = BROWSERS[0][0]
SITE = "https://news.example"


@override_settings(SITE_URL=SITE)
class BeaconTests(TransactionTestCase):
    def setUp(self):
        self.article = make_article()
        self.counter = read_counter(Seen())
        self.beacon = Beacon(self.counter)

    def environ(self, **headers):
        usual = {"HTTP_USER_AGENT": CHROME, "HTTP_ORIGIN": SITE, "HTTP_SEC_FETCH_SITE": "same-origin"}
        environ = RequestFactory().post("/read", **usual | {"REMOTE_ADDR": "192.0.2.1"}).environ
        return {**environ, "QUERY_STRING": f"id={self.article.pk}&r=&", "CONTENT_LENGTH": "0", **headers}

    def send(self, **headers):
        statuses = []
        body = self.beacon(self.environ(**headers), lambda status, headers: statuses.append(status))
        self.assertEqual(b"".join(body), b"")
        return int(statuses[0].split()[0])

    def open(self, **headers):
        self.counter.count(
            values_of(self.environ(REQUEST_METHOD="GET", HTTP_SEC_FETCH_DEST="document") | headers, self.article.pk)
        )

    def counts(self):
        self.counter.flush()
        return ReadCount.objects.values_list("count", "halves").first() or (0, 0)

    def test_a_reader_who_reads_to_the_half_counts_once(self):
        self.open()
        self.assertEqual({self.send() for _ in range(5)}, {204})
        self.assertEqual(self.counts(), (1, 1))
        self.assertFalse(NotCounted.objects.exists())

    def test_a_reader_whom_a_cdn_answered_is_counted_with_where_they_come_from(self):
        query = f"id={self.article.pk}&r=www.google.com&"
        self.send(QUERY_STRING=query)
        self.send(QUERY_STRING=f"{query}utm_campaign=autumn", REMOTE_ADDR="192.0.2.2")
        self.send(QUERY_STRING=f"id={self.article.pk}&r=", REMOTE_ADDR="192.0.2.3")
        self.assertEqual(self.counts(), (3, 3))
        sources = set(ReadSource.objects.values_list("kind", "name"))
        self.assertEqual(sources, {("search", "google.com"), ("campaign", "autumn"), ("direct", "")})

    def test_a_page_that_comes_later_is_opened_again(self):
        self.send()
        self.open()
        self.assertEqual(self.counts(), (1, 1))
        self.assertEqual(NotCounted.objects.get().reason, NotCounted.Reason.AGAIN)

    def test_nothing_but_the_beacon_of_a_page_of_this_site_is_accepted(self):
        pk = self.article.pk
        for status, headers in (
            (405, {"REQUEST_METHOD": "GET"}),
            (405, {"REQUEST_METHOD": "HEAD"}),
            (403, {"HTTP_SEC_FETCH_SITE": "cross-site"}),
            (403, {"HTTP_SEC_FETCH_SITE": "same-site"}),
            (403, {"HTTP_ORIGIN": "https://evil.example"}),
            (403, {"HTTP_ORIGIN": "null"}),
            (403, {"HTTP_ORIGIN": ""}),
            (403, {"HTTP_ORIGIN": "https://["}),
            (400, {"QUERY_STRING": ""}),
            (400, {"QUERY_STRING": f"id={pk}"}),
            (400, {"QUERY_STRING": f"id=0{pk}&r="}),
            (400, {"QUERY_STRING": f"id=-{pk}&r="}),
            (400, {"QUERY_STRING": f"id={'9' * 30}&r="}),
            (400, {"QUERY_STRING": f"id={pk}&r=a/b"}),
            (400, {"QUERY_STRING": f"id={pk}&r=&{'x' * MAX_SIZE}"}),
        ):
            self.assertEqual(self.send(**headers), status, headers)
        self.assertEqual(self.counts(), (0, 0))

    def test_a_beacon_for_no_public_article_counts_nothing(self):
        later = make_article(at=timezone.now() + timedelta(days=1))
        for pk in (make_draft().pk, later.pk, 999_999_999):
            self.assertEqual(self.send(QUERY_STRING=f"id={pk}&r=&"), 204)
        self.assertEqual(self.counts(), (0, 0))

    def test_programs_are_not_counted(self):
        self.send(HTTP_USER_AGENT="curl/8.5.0")
        self.send(HTTP_USER_AGENT="")
        self.assertEqual(self.counts(), (0, 0))

    @takes_longer("Thousands of requests.")
    def test_one_stranger_inflates_by_less_than_one_percent_of_what_they_send(self):
        for number in range(2000):
            self.send(HTTP_USER_AGENT=f"{CHROME} {number}", REMOTE_ADDR=f"2001:db8::{number:x}")
        self.assertEqual(self.counts(), (PER_ARTICLE, PER_ARTICLE))
        self.assertLess(PER_ARTICLE, 2000 * 0.01)
