"""Whole server processes for tests, on the tests' own database."""

import http.client
import os
import socket
import subprocess
import sys
import time

from django.db import connection
from django.test import TransactionTestCase, override_settings

from truthlytics.env import BASE_DIR


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def database_url() -> str:
    database = connection.settings_dict
    if connection.vendor == "sqlite":
        return f"sqlite:///{os.path.relpath(database['NAME'], BASE_DIR)}"
    account = f"{database['USER']}:{database['PASSWORD']}".rstrip(":")
    return f"postgres://{account}@{database['HOST']}:{database['PORT']}/{database['NAME']}"


class ServedTestCase(TransactionTestCase):
    """Each dictionary in `servers` is one `manage.py serve` with that in its environment; `ports` are theirs."""

    servers: list[dict[str, str]] = [{}]

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
        self.ports = [free_port() for _ in self.servers]
        self.processes = []
        for port, more in zip(self.ports, self.servers, strict=True):
            server = self.manage("serve", "--port", str(port), **more)
            self.processes.append(server)
            self.addCleanup(server.wait)
            self.addCleanup(server.terminate)
        for port in self.ports:
            self.wait_for(port)

    def manage(self, *arguments, **more):
        command = [sys.executable, "manage.py", *arguments]
        return subprocess.Popen(
            command, env=self.environment | more, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )

    def wait_for(self, port):
        for _ in range(300):
            try:
                return self.read(port, "/robots.txt")
            except OSError:
                time.sleep(0.1)
        raise AssertionError("The server did not start.")

    def cookie_of(self, user) -> str:
        """What the browser of `user` carries once they have logged in to one of the servers."""
        with override_settings(SECRET_KEY=self.environment["SECRET_KEY"]):
            self.client.force_login(user)
        return f"sessionid={self.client.cookies['sessionid'].value}"

    def read(self, port, path, cookie=""):
        asking = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
        asking.request("GET", path, headers={"Host": "localhost"} | ({"Cookie": cookie} if cookie else {}))
        answer = asking.getresponse()
        body = answer.read().decode()
        asking.close()
        self.assertLess(answer.status, 500)
        return body
