"""Posting to servers: what is refused, and what is answered."""

import socket
from contextlib import closing

from django.test import SimpleTestCase

from tests.threads import start_thread
from truthlytics.web.public_http import MAX_ANSWER, RequestError, post

OK = b"HTTP/1.1 200 OK\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: 2\r\n\r\nok"


class PostTests(SimpleTestCase):
    def answer(self, response):
        """Listen for one request and answer it. Returns the port, and a list for the request."""
        server = socket.create_server(("127.0.0.1", 0))
        requests = []

        def serve():
            with closing(server), closing(server.accept()[0]) as connection:
                connection.settimeout(30)
                while b"the body" not in b"".join(requests):
                    requests.append(connection.recv(4096))
                connection.sendall(response)

        thread = start_thread(serve)
        self.addCleanup(thread.join)
        return server.getsockname()[1], requests

    def post(self, url, **options):
        return post(url, b"the body", content_type="text/plain", user_agent="test", **options)

    def test_answer_of_a_server_on_this_machine(self):
        port, requests = self.answer(OK)
        self.assertEqual(self.post(f"http://127.0.0.1:{port}/x?y=1", allow_local=True), (200, "text/plain", b"ok"))
        request = b"".join(requests)
        self.assertTrue(request.startswith(b"POST /x?y=1 HTTP/1.1\r\n"))
        self.assertIn(b"Content-Type: text/plain\r\n", request)

    def test_answers_that_are_too_long_or_cut_off(self):
        for response in (
            OK.replace(b": 2", b": 3"),
            OK.replace(b": 2", f": {MAX_ANSWER + 1}".encode()) + b"x" * MAX_ANSWER,
        ):
            port, _ = self.answer(response)
            with self.assertRaises(RequestError):
                self.post(f"http://127.0.0.1:{port}/", allow_local=True)

    def test_only_public_addresses_over_https(self):
        def connect(address, timeout):
            raise AssertionError("connected")

        for url, addresses in (
            ("http://127.0.0.1:8000/", []),
            ("http://witness.example/", ["9.9.9.9"]),
            ("https://witness.example:444/", ["9.9.9.9"]),
            ("https://witness.example/", ["9.9.9.9", "10.0.0.1"]),
            ("https://witness.example/", ["::1"]),
            ("ftp://witness.example/", ["9.9.9.9"]),
            ("https://localhost/", ["127.0.0.1"]),
            ("not a URL", []),
        ):
            with self.subTest(url), self.assertRaisesMessage(RequestError, "not public"):
                self.post(url, resolve=lambda host, port, found=addresses: found, connect=connect)

    def test_server_that_is_away(self):
        def connect(address, timeout):
            raise TimeoutError("timed out")

        with self.assertRaisesMessage(RequestError, "timed out"):
            self.post("https://witness.example/", resolve=lambda host, port: ["9.9.9.9"], connect=connect)
