"""Two server processes: a choice reaches both with the next request, and what they counted is saved when they end."""

import http.client

from django.utils import timezone

from tests.budget import takes_longer
from tests.truthlytics.server.served import ServedTestCase
from truthlytics.crawlers.models import CrawlerDay
from truthlytics.publication.models import Publication


class ProcessesTests(ServedTestCase):
    servers = [{}, {}]

    def status(self, port):
        client = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
        client.request("GET", "/latest/", headers={"Host": "localhost", "User-Agent": "GPTBot/1.2"})
        return client.getresponse().status

    @takes_longer("It starts two servers.")
    def test_a_choice_reaches_both_and_their_numbers_are_saved(self):
        publication, _created = Publication.objects.get_or_create(pk=1)
        for refuses, status in ((False, 200), (True, 403), (False, 200), (True, 403)):
            publication.allow_training, publication.refuse_crawlers = not refuses, refuses
            publication.save()
            self.assertEqual([self.status(port) for port in self.ports], [status] * 2)
        for server in self.processes:
            server.terminate()
            server.wait()
        row = CrawlerDay.objects.get(day=timezone.localdate(), name="GPTBot")
        self.assertEqual((row.requests, row.refused, row.forged), (8, 4, 0))
