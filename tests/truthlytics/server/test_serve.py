"""`manage.py serve`: replacing workers, silent clients, and shutdown."""

import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import threading
from collections import Counter
from pathlib import Path
from tempfile import TemporaryDirectory

from django.test import SimpleTestCase

from tests.budget import takes_longer
from tests.truthlytics.server.served import database_url, free_port
from truthlytics.env import BASE_DIR
from truthlytics.management.commands.serve import web

# Seconds that the old worker waits for the requests of clients that are connected already.
CLOSING = 3


class UnixConnection(http.client.HTTPConnection):
    """A connection to a Unix socket at `host`."""

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self.host)


class ServeCase(SimpleTestCase):
    databases = {"default"}

    def start(self, *command):
        self.spawn(*command)
        self.wait_for_output("is ready")

    def spawn(self, *command):
        environment = {
            **os.environ,
            "DATABASE_URL": database_url(),
            "SECRET_KEY": "for-this-test-only-" + "x" * 40,
            "SITE_URL": "http://localhost",
            "DEBUG": "0",
            "TRUTHLYTICS_DEMO": "0",
        }
        self.server = subprocess.Popen(
            [sys.executable, *command],
            cwd=BASE_DIR,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        # Ends the output that a test waits for.
        watchdog = threading.Timer(300, self.server.kill)
        watchdog.start()
        self.addCleanup(watchdog.cancel)
        self.addCleanup(self.server.stdout.close)
        self.addCleanup(self.server.wait, 60)
        self.addCleanup(self.server.terminate)

    def wait_for_output(self, text):
        lines = []
        for line in self.server.stdout:
            if text in line:
                return
            lines.append(line)
        raise AssertionError(f"The server ended before it printed {text!r}, after {''.join(lines)!r}.")

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


class ReloadCase(ServeCase):
    """Starts what `serve` runs, but lets the old worker close its connections sooner."""

    def start_at(self, **address):
        config = {
            "address": {"host": "127.0.0.1", "port": 0, "uds": None} | address,
            "services": [web(1)],
            "log_format": "text",
            "timing": {"closing": CLOSING},
        }
        self.start("-m", "truthlytics.server.supervisor", json.dumps(config))

    def reload_under_load(self):
        """Return how often each status or error occurred, with a new connection for each request."""
        statuses, stopped = Counter(), threading.Event()

        def request():
            while not stopped.is_set():
                statuses[self.get()] += 1

        clients = [threading.Thread(target=request) for _ in range(3)]
        for client in clients:
            client.start()
        self.server.send_signal(signal.SIGHUP)
        self.wait_for_output("Stopped web")
        stopped.set()
        for client in clients:
            client.join()
        return statuses


class ReloadOnUnixSocketTests(ReloadCase):
    def setUp(self):
        self.path = Path(self.enterContext(TemporaryDirectory())) / "site.sock"
        self.start_at(uds=str(self.path))

    def connect(self):
        return UnixConnection(str(self.path), timeout=30)

    @takes_longer("Servers or workers run beside the test.")
    def test_replacing_a_worker_loses_no_request(self):
        statuses = self.reload_under_load()
        self.assertGreater(statuses[200], 50)
        self.assertEqual(set(statuses), {200})


class ReloadOnPortTests(ReloadCase):
    def setUp(self):
        self.port = free_port()
        self.start_at(port=self.port)

    def connect(self):
        return http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)

    @takes_longer("Servers or workers run beside the test.")
    def test_replacing_a_worker_loses_no_request(self):
        idle = self.connect()
        idle.request("GET", "/healthz", headers={"Host": "localhost"})
        self.assertIsNone(idle.getresponse().getheader("Connection"))
        statuses = self.reload_under_load()
        self.assertGreater(statuses[200], 50)
        self.assertEqual(set(statuses), {200})


class PortTests(ServeCase):
    def setUp(self):
        self.port = free_port()
        self.start("manage.py", "serve", "--port", str(self.port))

    def connect(self):
        return http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)

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
        self.assertEqual(self.server.wait(60), 0)


class StartTests(ServeCase):
    def test_it_stops_while_its_workers_start(self):
        self.spawn("manage.py", "serve", "--port", str(free_port()))
        self.wait_for_output("Started web")
        self.server.terminate()
        self.assertEqual(self.server.wait(60), 0)
