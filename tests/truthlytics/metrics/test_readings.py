"""What the metrics say of tasks, jobs, emails, payments and files, and what they cost."""

import math
from datetime import timedelta
from unittest import mock

from django.conf import settings
from django.core.cache import cache
from django.db import connection
from django.test import TestCase, override_settings
from django.utils import timezone
from django_tasks_db.models import DBTaskResult, get_date_max

from subscriptions.models import Payment
from tests.factories import make_paid
from tests.truthlytics.metrics.site import read
from tests.truthlytics.newsroom.test_system import make_task
from truthlytics.backups.models import BackupRun
from truthlytics.cache.models import CdnPurge
from truthlytics.jobs.models import JobProblem
from truthlytics.metrics import exposition, readings
from truthlytics.web import tasks

LOCAL_CACHE = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}


class ReadingTests(TestCase):
    def value(self, part, name, **labels):
        return read(part)[f"truthlytics_{name}", *sorted(labels.items())]

    def test_tasks_by_queue_and_state(self):
        for fields in ({}, {"status": tasks.READY}, {"status": tasks.SUCCESSFUL, "exception_class_path": ""}):
            make_task(**fields)
        self.assertEqual(self.value("tasks", "tasks", queue="default", state="failed"), 1)
        self.assertEqual(self.value("tasks", "tasks", queue="default", state="ready"), 1)
        self.assertEqual(self.value("tasks", "tasks", queue="slow", state="ready"), 0)
        self.assertEqual(self.value("tasks", "tasks_failed", queue="default"), 2)

    def test_the_age_of_the_oldest_task_that_is_due(self):
        now = timezone.now()
        ready = {"status": tasks.READY, "exception_class_path": "", "finished_at": None}
        make_task(**ready, queue_name="slow", run_after=now + timedelta(hours=1))
        self.assertEqual(self.value("tasks", "task_oldest_due_seconds", queue="slow"), 0)
        make_task(**ready, queue_name="slow", run_after=now - timedelta(minutes=3))
        self.assertAlmostEqual(self.value("tasks", "task_oldest_due_seconds", queue="slow"), 180, delta=30)
        # Enqueued twenty minutes ago, to run at once.
        make_task(**ready, queue_name="slow", run_after=get_date_max())
        self.assertAlmostEqual(self.value("tasks", "task_oldest_due_seconds", queue="slow"), 1200, delta=30)

    @override_settings(CACHES=LOCAL_CACHE)
    def test_groups_of_jobs(self):
        cache.clear()
        self.assertEqual(self.value("tick", "tick_age_seconds", group="money"), math.inf)
        cache.set("last-run:money", timezone.now() - timedelta(minutes=2), None)
        self.assertAlmostEqual(self.value("tick", "tick_age_seconds", group="money"), 120, delta=30)
        for job in ("orders settled", "subscriptions updated", "a job that there was"):
            JobProblem.objects.create(job=job, problem="x", noticed_at=timezone.now())
        self.assertEqual(self.value("tick_problems", "tick_problems", group="money"), 2)
        self.assertEqual(self.value("tick_problems", "tick_problems", group="other"), 1)
        self.assertEqual(self.value("tick_problems", "tick_problems", group="images"), 0)

    def test_payments_of_the_last_day(self):
        make_paid()
        self.assertEqual(self.value("payments", "payments", status="succeeded"), 1)
        Payment.objects.update(recorded_at=timezone.now() - timedelta(hours=25))
        self.assertEqual(self.value("payments", "payments", status="succeeded"), 0)

    def test_backups_only_if_the_site_makes_them(self):
        self.assertEqual(read("backup"), {})
        with override_settings(BACKUP_TO="/var/backups"):
            self.assertEqual(self.value("backup", "backup_age_seconds"), math.inf)
            at = timezone.now() - timedelta(hours=3)
            BackupRun.objects.create(day=at.date(), started_at=at, finished_at=at)
            BackupRun.objects.create(day=timezone.localdate() + timedelta(days=1), started_at=timezone.now())
            self.assertAlmostEqual(self.value("backup", "backup_age_seconds"), 3 * 3600, delta=30)

    def test_what_waits_for_other_servers(self):
        CdnPurge.objects.create(tags="a b")
        self.assertEqual(self.value("purges", "cdn_purges_waiting"), 1)

    def test_sizes(self):
        self.assertGreater(self.value("database", "database_size_bytes"), 100_000)
        self.assertTrue(all(value > 0 for value in read("disk").values()))

    def test_they_cost_twenty_queries_at_most_and_none_loads_rows(self):
        with (
            override_settings(BACKUP_TO="/var/backups"),
            self.assertNumQueries(18 + (connection.vendor == "postgresql") + ("webhooks" in settings.FEATURES)),
        ):
            read()

    def test_a_query_that_fails_leaves_the_others(self):
        broken = readings.DATABASE | {"payments": mock.Mock(side_effect=ValueError("broken"))}
        with mock.patch.object(readings, "DATABASE", broken):
            results = dict(exposition.read(readings.DATABASE))
        self.assertEqual([name for name, metrics in results.items() if metrics is None], ["payments"])
        self.assertEqual(len(results), len(readings.DATABASE))

    def test_names_and_arguments_of_tasks_are_not_told(self):
        make_task(args_kwargs={"args": [], "kwargs": {"to": "reader@example.org"}})
        self.assertNotIn("reader@", repr(read()))
        self.assertTrue(DBTaskResult.objects.exists())
