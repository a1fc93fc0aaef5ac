"""Server processes for tests, on the test database."""

import http.client
import os
import socket
import subprocess
import sys
import time

from django.db import connection
from django.test import override_settings

from tests.transactions import TransactionTestCase
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
    """Starts one `manage.py serve` for each dictionary in `servers`, which is added to its environment."""

    servers: list[dict[str, str]] = [{}]
    static_files_collected = False

    def setUp(self):
        self.environment = {
            **os.environ,
            "DATABASE_URL": database_url(),
            "SECRET_KEY": "for-this-test-only-" + "x" * 40,
            "SITE_URL": "http://localhost",
            "DEBUG": "0",
            "TRUTHLYTICS_DEMO": "0",
        }
        if not ServedTestCase.static_files_collected:
            ServedTestCase.static_files_collected = self.manage("collectstatic", "--noinput").wait() == 0
        self.ports = [free_port() for _ in self.servers]
        self.processes = []
        for port, environment in zip(self.ports, self.servers, strict=True):
            server = self.manage("serve", "--port", str(port), **environment)
            self.processes.append(server)
            self.addCleanup(server.wait)
            self.addCleanup(server.terminate)
        for port in self.ports:
            self.wait_for(port)

    def manage(self, *arguments, **environment):
        command = [sys.executable, "manage.py", *arguments]
        return subprocess.Popen(
            command, env=self.environment | environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )

    def wait_for(self, port):
        for _ in range(300):
            try:
                return self.read(port, "/robots.txt")
            except OSError:
                time.sleep(0.1)
        raise AssertionError("The server did not start.")

    def cookie_of(self, user) -> str:
        """Return the Cookie header of `user` after logging in."""
        with override_settings(SECRET_KEY=self.environment["SECRET_KEY"]):
            self.client.force_login(user)
        return f"sessionid={self.client.cookies['sessionid'].value}"

    def read(self, port, path, cookie="", **headers):
        client = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
        client.request("GET", path, headers={"Host": "localhost"} | ({"Cookie": cookie} if cookie else {}) | headers)
        response = client.getresponse()
        body = response.read().decode()
        client.close()
        self.assertLess(response.status, 500)
        return body
