"""Changes that wait for a thread or for the database do not stop reading, queue for a while and lose no text."""

import resource
import sqlite3
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from http.client import HTTPConnection
from io import BytesIO
from unittest import mock

from django.db import OperationalError, connection
from django.test import SimpleTestCase, TestCase, tag

from tests.budget import takes_longer
from tests.factories import make_article, make_commenter
from tests.truthlytics.server.requests import call, post
from tests.truthlytics.server.served import ServedTestCase
from truthlytics.publication.unavailable import SERVER_IS_BUSY
from truthlytics.server.body_buffer import BodyBuffer
from truthlytics.server.workers import WRITE_THREADS, Workers


class SlowChanges:
    """An application whose changes end when `finish` is called."""

    def __init__(self):
        self.started, self._finished = threading.Semaphore(0), threading.Event()
        self.finish = self._finished.set

    def __call__(self, environ, start_response):
        if environ["REQUEST_METHOD"] == "POST" and SERVER_IS_BUSY not in environ:
            self.started.release()
            self._finished.wait(10)
        start_response("503 Busy" if SERVER_IS_BUSY in environ else "200 OK", [])
        return [environ["wsgi.input"].read()]


class WorkerTests(SimpleTestCase):
    def setUp(self):
        self.changes = SlowChanges()
        self.addCleanup(self.changes.finish)

    @takes_longer("Many threads use the database at once.")
    def test_80_comments_at_once_are_all_accepted_and_pages_are_served_meanwhile(self):
        application = BodyBuffer(Workers(self.changes))
        with ThreadPoolExecutor(80) as clients:
            sent = [clients.submit(post, application, BytesIO(b"%d" % n)) for n in range(80)]
            for _ in range(WRITE_THREADS):
                self.assertTrue(self.changes.started.acquire(timeout=10))
            self.assertEqual(call(application, "GET")[0], "200")
            self.changes.finish()
            self.assertEqual([item.result()[:2] for item in sent], [("200", b"%d" % n) for n in range(80)])

    def test_a_change_that_waits_too_long_is_rejected(self):
        workers = Workers(self.changes, writers=1, max_wait=0.05)
        first = threading.Thread(target=post, args=(workers, BytesIO(b"first")))
        first.start()
        self.assertTrue(self.changes.started.acquire(timeout=10))
        self.assertEqual(post(workers, BytesIO(b"second"))[:2], ("503", b"second"))
        self.changes.finish()
        first.join()
        self.assertEqual(post(workers, BytesIO(b"third"))[0], "200")

    def test_deep_calls_do_not_take_memory_from_the_system_again_and_again(self):
        faults = []

        def application(environ, start_response):
            before = resource.getrusage(resource.RUSAGE_THREAD).ru_minflt
            descend(400)
            faults.append(resource.getrusage(resource.RUSAGE_THREAD).ru_minflt - before)
            start_response("200 OK", [])
            return []

        call(Workers(application), "GET")
        self.assertLess(faults[0], 100)


def descend(depth):
    """Call a function 200 times at each depth, so at the end of each block of memory for frames."""
    for _ in range(200):
        leaf()
    if depth:
        descend(depth - 1)


def leaf():
    pass


class UnavailablePageTests(TestCase):
    form = {
        "text": "Great!",
        "reason": "Two words",
        "password": "correct horse battery",
        "key": "0-1",
        "step": "log_in",
    }

    def send(self, origin="http://testserver", **environ):
        return self.client.post("/articles/any/comments/", self.form, headers={"origin": origin}, **environ)

    def assert_unavailable(self, response, *texts):
        self.assertEqual((response.status_code, response.headers["Retry-After"]), (503, "10"))
        self.assertEqual(response.headers["Cache-Control"], "private, no-store")
        self.assertIn("default-src 'none'", response.headers["Content-Security-Policy"])
        for text in self.form.values():
            self.assertEqual(f">{text}</textarea>" in response.content.decode(), text in texts, text)

    def test_a_busy_server_returns_what_was_typed_without_a_query(self):
        with self.assertNumQueries(0):
            response = self.send(**{SERVER_IS_BUSY: True})
        self.assert_unavailable(response, "Great!", "Two words")

    def test_without_the_database_the_typed_text_is_returned(self):
        self.client.raise_request_exception = False
        with mock.patch("comments.views.writing.get_object_or_404", side_effect=OperationalError("down")):
            self.assert_unavailable(self.send(), "Great!", "Two words")

    def test_other_sites_cannot_make_the_page_show_a_text(self):
        self.assert_unavailable(self.send(origin="https://elsewhere.example", **{SERVER_IS_BUSY: True}))


@tag("sqlite")  # PostgreSQL has no lock for all writers
class LockedDatabaseTests(ServedTestCase):
    def test_reading_while_changes_wait_for_the_lock(self):
        article, cookie = make_article(headline="Readable while locked"), self.cookie_of(make_commenter())
        path = article.get_absolute_url()
        self.assertIn("Readable while locked", self.read(self.ports[0], path, cookie))
        with closing(sqlite3.connect(connection.settings_dict["NAME"], isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            waiting = [self.start_comment(path, cookie) for _ in range(WRITE_THREADS + 4)]
            for page in (path, "/search/?q=locked"):
                self.assertIn("Readable while locked", self.read(self.ports[0], page, cookie))
            other.execute("ROLLBACK")
        for client in waiting:
            self.assertLess(client.getresponse().status, 500)
            client.close()

    def start_comment(self, path, cookie):
        client = HTTPConnection("127.0.0.1", self.ports[0], timeout=30)
        headers = {"Host": "localhost", "Cookie": cookie, "Content-Type": "application/x-www-form-urlencoded"}
        client.request("POST", f"{path}comments/kept/", "text=Waiting", headers)
        return client
