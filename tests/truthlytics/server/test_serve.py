"""`manage.py serve`: replacing workers, silent clients, and shutdown."""

import http.client
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections import Counter
from pathlib import Path
from tempfile import TemporaryDirectory

from django.test import SimpleTestCase

from tests.truthlytics.server.served import database_url, free_port
from truthlytics.env import BASE_DIR

# Errors of a client whose connection was closed before, or while, it sent its request.
UNREAD = {"BrokenPipeError", "ConnectionResetError"}


class UnixConnection(http.client.HTTPConnection):
    """A connection to a Unix socket at `host`."""

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self.host)


class ServeCase(SimpleTestCase):
    databases = {"default"}

    def start(self, *arguments):
        self.spawn(*arguments)
        self.wait_for_output("Started worker-1")
        while self.get() != 200:
            time.sleep(0.05)

    def spawn(self, *arguments):
        environment = {
            **os.environ,
            "DATABASE_URL": database_url(),
            "SECRET_KEY": "for-this-test-only-" + "x" * 40,
            "SITE_URL": "http://localhost",
            "DEBUG": "0",
            "TRUTHLYTICS_DEMO": "0",
        }
        command = [sys.executable, "manage.py", "serve", *arguments]
        self.server = subprocess.Popen(
            command, cwd=BASE_DIR, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )
        self.addCleanup(self.server.stdout.close)
        self.addCleanup(self.server.wait, 30)
        self.addCleanup(self.server.terminate)

    def wait_for_output(self, text):
        for line in self.server.stdout:
            if text in line:
                return
        raise AssertionError(f"The server ended before it printed {text!r}.")

    def connect(self):
        raise NotImplementedError

    def get(self, path="/healthz"):
        """Return the status, or the name of the error."""
        connection = self.connect()
        try:
            connection.request("GET", path, headers={"Host": "localhost"})
            return connection.getresponse().status
        except OSError as error:
            return type(error).__name__
        finally:
            connection.close()


class UnixSocketTests(ServeCase):
    def setUp(self):
        self.path = Path(self.enterContext(TemporaryDirectory())) / "site.sock"
        self.start("--uds", str(self.path))

    def connect(self):
        return UnixConnection(str(self.path), timeout=5)

    def test_replacing_a_worker_drops_no_request(self):
        statuses, stopped = Counter(), threading.Event()

        def request():
            while not stopped.is_set():
                status = self.get()
                # The old worker may close a connection before it reads the request, which clients then repeat.
                statuses[self.get() if status in UNREAD else status] += 1

        clients = [threading.Thread(target=request) for _ in range(3)]
        for client in clients:
            client.start()
        self.server.send_signal(signal.SIGHUP)
        self.wait_for_output("Stopped old worker-1")
        stopped.set()
        for client in clients:
            client.join()
        self.assertGreater(statuses[200], 50)
        self.assertEqual(set(statuses), {200})


class PortTests(ServeCase):
    def setUp(self):
        self.port = free_port()
        self.start("--port", str(self.port))

    def connect(self):
        return http.client.HTTPConnection("127.0.0.1", self.port, timeout=5)

    def test_silent_clients_do_not_block_the_site(self):
        headers = b"POST /accounts/login/ HTTP/1.1\r\nHost: localhost\r\n"
        for data in [b""] * 60 + [headers] * 60 + [headers + b"Content-Length: 99\r\n\r\n"] * 20:
            client = socket.create_connection(("127.0.0.1", self.port))
            self.addCleanup(client.close)
            client.sendall(data)
        # Each request has a timeout.
        self.assertEqual({self.get() for _ in range(10)}, {200})

    def test_it_stops_on_sigterm(self):
        self.server.terminate()
        self.assertEqual(self.server.wait(20), 0)


class StartTests(ServeCase):
    def test_it_stops_while_its_workers_start(self):
        self.spawn("--port", str(free_port()))
        self.wait_for_output("Spawning worker-1")
        self.server.terminate()
        self.assertEqual(self.server.wait(20), 0)
