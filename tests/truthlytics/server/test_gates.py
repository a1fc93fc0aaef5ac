"""Only the host of SITE_URL is answered and cached, ports included, and a refused body breaks no connection."""

import socket
from io import BytesIO

from django.test import RequestFactory, SimpleTestCase, override_settings

from tests.budget import takes_longer
from tests.transactions import TransactionTestCase
from tests.truthlytics.cache.visitor import MIDDLEWARE, Visitor
from tests.truthlytics.server.requests import call, post
from tests.truthlytics.server.served import ServedTestCase
from truthlytics.server.gates import BodyGate, HostGate
from truthlytics.web.hosts import own_host

OTHERS = [
    "", "localhost.", "LOCALHOST.", "localhost:", "localhost:x", "localhost:0443", "localhost,localhost", "127.0.0.1",
    "user@localhost", "localhost#", "xn--localhost", "localhost\t", "[::1]", "evil.example", "localhost:8132:8132",
    *(f"localhost:{port}" for port in range(1, 201)),
]  # fmt: skip
PRODUCTION = override_settings(
    SITE_URL="https://localhost:8132", SITE_HOST="localhost:8132", ALLOWED_HOSTS=["localhost"], LOCAL_HOSTS=False
)


def echo(environ, start_response):
    start_response("200 OK", [])
    return [environ["HTTP_HOST"].encode()]


@PRODUCTION
class HostGateTests(SimpleTestCase):
    def test_the_host_of_the_site_has_one_spelling(self):
        for host in ("localhost:8132", "LocalHost:8132", "localhost", "LOCALHOST", "localhost:443"):
            self.assertEqual(call(HostGate(echo), "GET", HTTP_HOST=host)[1], b"localhost:8132", host)

    def test_other_hosts_and_ports_are_refused_in_a_sentence(self):
        for host in OTHERS:
            status, body, _headers = call(HostGate(echo), "GET", HTTP_HOST=host)
            self.assertEqual((status, b"There is no such site here" in body), ("400", True), host)

    def test_a_request_without_a_host_is_refused(self):
        self.assertEqual(call(HostGate(echo), "GET")[0], "400")

    def test_the_demo_answers_to_the_names_of_the_machine_at_any_port(self):
        with self.settings(LOCAL_HOSTS=True):
            self.assertEqual(own_host("127.0.0.1:8000"), "127.0.0.1:8000")
            self.assertIsNone(own_host("evil.example"))

    def test_a_refused_body_is_received_so_that_a_proxy_reads_the_answer(self):
        for gate, host in ((HostGate(echo), "evil.example"), (BodyGate(echo), "localhost:8132")):
            body = BytesIO(b"x" * 6_000_000)
            self.assertEqual(post(gate, body, HTTP_HOST=host)[0], "400")
            self.assertEqual(body.tell(), 6_000_000)
        self.assertEqual(call(BodyGate(echo), "POST", HTTP_HOST="localhost", CONTENT_LENGTH="0")[0], "200")
        self.assertEqual(call(BodyGate(echo), "POST", HTTP_HOST="localhost", HTTP_TRANSFER_ENCODING="x")[0], "400")


@PRODUCTION
@override_settings(MIDDLEWARE=MIDDLEWARE)
class CachedHostTests(TransactionTestCase):
    def test_no_spelling_of_a_host_is_another_entry_of_the_page_cache(self):
        visitor = Visitor()
        gate = HostGate(visitor.cache)
        for host in ("localhost:8132", "localhost", "LOCALHOST:443", *OTHERS):
            environ = RequestFactory(HTTP_HOST=host).get("/latest/").environ | {"HTTP_HOST": host}
            b"".join(gate(environ, lambda status, headers, *error: None))
        self.assertEqual(len(visitor.cache.store._entries), 1)
        self.assertEqual(len(visitor.cache.keys._keys), 1)


class SocketTests(ServedTestCase):
    """What a proxy sees."""

    def send(self, start, headers=(), body=b""):
        """Send a request as nginx does: all of it before the answer is read. Returns the status."""
        lines = [start, *headers, f"Content-Length: {len(body)}", "", ""]
        with socket.create_connection(("127.0.0.1", self.ports[0]), timeout=20) as client:
            client.sendall("\r\n".join(lines).encode() + body)
            return int(client.recv(4096).split()[1])

    @takes_longer("A server runs beside the test.")
    def test_what_a_proxy_sends_is_answered(self):
        large, read = b"x" * 6_000_000, "POST /read?id=1&r= HTTP/1.1"
        for status, start, host, body in (
            (200, "GET /robots.txt HTTP/1.1", "localhost", b""),
            (200, "GET /robots.txt HTTP/1.1", "LOCALHOST:80", b""),
            (400, "GET /robots.txt HTTP/1.1", "localhost:81", b""),
            (400, "GET /robots.txt HTTP/1.1", "localhost.", b""),
            (400, "GET /robots.txt HTTP/1.1", "127.0.0.1", b""),
            (200, "GET /healthz HTTP/1.1", "127.0.0.1", b""),
            (400, read, "localhost", large),
            (400, read, "localhost:81", large),
            (400, "POST /contact/ HTTP/1.1", "evil.example", large),
            (413, "POST /contact/ HTTP/1.1", "localhost", large),
        ):
            with self.subTest(start, host=host):
                self.assertEqual(self.send(start, [f"Host: {host}"], body), status)
