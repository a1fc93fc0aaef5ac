"""A day of mixed traffic on real servers: the sums are those of what was sent, and nobody inflates them.

`STATISTICS_REQUESTS=50000` sends as many requests; the suite sends a few thousand.
"""

import http.client
import os
import random
import shutil
import socket
import subprocess
import tempfile
import time
from collections import Counter
from contextlib import suppress
from pathlib import Path
from threading import Thread

from articles.models import ReadCount
from tests.budget import takes_longer
from tests.factories import make_article, make_editor, make_subscriber
from tests.truthlytics.server.served import ServedTestCase, free_port
from tests.truthlytics.web.browsers import BROWSERS
from truthlytics.statistics.models import Hour, NotCounted, ReadSource
from truthlytics.statistics.seen import PER_ARTICLE

REQUESTS = int(os.environ.get("STATISTICS_REQUESTS", "2000"))
ARTICLES, CLIENTS = 20, 4
PROGRAMS = (
    "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)",
    "Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko; compatible; GPTBot/1.2; +https://openai.com/gptbot)",
    "facebookexternalhit/1.1", "Feedly/1.0", "curl/8.5.0", "", "SomethingNew/1.0 (+https://new.example)",
)  # fmt: skip
ASSISTANTS = (
    "Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko); compatible; ChatGPT-User/1.0; +https://openai.com/bot",
    "Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko; compatible; Claude-User/1.0; +Claude-User@anthropic.com)",
)
CHROME, HEADERS = BROWSERS[0]
NGINX = """
daemon off; worker_processes 1; pid {folder}/pid; error_log {folder}/log;
events {{ }}
http {{
  access_log off;
  client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy; fastcgi_temp_path {folder}/fastcgi;
  uwsgi_temp_path {folder}/uwsgi; scgi_temp_path {folder}/scgi;
  proxy_cache_path {folder}/pages keys_zone=pages:1m;
  server {{
    listen 127.0.0.1:{port};
    location / {{
      proxy_pass http://127.0.0.1:{backend};
      proxy_set_header Host $host;
      proxy_set_header X-Forwarded-Proto https;
      proxy_cache pages;
      proxy_cache_valid 200 1m;
      proxy_ignore_headers Cache-Control Expires Vary;
    }}
  }}
}}
"""


