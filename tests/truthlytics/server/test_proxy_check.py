"""`check_proxy` finds nothing wrong with an honest proxy, and what each dishonest one lets through."""

import socket
from contextlib import suppress
from io import StringIO
from socketserver import StreamRequestHandler, ThreadingTCPServer
from threading import Thread
from unittest import mock
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

from django.conf import settings
from django.core import signing
from django.core.management import CommandError, call_command
from django.test import SimpleTestCase

from tests.budget import takes_longer
from tests.truthlytics.server.requests import call
from truthlytics.server.gates import BodyGate, HostGate
from truthlytics.server.proxy_echo import ECHO, SALT, ProxyEcho, new_token


def site(environ, start_response):
    start_response("200 OK", [("Content-Length", "2")])
    return [b"ok"]


def application(environ, start_response):
    """What is around Django. The last of two headers with one name wins, as in the server."""
    inner = BodyGate(site) if environ["PATH_INFO"] == "/read" else site
    return ProxyEcho(HostGate(inner))(environ, start_response)


class Handler(WSGIRequestHandler):
    def get_environ(self):
        environ = super().get_environ()
        names = {}
        for name, value in self.headers.items():
            names.setdefault(name.lower(), []).append(value)
        return environ | {f"HTTP_{name.replace('-', '_').upper()}": ",".join(found) for name, found in names.items()}

    def log_message(self, *arguments):
        pass


class QuietServer(WSGIServer):
    def handle_error(self, request, address):
        pass


class ProxyServer(ThreadingTCPServer):
    allow_reuse_address = daemon_threads = True


def honest(headers):
    kept = [(name, value) for name, value in headers if "_" not in name]
    kept = [(name, value) for name, value in kept if name.lower() not in {"x-forwarded-for", "x-forwarded-proto"}]
    return [*kept, ("X-Forwarded-For", "192.0.2.1"), ("X-Forwarded-Proto", "http")]


def with_underscores(headers):
    return [*honest(headers), *((name, value) for name, value in headers if "_" in name)]


def trusting(headers):
    """Add the address and the scheme only if the client has sent none."""
    sent = {name.lower() for name, _value in headers}
    added = [(name, value) for name, value in honest([]) if name.lower() not in sent]
    return [*((name, value) for name, value in headers if "_" not in name), *added]


def breaking(headers):
    length = int(dict(headers).get("Content-Length", "0"))
    return None if length > 1_000_000 else honest(headers)


class ProxyTestCase(SimpleTestCase):
    def setUp(self):
        self.backend = self.run_server(make_server("127.0.0.1", 0, application, QuietServer, Handler))

    def run_server(self, server):
        Thread(target=server.serve_forever, args=(0.02,)).start()
        self.addCleanup(server.server_close)
        self.addCleanup(server.shutdown)
        return server.server_address[1]

    def proxy(self, change):
        backend = self.backend

        class Proxying(StreamRequestHandler):
            def handle(self):
                line = self.rfile.readline()
                headers = []
                while text := self.rfile.readline().decode().strip():
                    name, _, value = text.partition(":")
                    headers.append((name, value.strip()))
                sent = change(headers)
                if sent is None:
                    return
                body = self.rfile.read(int(dict(headers).get("Content-Length", "0")))
                head = b"".join(f"{name}: {value}\r\n".encode() for name, value in sent if name != "Connection")
                with socket.create_connection(("127.0.0.1", backend)) as inner, suppress(OSError):
                    Thread(target=lambda: inner.sendall(line + head + b"Connection: close\r\n\r\n" + body)).start()
                    while chunk := inner.recv(65536):
                        self.wfile.write(chunk)

        return self.run_server(ProxyServer(("127.0.0.1", 0), Proxying))

    def behind(self, change):
        """Return the settings of the site behind a proxy that changes headers so."""
        port = self.proxy(change)
        names = {
            "SITE_URL": f"http://localhost:{port}",
            "SITE_HOST": f"localhost:{port}",
            "ALLOWED_HOSTS": ["localhost"],
        }
        return self.settings(**names, LOCAL_HOSTS=False, TRUSTED_PROXY_COUNT=1)


class ProxyCheckTests(ProxyTestCase):
    def check(self, change):
        """Return what the command prints, and whether it fails."""
        out = StringIO()
        with self.behind(change):
            try:
                call_command("check_proxy", settings.SITE_URL, stdout=out)
            except CommandError as error:
                return out.getvalue(), str(error)
        return out.getvalue(), ""

    @takes_longer("Two servers, and bodies of 6 MB.")
    def test_an_honest_proxy_passes(self):
        said, error = self.check(honest)
        self.assertEqual((error, "WRONG" in said), ("", False), said)
        self.assertIn("Headers with underscores do not arrive.", said)

    @takes_longer("Two servers, and bodies of 6 MB.")
    def test_each_dishonest_proxy_is_found_with_what_to_change(self):
        for change, sentence in (
            (with_underscores, "Headers with underscores arrive"),
            (trusting, "A list in X-Forwarded-For lets a client choose the address"),
            (trusting, "X-Forwarded-Proto of a client arrives as a client sends it"),
            (breaking, "A body of 6 MB where none is expected breaks the connection"),
        ):
            with self.subTest(change.__name__, sentence=sentence):
                said, error = self.check(change)
                self.assertIn("must be changed", error)
                self.assertIn(f"WRONG  {sentence}", said)

    def test_a_site_that_is_another_is_named(self):
        with self.settings(SECRET_KEY="y" * 50):
            token = new_token()
        self.assertEqual(self.echo(token), b"ok")
        with self.assertRaisesMessage(CommandError, "does not answer as this site"):
            call_command("check_proxy", "http://127.0.0.1:9")

    def echo(self, token):
        return call(ProxyEcho(site), "GET", PATH_INFO=ECHO, QUERY_STRING=token, HTTP_HOST="localhost")[1]

    def test_without_a_token_of_the_last_minutes_nothing_is_shown(self):
        self.assertIn(b'"HTTP_HOST": "localhost"', self.echo(new_token()))
        for token in ("", "x", signing.dumps("check", salt="x"), signing.dumps("check"), f"{new_token()}x"):
            self.assertEqual(self.echo(token), b"ok", token)
        with mock.patch("django.core.signing.time.time", return_value=0):
            old = signing.dumps("check", salt=SALT)
        self.assertEqual(self.echo(old), b"ok")
