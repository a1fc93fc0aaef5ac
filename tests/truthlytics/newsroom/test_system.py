"""The page Settings → System: what it says about whatever can stop."""

import os
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from unittest.mock import patch

from django.core.cache import cache
from django.test import TestCase, override_settings
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from tests.factories import make_member
from truthlytics import __version__
from truthlytics.audit.log import AuditEntry
from truthlytics.backups.models import BackupRun
from truthlytics.jobs.listed import GROUPS
from truthlytics.jobs.models import JobProblem
from truthlytics.jobs.running import run_group
from truthlytics.monitoring import proxy
from truthlytics.monitoring.models import SlowPage
from truthlytics.web import tasks

PAGE = "/admin/truthlytics/systemsettings/"
LOCAL_CACHE = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}


def make_task(**fields):
    now = timezone.now()
    defaults = {
        "task_path": "truthlytics.web.mail.send", "queue_name": "default", "backend_name": "default", "priority": 0,
        "args_kwargs": {"args": [], "kwargs": {"to": "reader@example.org"}}, "status": tasks.FAILED, "run_after": now,
        "exception_class_path": "ValueError", "traceback": "ValueError: no", "worker_ids": ["1"], "finished_at": now,
    }  # fmt: skip
    row = DBTaskResult.objects.create(**defaults | fields)
    DBTaskResult.objects.filter(pk=row.pk).update(enqueued_at=now - timedelta(minutes=20))
    return row


