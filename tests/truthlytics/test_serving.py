"""`manage.py serve` itself: replaced without a refusal, and not to be held by visitors who say nothing."""

import http.client
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections import Counter

from django.test import SimpleTestCase

from tests.truthlytics.serving import database_url, free_port
from truthlytics.env import BASE_DIR


class ServeTests(SimpleTestCase):
    databases = {"default"}

    def setUp(self):
        self.port = free_port()
        environment = {
            **os.environ,
            "DATABASE_URL": database_url(),
            "SECRET_KEY": "for-this-test-only-" + "x" * 40,
            "SITE_URL": "http://localhost",
            "DEBUG": "0",
            "TRUTHLYTICS_DEMO": "0",
        }
        command = [sys.executable, "manage.py", "serve", "--port", str(self.port)]
        self.server = subprocess.Popen(
            command, cwd=BASE_DIR, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )
        self.addCleanup(self.server.stdout.close)
        self.addCleanup(self.server.wait, 30)
        self.addCleanup(self.server.terminate)
        self.until("Started worker-1")
        while self.get() != 200:
            time.sleep(0.05)

    def until(self, words):
        for line in self.server.stdout:
            if words in line:
                return
        raise AssertionError(f"The server ended before it said {words!r}.")

    def get(self, path="/healthz"):
        line = http.client.HTTPConnection("127.0.0.1", self.port, timeout=5)
        try:
            line.request("GET", path, headers={"Host": "localhost"})
            return line.getresponse().status
        except OSError as error:
            return type(error).__name__
        finally:
            line.close()

    def test_a_new_worker_takes_over_without_a_refusal(self):
        seen, over = Counter(), threading.Event()

        def ask():
            while not over.is_set():
                seen[self.get()] += 1

        askers = [threading.Thread(target=ask) for _ in range(3)]
        for asker in askers:
            asker.start()
        self.server.send_signal(signal.SIGHUP)
        self.until("Stopped old worker-1")
        over.set()
        for asker in askers:
            asker.join()
        self.assertGreater(seen[200], 50)
        self.assertEqual(set(seen), {200})

    def test_visitors_who_say_nothing_hold_no_place(self):
        head = b"POST /accounts/login/ HTTP/1.1\r\nHost: localhost\r\n"
        for words in [b""] * 60 + [head] * 60 + [head + b"Content-Length: 99\r\n\r\n"] * 20:
            line = socket.create_connection(("127.0.0.1", self.port))
            self.addCleanup(line.close)
            line.sendall(words)
        begun = time.monotonic()
        self.assertEqual({self.get() for _ in range(10)}, {200})
        self.assertLess(time.monotonic() - begun, 4)

    def test_it_ends_when_it_is_told_to(self):
        self.server.terminate()
        self.assertEqual(self.server.wait(20), 0)
