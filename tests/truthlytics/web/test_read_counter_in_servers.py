"""Two server processes save read counts to one table, in batches and when they stop."""

import http.client
import time

from articles.models import ReadCount
from tests.factories import make_article, make_subscriber
from tests.truthlytics.server.served import ServedTestCase
from tests.truthlytics.web.test_read_counter import FIREFOX

READS = 40


class TwoServersTests(ServedTestCase):
    servers = [{}, {}]

    def request(self, port, path, agent=FIREFOX, **headers):
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
        connection.request("GET", path, headers={"Host": "localhost", "User-Agent": agent} | headers)
        connection.getresponse().read()
        connection.close()

    def total(self, article):
        return ReadCount.objects.totals([article.pk]).get(article.pk, 0)

    def test_every_read_is_counted_once(self):
        article = make_article()
        subscriber = self.cookie_of(make_subscriber())
        for port in self.ports:
            for _ in range(READS):
                self.request(port, article.get_absolute_url())
                self.request(port, article.get_absolute_url(), agent="Googlebot/2.1")
            self.request(port, article.get_absolute_url(), Cookie=subscriber)
        expected = (READS + 1) * len(self.ports)
        end = time.monotonic() + 20
        while self.total(article) < expected and time.monotonic() < end:
            time.sleep(0.2)
        self.assertEqual(self.total(article), expected)
        for port in self.ports:
            self.request(port, article.get_absolute_url())
        for server in self.processes:
            server.terminate()
        for server in self.processes:
            server.wait(30)
        self.assertEqual(self.total(article), expected + len(self.ports))