@override_settings(CACHES=LOCAL_CACHE)
class SystemTests(TestCase):
    def setUp(self):
        cache.clear()
        self.client.force_login(make_member("Publisher"))
        now = timezone.now()
        for group in GROUPS:
            cache.set(f"last-run:{group.name}", now, None)

    def page(self):
        return self.client.get(PAGE).content.decode()

    def test_a_site_in_order_has_nothing_to_do(self):
        with override_settings(BACKUP_TO="/var/backups"):
            BackupRun.objects.create(day=timezone.localdate(), started_at=timezone.now(), finished_at=timezone.now())
            self.assertNotIn("errornote", self.page())
        self.assertIn("Set BACKUP_TO", self.page())

    def test_jobs_that_do_not_run_any_more(self):
        cache.set("last-run:money", timezone.now() - timedelta(minutes=16), None)
        self.assertIn("These have not run for a quarter of an hour: money.", self.page())
        (group,) = (group for group in GROUPS if group.name == "money")
        run_group(group._replace(jobs=()))
        self.assertNotIn("quarter of an hour", self.page())
        cache.clear()
        self.assertIn("never run", self.page())

    def test_a_proxy_that_lets_through_too_much(self):
        self.assertNotIn("Proxy", self.page())
        for wrong, sentence in ((1, "It lets through"), (None, "The server cannot reach its own address.")):
            cache.set(proxy.KEY, proxy.ProxyState(timezone.now(), wrong), None)
            with self.subTest(wrong), override_settings(TRUSTED_PROXY_COUNT=1):
                self.assertIn(sentence, self.page())
                self.assertIn("manage.py check_proxy http", self.page())
        cache.set(proxy.KEY, proxy.ProxyState(timezone.now(), 0), None)
        with override_settings(TRUSTED_PROXY_COUNT=1, BACKUP_TO=""):
            self.assertNotIn("check_proxy", self.page())

    def test_jobs_that_fail(self):
        JobProblem.objects.create(job="images", problem="No room.", failures=3, noticed_at=timezone.now())
        self.assertIn("failed 3 times in a row: No room.", self.page())

    def test_tasks_without_a_worker_and_a_mail_server_that_refuses(self):
        long_ago = timezone.now() - timedelta(minutes=20)
        make_task(status=tasks.READY, exception_class_path="", finished_at=None, run_after=long_ago)
        self.assertIn("No worker takes them.", self.page())
        make_task(status=tasks.READY, exception_class_path=tasks.MAIL_SERVER_ERROR, traceback="x: refused login")
        self.assertIn("The mail server accepts nothing", self.page())

    def test_a_full_disk_and_a_process_that_ends(self):
        with patch("truthlytics.newsroom.system_settings.shutil.disk_usage") as usage:
            usage.return_value.free = 1024**2
            self.assertIn("Make room", self.page())
        with patch.object(Path, "read_text", return_value="tasks: 5 times"):
            self.assertIn("Read the log of the service", self.page())

    @override_settings(BACKUP_TO="/var/backups")
    def test_backups_that_fail_or_are_old(self):
        self.assertIn("There is none from the last two days.", self.page())
        BackupRun.objects.create(day=timezone.localdate(), started_at=timezone.now(), problem="No such folder.")
        self.assertIn("The last attempt failed: No such folder.", self.page())

    def test_failed_tasks_are_tried_again_and_readers_are_not_named(self):
        row = make_task()
        page = self.page()
        self.assertIn("truthlytics.web.mail.send", page)
        self.assertNotIn("reader@example.org", page)
        response = self.client.post(f"{PAGE}tasks/", follow=True)
        self.assertContains(response, "1 task is tried again now.")
        row.refresh_from_db()
        self.assertEqual(row.status, tasks.READY)

    def test_security_releases(self):
        self.assertIn("not known, because SECURITY_RELEASES_FILE is not set", self.page())
        path = Path(self.enterContext(TemporaryDirectory())) / "list.json"
        with override_settings(SECURITY_RELEASES_FILE=path):
            self.assertIn("Renew the file that SECURITY_RELEASES_FILE names: it cannot be opened.", self.page())
            path.write_text("[]")
            self.assertNotIn('Security releases</strong> <span class="hint">not known', self.page())
            os.utime(path, (0, (timezone.now() - timedelta(days=31)).timestamp()))
            self.assertIn("The list has not been renewed for a month.", self.page())
            path.write_text('[{"version": "99.1", "summary": "<b>Sessions</b>", "url": "https://example.org/99"}]')
            page = self.page()
            self.assertIn("Version 99.1 fixes a security problem. Upgrade now, and read before: &lt;b&gt;", page)
            self.assertNotIn("<b>Sessions", page)

    def test_slow_pages(self):
        self.assertIn("No page took more than a second.", self.page())
        today = timezone.localdate()
        SlowPage.objects.create(day=today, route="articles:search", requests=2, total=5000, longest=4000)
        SlowPage.objects.create(
            day=today - timedelta(days=1), route="admin:index", requests=200, total=300_000, longest=4000
        )
        page = self.page()
        self.assertIn("2 requests took more than a second today", page)
        self.assertIn("2 slow requests, 2.5 s on average, 4.0 s at most", page)
        self.assertNotIn("admin:index", page)
        self.assertNotIn("Is the machine busy", page)
        SlowPage.objects.update(requests=100)
        self.assertIn("Is the machine busy", self.page())

    def test_everything_that_can_stop_is_on_the_page(self):
        page = self.page()
        names = (
            "Security releases", "Periodic jobs", "Tasks", "Email", "Disk", "Backup", "Record", "Slow pages",
            f"This software {__version__}", "Tasks that failed", *(f"<code>{group.name}</code>" for group in GROUPS),
        )  # fmt: skip
        for name in names:
            with self.subTest(name):
                self.assertIn(name, page)

    def test_trying_again_is_written_down_with_who_did_it(self):
        make_task()
        self.client.post(f"{PAGE}tasks/")
        entry = AuditEntry.objects.get()
        self.assertIn("1 failed tasks run again", str(entry.message))
        self.assertEqual(entry.actor_id, int(self.client.session["_auth_user_id"]))

    def test_only_publishers_see_it(self):
        for role in ("Editor", "Moderator"):
            self.client.force_login(make_member(role))
            self.assertEqual(self.client.get(PAGE).status_code, 403)
            self.assertEqual(self.client.post(f"{PAGE}tasks/").status_code, 403)
