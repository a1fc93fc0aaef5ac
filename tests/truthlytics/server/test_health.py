"""Health checks, and error pages while the database is down."""

import logging
import threading
import time
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from unittest import mock

from django.db import OperationalError
from django.test import TestCase, override_settings
from django.utils import timezone
from django_tasks_db.models import DBTaskResult, get_date_max

from tests.budget import takes_longer
from truthlytics.jobs.models import JobProblem
from truthlytics.server import health


class DatabaseDownTests(TestCase):
    def test_pages_without_the_database_are_503_with_retry_after(self):
        self.client.raise_request_exception = False
        for error, status in ((OperationalError("down"), 503), (RuntimeError("bug"), 500)):
            with mock.patch("articles.views.lists.layout_served", side_effect=error):
                response = self.client.get("/")
            self.assertEqual((response.status_code, "Retry-After" in response.headers), (status, status == 503))


class HealthTests(TestCase):
    def setUp(self):
        self.addCleanup(setattr, health, "_running", None)
        self.addCleanup(setattr, health, "_failed_before", False)

    def readyz(self):
        response = self.client.get("/readyz", headers={"host": "10.0.0.7:8000"})
        self.assertEqual(response.headers["Cache-Control"], "private, no-store")
        return response.status_code, response.content

    def second_readyz(self):
        """Return the answer to a check after one that failed."""
        self.readyz()
        return self.readyz()

    @override_settings(SECURE_SSL_REDIRECT=True)
    def test_healthz_accepts_any_host(self):
        response = self.client.get("/healthz", headers={"host": "10.0.0.7:8000"})
        self.assertEqual((response.status_code, response.content), (200, b"ok"))

    def test_readyz_with_database_and_cache(self):
        self.assertEqual(self.readyz(), (200, b"ok"))

    def test_readyz_gives_the_reason_without_details(self):
        away = mock.Mock(get=mock.Mock(side_effect=OperationalError("no host db.internal")))
        logging.disable(logging.NOTSET)
        self.addCleanup(logging.disable, logging.CRITICAL)
        with (
            mock.patch.object(health, "cache", away),
            self.assertLogs(health.logger, "WARNING") as logs,
            self.assertLogs("django.request", "ERROR"),
        ):
            answer = self.second_readyz()
        self.assertEqual(answer, (503, b"not ready: the database or the cache does not respond"))
        self.assertEqual(len(logs.output), 2)
        self.assertIn("db.internal", logs.output[0])

    def test_readyz_needs_two_failed_checks_in_a_row(self):
        slow = [("slow", "")]
        results = [slow, [], slow, slow, slow, []]
        with mock.patch.object(health, "find_problems", side_effect=results):
            self.assertEqual([self.readyz()[0] for _ in results], [200, 200, 200, 503, 503, 200])

    def test_readyz_reports_waiting_tasks(self):
        row = {"args_kwargs": {}, "task_path": "x", "backend_name": "default", "run_after": get_date_max()}
        DBTaskResult.objects.create(**row)
        DBTaskResult.objects.update(enqueued_at=timezone.now() - timedelta(minutes=6))
        # In this thread, whose transaction has the row.
        found = health.find_problems()
        with mock.patch.object(health, "find_problems", return_value=found):
            self.assertEqual(self.second_readyz(), (503, b"not ready: tasks are waiting for a worker"))

    def test_readyz_reports_a_full_or_read_only_disk(self):
        for name, result, problem in (
            ("shutil.disk_usage", mock.Mock(free=health.MIN_FREE - 1), health.DISK_FULL),
            ("os.access", False, health.READ_ONLY),
        ):
            with self.subTest(problem), mock.patch(f"truthlytics.server.health.{name}", return_value=result):
                self.assertEqual(self.second_readyz(), (503, f"not ready: {problem}".encode()))

    @takes_longer("Servers or workers run beside the test.")
    def test_readyz_names_all_problems(self):
        JobProblem.objects.create(job="orders settled", problem="x", failures=3, noticed_at=timezone.now())
        JobProblem.objects.create(job="images processed", problem="x", failures=2, noticed_at=timezone.now())
        with TemporaryDirectory() as folder, override_settings(PAGE_CACHE_FILE=Path(folder) / "generations"):
            health.process_problems().write_text("the process tasks has ended 5 times in a row")
            with mock.patch("truthlytics.server.health.os.access", return_value=False):
                found = health.find_problems()
        with mock.patch.object(health, "find_problems", return_value=found):
            answer = self.second_readyz()
        names = "a folder is not writable; a process keeps ending; periodic jobs are failing"
        self.assertEqual(answer, (503, f"not ready: {names}".encode()))
        self.assertEqual(found[2][1], "orders settled: x")

    def test_a_database_that_hangs_does_not_block_readyz(self):
        released = threading.Event()
        self.addCleanup(released.set)
        hanging = mock.Mock(side_effect=lambda: released.wait(60))
        with mock.patch.object(health, "find_problems", hanging), mock.patch.object(health, "TIMEOUT", 0.1):
            started = time.monotonic()
            self.assertEqual([self.readyz()[0] for _ in range(3)], [200, 503, 503])
            self.assertLess(time.monotonic() - started, 30)
        hanging.assert_called_once()