class Day:
    """Requests in random order, each as (path, headers, method), and what should be counted of them."""

    def __init__(self, articles, seed=1):
        self.articles, self.chance = articles, random.Random(seed)
        self.requests, self.expected, self.inflating = [], Counter(), 0
        self.person = 0

    def add(self, article, agent, headers, *, address=None, method="GET"):
        self.person += 1
        address = address or f"10.{self.person >> 16}.{self.person >> 8 & 255}.{self.person & 255}"
        sent = {"X-Forwarded-For": f"198.51.100.7, {address}", "User-Agent": agent} | headers
        self.requests.append((article, sent, method))

    def fill(self, number, staff):
        """Add about `number` requests: half of them of programs, as on real sites."""
        for _ in range(number * 3 // 10):
            self.add_person()
        for _ in range(number * 4 // 10):
            self.add(self.article(), self.chance.choice(PROGRAMS), {})
            self.expected["programs"] += 1
        for _ in range(number * 5 // 100):
            self.add(self.article(), self.chance.choice(ASSISTANTS), {})
            self.expected["assistants"] += 1
        for _ in range(number * 5 // 100):
            self.add(self.article(), CHROME, HEADERS | {"Sec-Purpose": "prefetch"})
            self.add(self.article(), CHROME, {})
            self.expected.update({"not_counted": 1, "programs": 1})
        for _ in range(number // 100):
            self.add(self.article(), CHROME, HEADERS | {"Cookie": staff})
            self.expected["not_counted"] += 1
        self.add_school(max(number // 100, 30))
        self.add_script(max(number // 10, 2000))
        self.chance.shuffle(self.requests)

    def article(self):
        # A few articles have most readers.
        return self.articles[min(int(self.chance.paretovariate(0.8)) - 1, len(self.articles) - 1)]

    def add_person(self):
        agent, headers = self.chance.choice(BROWSERS)
        article = self.article()
        self.add(article, agent, headers)
        address = self.requests[-1][1]["X-Forwarded-For"].partition(", ")[2]
        self.expected["people"] += 1
        if self.chance.random() < 0.2:
            self.add(article, agent, headers, address=address)
            self.expected["not_counted"] += 1

    def add_school(self, pupils):
        """Add pupils behind one address with as many devices as a class has, each of whom reads another article too."""
        devices = [browser for browser in BROWSERS if browser[1]][:12]
        seen = set()
        for pupil in range(pupils):
            agent, headers = devices[pupil % len(devices)]
            for article in (self.articles[0], self.articles[1 + pupil % 6]):
                self.add(article, agent, headers, address="192.0.2.7")
                self.expected["not_counted" if (agent, article) in seen else "people"] += 1
                seen.add((agent, article))

    def add_script(self, number):
        """Add requests with which somebody tries to make one article look read."""
        for attempt in range(number):
            self.add(self.articles[-1], CHROME.replace("142", str(100 + attempt % 43)) + f" {attempt}", HEADERS,
                     address=f"2001:db8::{attempt + 1:x}")  # fmt: skip
        self.inflating = number
        self.expected["not_counted"] += number


class DayTests(ServedTestCase):
    servers = [{"SITE_URL": "https://localhost", "TRUSTED_PROXY_COUNT": "1", "CACHE_URL": "db://"}]

    def send(self, port, requests, method="GET"):
        client = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        for path, headers, method in requests:
            client.request(method, path, headers={"Host": "localhost", "X-Forwarded-Proto": "https"} | headers)
            response = client.getresponse()
            response.read()
            self.statuses[response.status] += 1
        client.close()

    def send_all(self, port, requests):
        self.statuses = Counter()
        parts = [requests[number::CLIENTS] for number in range(CLIENTS)]
        threads = [Thread(target=self.send, args=(port, part)) for part in parts]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    def stop(self):
        for server in self.processes:
            server.terminate()
        for server in self.processes:
            server.wait(30)

    def counts(self):
        names = ("people", "assistants", "programs", "not_counted")
        rows = ReadCount.objects.values_list("count", *names[1:])
        return Counter(dict(zip(names, map(sum, zip(*rows, strict=True)), strict=True)))

    @takes_longer("Thousands of requests.")
    def test_a_day_of_mixed_traffic_adds_up(self):
        articles = [make_article().get_absolute_url() for _ in range(ARTICLES)]
        day = Day(articles)
        day.fill(REQUESTS, self.cookie_of(make_editor()))
        self.send_all(self.ports[0], day.requests)
        self.stop()
        self.assertEqual(self.statuses, {200: len(day.requests)})
        counts = self.counts()
        self.assertEqual(sum(counts.values()), len(day.requests))
        for name, expected in day.expected.items():
            self.assertAlmostEqual(counts[name], expected, delta=0.02 * expected + PER_ARTICLE, msg=name)
        inflated = counts["people"] - day.expected["people"]
        self.assertLess(inflated, 0.01 * day.inflating)
        hours = Hour.objects.values_list("people", "assistants", "programs", "not_counted")
        self.assertEqual(list(map(sum, zip(*hours, strict=True))), list(counts.values()))
        self.assertEqual(sum(ReadSource.objects.values_list("people", flat=True)), counts["people"])
        self.assertEqual(sum(NotCounted.objects.values_list("requests", flat=True)), counts["not_counted"])
        if "STATISTICS_REQUESTS" in os.environ:
            print(f"\n{len(day.requests)} requests: {dict(counts)}, expected {dict(day.expected)}")

    def test_readers_of_a_cache_in_front_are_counted_by_what_they_report(self):
        article = make_article()
        nginx = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")
        if nginx is None:
            self.skipTest("nginx is not installed.")
        port = self.start(nginx)
        readers = [{"X-Forwarded-For": f"10.0.0.{number}", "User-Agent": CHROME} for number in range(1, 101)]
        self.send_all(port, [(article.get_absolute_url(), reader | HEADERS, "GET") for reader in readers])
        report = {"Origin": "https://localhost", "Sec-Fetch-Site": "same-origin", "Sec-Fetch-Dest": "empty"}
        beacon = f"/read?id={article.pk}&r=www.google.com&"
        self.send_all(port, [(beacon, reader | report, "POST") for reader in readers[:60] * 2])
        self.assertEqual(self.statuses, {204: 120})
        self.stop()
        row = ReadCount.objects.get()
        # At most the first readers of all reached the site with their page.
        self.assertIn(row.count - 60, range(-1, CLIENTS + 1))
        self.assertEqual(row.halves, 60)

    def start(self, nginx):
        folder, port = Path(tempfile.mkdtemp()), free_port()
        self.addCleanup(shutil.rmtree, folder, ignore_errors=True)
        folder.chmod(0o755)
        (folder / "nginx.conf").write_text(NGINX.format(folder=folder, port=port, backend=self.ports[0]))
        command = [nginx, "-c", str(folder / "nginx.conf"), "-p", str(folder)]
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.addCleanup(process.wait)
        self.addCleanup(process.terminate)
        for _ in range(100):
            with suppress(OSError), socket.create_connection(("127.0.0.1", port)):
                return port
            time.sleep(0.05)
        raise AssertionError("nginx did not start.")


class TwoServersTests(ServedTestCase):
    servers = [{}, {}]

    def test_each_server_saves_what_it_has_counted_in_batches_and_at_its_end(self):
        path = make_article().get_absolute_url()
        subscriber = self.cookie_of(make_subscriber())
        for port in self.ports:
            for _ in range(20):
                self.read(port, path, **{"User-Agent": PROGRAMS[0]})
            self.read(port, path, cookie=subscriber, **{"User-Agent": CHROME})
        self.wait_for_sums({"count": 2, "programs": 40})
        for port in self.ports:
            self.read(port, path, **{"User-Agent": PROGRAMS[1]})
        for server in self.processes:
            server.terminate()
        for server in self.processes:
            server.wait(30)
        self.wait_for_sums({"count": 2, "programs": 42})

    def wait_for_sums(self, expected):
        end = time.monotonic() + 20
        while (found := ReadCount.objects.values("count", "programs").first()) != expected and time.monotonic() < end:
            time.sleep(0.2)
        self.assertEqual(found, expected)
