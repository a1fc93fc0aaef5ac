"""Two server processes on one machine: a change is seen by both with the very next request."""

import http.client
import os
import socket
import subprocess
import sys
import time

from django.conf import settings
from django.db import connection
from django.test import TransactionTestCase

from tests.factories import make_article, make_comment, make_version

CHANGES, READS = 100, 5


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def database_url() -> str:
    database = connection.settings_dict
    if connection.vendor == "sqlite":
        return f"sqlite:///{os.path.relpath(database['NAME'], settings.VAR_DIR.parent)}"
    account = f"{database['USER']}:{database['PASSWORD']}".rstrip(":")
    return f"postgres://{account}@{database['HOST']}:{database['PORT']}/{database['NAME']}"


class TwoWorkersTests(TransactionTestCase):
    def setUp(self):
        self.environment = {
            **os.environ,
            "DATABASE_URL": database_url(),
            "SECRET_KEY": "for-this-test-only-" + "x" * 40,
            "SITE_URL": "http://localhost",
            "DEBUG": "0",
            "TRUTHLYTICS_DEMO": "0",
        }
        self.manage("collectstatic", "--noinput", "--verbosity", "0").wait()
        self.ports = [free_port(), free_port()]
        for port in self.ports:
            server = self.manage("serve", "--port", str(port))
            self.addCleanup(server.wait)
            self.addCleanup(server.terminate)
        for port in self.ports:
            self.wait_for(port)

    def manage(self, *arguments):
        command = [sys.executable, "manage.py", *arguments]
        return subprocess.Popen(command, env=self.environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def wait_for(self, port):
        for _ in range(100):
            try:
                return self.read(port, "/robots.txt")
            except OSError:
                time.sleep(0.1)
        raise AssertionError("The server did not start.")

    def read(self, port, path):
        asking = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
        asking.request("GET", path, headers={"Host": "localhost"})
        answer = asking.getresponse()
        body = answer.read().decode()
        asking.close()
        self.assertLess(answer.status, 500)
        return body

    def test_no_read_of_a_thousand_is_stale(self):
        article = make_article(headline="Headline 0.")
        stale = reads = 0
        for number in range(1, CHANGES + 1):
            words = f"Headline {number}."
            if number % 4:
                make_version(article, headline=words)
            else:
                words = make_comment(article=article, text=f"Comment {number}.").text
            for _ in range(READS):
                for port in self.ports:
                    reads += 1
                    stale += words not in self.read(port, article.get_absolute_url())
        self.assertEqual((reads, stale), (CHANGES * READS * 2, 0))
