"""What stands before Django: slow senders wait outside, and whoever asks how we are gets an answer at once."""

import threading
import time
from datetime import timedelta
from io import BytesIO
from unittest import mock

from django.db import OperationalError
from django.test import SimpleTestCase, TestCase, override_settings
from django.utils import timezone
from django_tasks_db.models import DBTaskResult, get_date_max

from truthlytics.server import health
from truthlytics.server.body_buffer import SENDERS, Reception


class Silent:
    """A sender who begins and never ends, until it is let go."""

    def __init__(self):
        self.gone = threading.Event()

    def read(self, size):
        self.gone.wait(10)
        return b""


def echo(environ, start_response):
    start_response("200 OK", [])
    return [environ["wsgi.input"].read()]


def post(reception, body, length=None):
    said = []
    length = str(len(body.getvalue()) if length is None else length)
    environ = {"REQUEST_METHOD": "POST", "CONTENT_LENGTH": length, "wsgi.input": body}
    answer = reception(environ, lambda status, headers: said.append((status, dict(headers))))
    return said[0][0][:3], b"".join(answer), said[0][1]


class ReceptionTests(SimpleTestCase):
    def test_a_body_arrives_whole(self):
        text = b"x" * 3_000_000
        self.assertEqual(post(Reception(echo), BytesIO(text))[:2], ("200", text))

    def test_a_body_that_was_cut_off_reaches_nobody(self):
        status, said, _ = post(Reception(echo), BytesIO(b"half of a com"), length=26)
        self.assertEqual(status, "400")
        self.assertIn(b"Nothing was changed", said)

    def test_who_sends_nothing_is_told_and_the_connection_broken_off(self):
        sender = Silent()
        self.addCleanup(sender.gone.set)
        status, said, headers = post(Reception(echo, grace=0.05), sender, length=100)
        self.assertEqual(status, "408")
        self.assertGreater(int(headers["Content-Length"]), len(said))

    def test_slow_senders_never_hold_all_doors(self):
        reception, senders = Reception(echo, threads=1), [Silent() for _ in range(SENDERS)]
        for sender in senders:
            self.addCleanup(sender.gone.set)
            threading.Thread(target=post, args=(reception, sender, 100)).start()
        time.sleep(0.2)
        self.assertEqual(post(reception, BytesIO(b"late"))[0], "503")
        asked = reception({"REQUEST_METHOD": "GET", "wsgi.input": BytesIO(b"read")}, lambda *_: None)
        self.assertEqual(list(asked), [b"read"])

    @override_settings(LARGEST_BODY=10)
    def test_what_is_too_large_is_not_taken_in(self):
        sender = mock.Mock()
        refusing = Reception(lambda environ, start_response: start_response("413 No", []) or [])
        self.assertEqual(post(refusing, sender, length=11)[0], "413")
        sender.read.assert_not_called()


class AwayTests(SimpleTestCase):
    def test_without_its_database_a_page_says_to_come_back(self):
        self.client.raise_request_exception = False
        for error, status in ((OperationalError("gone"), 503), (RuntimeError("ours"), 500)):
            with mock.patch("articles.views.lists.layout_served", side_effect=error):
                answer = self.client.get("/")
            self.assertEqual((answer.status_code, "Retry-After" in answer.headers), (status, status == 503))


class HealthTests(TestCase):
    def setUp(self):
        self.addCleanup(setattr, health, "_running", None)

    def ready(self):
        answer = self.client.get("/readyz", headers={"host": "10.0.0.7:8000"})
        self.assertEqual(answer.headers["Cache-Control"], "private, no-store")
        return answer.status_code, answer.content

    @override_settings(SECURE_SSL_REDIRECT=True)
    def test_a_living_process_says_so_to_any_host(self):
        answer = self.client.get("/healthz", headers={"host": "10.0.0.7:8000"})
        self.assertEqual((answer.status_code, answer.content), (200, b"ok"))

    def test_ready_with_database_and_cache(self):
        self.assertEqual(self.ready(), (200, b"ok"))

    def test_without_its_database_it_is_not_ready_and_says_no_more(self):
        with mock.patch.object(health, "what_is_wrong", return_value="OperationalError: host db.internal"):
            self.assertEqual(self.ready(), (503, b"not ready"))

    def test_a_cache_that_is_away_is_named_in_the_log(self):
        with mock.patch.object(health.cache, "get", side_effect=OperationalError("gone")):
            self.assertIn("gone", health.what_is_wrong())

    def test_a_database_that_hangs_makes_nobody_wait(self):
        gate = threading.Event()
        self.addCleanup(gate.set)
        hanging = mock.Mock(side_effect=lambda: gate.wait(10))
        with mock.patch.object(health, "what_is_wrong", hanging), mock.patch.object(health, "PATIENCE", 0.1):
            begun = time.monotonic()
            self.assertEqual([self.ready()[0] for _ in range(3)], [503] * 3)
            self.assertLess(time.monotonic() - begun, 1)
        hanging.assert_called_once()

    def test_tasks_that_nobody_takes_up_are_seen(self):
        now = timezone.now()
        row = {"args_kwargs": {}, "task_path": "x", "backend_name": "default"}
        DBTaskResult.objects.create(run_after=get_date_max(), **row)
        self.assertFalse(health.waiting_since(now - timedelta(minutes=1)).exists())
        DBTaskResult.objects.update(enqueued_at=now - timedelta(hours=1))
        self.assertTrue(health.waiting_since(now - timedelta(minutes=1)).exists())
        DBTaskResult.objects.update(run_after=now - timedelta(seconds=2))
        self.assertFalse(health.waiting_since(now - timedelta(minutes=1)).exists())
