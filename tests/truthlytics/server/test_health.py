"""Health checks, and error pages while the database is down."""

import logging
import os
import threading
import time
from contextlib import nullcontext
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from unittest import mock

from django.core.cache import cache
from django.core.signals import request_finished
from django.db import OperationalError, close_old_connections
from django.http import HttpResponse
from django.test import TestCase, override_settings
from django.utils import timezone
from django_tasks_db.models import DBTaskResult, get_date_max

from articles.models import Article
from tests.budget import takes_longer
from tests.factories import make_article
from truthlytics.jobs.groups import NAMES
from truthlytics.jobs.models import JobProblem
from truthlytics.server import health, probe, web


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
        self.addCleanup(setattr, health, "_unknown_since", {})
        folder = Path(self.enterContext(TemporaryDirectory()))
        self.enterContext(override_settings(PAGE_CACHE_FILE=folder / "generations"))

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

    def test_checks_of_all_processes_of_the_machine_count_together(self):
        slow = [("slow", "")]
        with mock.patch.object(health, "find_problems", side_effect=[slow] * 3 + [[]] + [slow] * 2):
            answers = []
            for _ in range(6):
                # Each check in another process, which has made none before.
                health._failed_before = False
                answers.append(self.readyz()[0])
        self.assertEqual(answers, [200, 503, 503, 200, 200, 503])

    def test_a_failed_check_of_long_ago_does_not_count(self):
        with mock.patch.object(health, "find_problems", return_value=[("slow", "")]):
            self.readyz()
            os.utime(health.failed_check(), (1_000_000_000, 1_000_000_000))
            health._failed_before = False
            self.assertEqual(self.readyz()[0], 200)

    def test_a_disk_that_cannot_be_written_leaves_the_checks_of_each_process(self):
        away = mock.patch.object(health, "failed_check", return_value=Path("/proc/none/failed-check"))
        with away, mock.patch.object(health, "find_problems", return_value=[("slow", "")]):
            self.assertEqual([self.readyz()[0] for _ in range(2)], [200, 503])

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

    def late(self, minutes=0):
        return health.find_late_jobs(timezone.now() + timedelta(minutes=minutes))[0]

    def test_jobs_that_do_not_run_any_more_are_named(self):
        cache.set_many({f"last-run:{name}": timezone.now() for name in NAMES}, None)
        self.addCleanup(cache.clear)
        self.assertEqual((self.late(), self.late(14)), ("", ""))
        self.assertEqual(self.late(16), "periodic jobs are late (publication, money, tasks, images, outside)")
        self.assertIn("readers", self.late(46))
        self.assertIn("backups", self.late(6 * 60 + 16))
        with mock.patch.object(health, "current_problems", return_value=[self.late(16)]):
            self.assertIn(b"periodic jobs are late (publication, money", self.readyz()[1])

    def test_a_timer_that_comes_every_five_minutes_is_in_time(self):
        cache.set_many({f"last-run:{name}": timezone.now() - timedelta(minutes=6) for name in NAMES}, None)
        self.addCleanup(cache.clear)
        self.assertEqual(self.late(), "")

    def test_jobs_of_a_new_site_and_of_an_emptied_cache_get_their_time(self):
        cache.clear()
        self.assertEqual((self.late(), self.late(14)), ("", ""))
        self.assertIn("publication", self.late(16))
        cache.set("last-run:publication", timezone.now() + timedelta(minutes=16), None)
        self.addCleanup(cache.clear)
        self.assertNotIn("publication", self.late(16))

    def test_a_last_run_in_the_future_says_nothing(self):
        cache.set("last-run:money", timezone.now() + timedelta(days=400), None)
        self.addCleanup(cache.clear)
        self.assertEqual(self.late(), "periodic jobs are late (money)")

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
        hanging = mock.Mock(side_effect=lambda *_: released.wait(60))
        with mock.patch.object(health, "find_problems", hanging), mock.patch.object(health, "TIMEOUT", 0.1):
            started = time.monotonic()
            self.assertEqual([self.readyz()[0] for _ in range(3)], [200, 503, 503])
            self.assertLess(time.monotonic() - started, 30)
        hanging.assert_called_once()


class PagesTests(TestCase):
    """The front page and the newest article, as `/readyz` and a new web process ask for them."""

    def setUp(self):
        # In this thread, with the connection of the test.
        self.enterContext(mock.patch.object(probe, "connection"))
        request_finished.disconnect(close_old_connections)
        self.addCleanup(request_finished.connect, close_old_connections)
        logging.disable(logging.NOTSET)
        self.addCleanup(logging.disable, logging.CRITICAL)

    def pages(self, *statuses):
        """Return the check of a process that answers so, and the paths that it was asked for."""
        asked, answers = [], iter(statuses)

        def get_response(request):
            asked.append(request.get_full_path())
            return HttpResponse(status=next(answers))

        return health.Pages(get_response), asked

    def test_the_newest_public_article_is_asked_for(self):
        self.assertEqual(list(probe.paths()), ["/"])
        now = timezone.now()
        for slug, days in (("older", 3), ("newest", 1), ("scheduled", -1)):
            make_article(slug=slug, published_at=now - timedelta(days=days))
        Article.objects.filter(pk=make_article(slug="withdrawn").pk).update(withdrawn_at=now)
        self.assertEqual(list(probe.paths()), ["/", "/articles/newest/"])

    def test_an_article_that_is_an_error_is_found(self):
        make_article(slug="harbour", published_at=timezone.now() - timedelta(days=1))
        pages, asked = self.pages(200, 500)
        found = (health.PAGES_FAIL, "/articles/harbour/ answers with 500")
        self.assertEqual((pages.find_problem(), asked), (found, ["/", "/articles/harbour/"]))

    def test_pages_are_asked_for_once_a_minute_however_often_a_stranger_asks(self):
        pages, asked = self.pages(500, 200)
        with mock.patch.object(health.time, "monotonic", side_effect=[100, *range(100, 160), 160]):
            found = [pages.find_problem()[0] for _ in range(62)]
        self.assertEqual((asked, set(found[:61]), found[61]), (["/", "/"], {health.PAGES_FAIL}, ""))

    def test_a_request_of_a_visitor_is_made_and_answered(self):
        make_article(slug="harbour", published_at=timezone.now() - timedelta(days=1))
        site = self.client.handler
        site.load_middleware()
        self.assertEqual(health.Pages(site._middleware_chain).find_problem(), ("", ""))

    def test_a_new_web_process_reports_the_worse_status(self):
        make_article(slug="harbour", published_at=timezone.now() - timedelta(days=1))
        for article, expected in (("200 OK", "200"), ("500 Oops", "500")):

            def site(environ, start_response, article=article):
                start_response("200 OK" if environ["PATH_INFO"] == "/" else article, [])
                return [b""]

            with self.subTest(article), self.assertLogs(web.logger) if expected == "500" else nullcontext():
                self.assertEqual(web.first_status(site), expected)

    def test_without_a_database_the_front_page_is_asked_for(self):
        with mock.patch("articles.models.Article.objects.published", side_effect=OperationalError("away")):
            self.assertEqual(list(probe.paths()), ["/"])
