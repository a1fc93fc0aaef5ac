"""Request bodies are buffered before Django sees them, so that slow clients cannot block the site."""

import threading
from io import BytesIO
from unittest import mock

from django.conf import settings
from django.test import SimpleTestCase, override_settings

from tests.budget import takes_longer
from tests.truthlytics.server.requests import call, post
from truthlytics.server.body_buffer import MAX_CHANGES, SMALL_BODY, BodyBuffer
from truthlytics.server.workers import Workers


class SilentClient:
    """The body of a client that sends nothing until `disconnect` is called."""

    def __init__(self):
        self.reached = threading.Event()
        self._disconnected = threading.Event()
        self.disconnect = self._disconnected.set

    def read(self, size):
        self.reached.set()
        self._disconnected.wait(10)
        return b""


def echo(environ, start_response):
    start_response("200 OK", [])
    return [environ["wsgi.input"].read()]


class BodyBufferTests(SimpleTestCase):
    def test_bodies_that_proxies_let_through_and_django_rejects_are_received_and_dropped(self):
        body = BytesIO(b"x" * 6_000_000)
        self.assertEqual(post(BodyBuffer(echo), body)[1], b"")
        self.assertEqual(body.tell(), 6_000_000)
        larger = BytesIO(b"x")
        post(BodyBuffer(echo), larger, settings.LARGEST_UPLOAD + 1)
        self.assertEqual(larger.getvalue(), b"x")

    def start_silent_clients(self, application, number, length):
        clients = [SilentClient() for _ in range(number)]
        for client in clients:
            self.addCleanup(client.disconnect)
            threading.Thread(target=post, args=(application, client, length)).start()
        for client in clients:
            self.assertTrue(client.reached.wait(10))

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

    @takes_longer("Servers or workers run beside the test.")
    def test_slow_clients_leave_threads_for_pages(self):
        application = BodyBuffer(Workers(echo, readers=1, writers=1))
        self.start_silent_clients(application, MAX_CHANGES, 100)
        self.assertEqual(post(application, BytesIO(b"late"))[0], "503")
        self.assertEqual(call(application, "GET")[0], "200")

    @takes_longer("Servers or workers run beside the test.")
    def test_slow_uploads_do_not_block_small_forms(self):
        application = BodyBuffer(echo, max_uploads=2, max_wait=0.05)
        self.start_silent_clients(application, 2, SMALL_BODY + 1)
        self.assertEqual(post(application, BytesIO(b"x" * (SMALL_BODY + 1)))[0], "503")
        self.assertEqual(post(application, BytesIO(b"comment"))[:2], ("200", b"comment"))

    @override_settings(DATA_UPLOAD_MAX_MEMORY_SIZE=10, LARGEST_UPLOAD=20)
    def test_bodies_that_are_too_large_for_every_address_are_not_read(self):
        body = mock.Mock()
        rejecting = BodyBuffer(lambda environ, start_response: start_response("413 No", []) or [])
        form, files = "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"
        for path, content_type, length in (
            ("/admin/articles/image/upload/", files, 21),
            ("/admin/articles/image/upload/", form, 21),
            ("/admin/articles/article/add/", files, 21),
            ("/accounts/login/", "application/json", 21),
        ):
            environ = {"PATH_INFO": path, "CONTENT_TYPE": content_type}
            self.assertEqual(post(rejecting, body, length=length, **environ)[0], "413")
        body.read.assert_not_called()
        upload = {"PATH_INFO": "/admin/articles/image/upload/", "CONTENT_TYPE": files}
        self.assertEqual(post(BodyBuffer(echo), BytesIO(b"x" * 20), **upload)[:2], ("200", b"x" * 20))
