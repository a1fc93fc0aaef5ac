"""Request bodies are buffered before Django sees them, so that slow clients cannot block the site."""

import threading
import time
from io import BytesIO
from unittest import mock

from django.test import SimpleTestCase, override_settings

from truthlytics.server.body_buffer import MAX_UPLOADS, BodyBuffer


class SilentClient:
    """The body of a client that sends nothing until `disconnect` is called."""

    def __init__(self):
        self._disconnected = threading.Event()
        self.disconnect = self._disconnected.set

    def read(self, size):
        self._disconnected.wait(10)
        return b""


def echo(environ, start_response):
    start_response("200 OK", [])
    return [environ["wsgi.input"].read()]


def post(application, body, length=None):
    started = []
    length = str(len(body.getvalue()) if length is None else length)
    environ = {"REQUEST_METHOD": "POST", "CONTENT_LENGTH": length, "wsgi.input": body}
    response = application(environ, lambda status, headers: started.append((status, dict(headers))))
    return started[0][0][:3], b"".join(response), started[0][1]


class BodyBufferTests(SimpleTestCase):
    def test_a_body_arrives_complete(self):
        text = b"x" * 3_000_000
        self.assertEqual(post(BodyBuffer(echo), BytesIO(text))[:2], ("200", text))

    def test_an_incomplete_body_is_rejected(self):
        status, body, _ = post(BodyBuffer(echo), BytesIO(b"half of a com"), length=26)
        self.assertEqual(status, "400")
        self.assertIn(b"Nothing was changed", body)

    def test_a_silent_client_gets_an_error_and_is_disconnected(self):
        client = SilentClient()
        self.addCleanup(client.disconnect)
        status, body, headers = post(BodyBuffer(echo, check_interval=0.05), client, length=100)
        self.assertEqual(status, "408")
        self.assertGreater(int(headers["Content-Length"]), len(body))

    def test_slow_uploads_leave_threads_for_pages(self):
        application, clients = BodyBuffer(echo, threads=1), [SilentClient() for _ in range(MAX_UPLOADS)]
        for client in clients:
            self.addCleanup(client.disconnect)
            threading.Thread(target=post, args=(application, client, 100)).start()
        time.sleep(0.2)
        self.assertEqual(post(application, BytesIO(b"late"))[0], "503")
        response = application({"REQUEST_METHOD": "GET", "wsgi.input": BytesIO(b"page")}, lambda *_: None)
        self.assertEqual(list(response), [b"page"])

    @override_settings(LARGEST_BODY=10)
    def test_bodies_that_are_too_large_are_not_read(self):
        body = mock.Mock()
        rejecting = BodyBuffer(lambda environ, start_response: start_response("413 No", []) or [])
        self.assertEqual(post(rejecting, body, length=11)[0], "413")
        body.read.assert_not_called()
