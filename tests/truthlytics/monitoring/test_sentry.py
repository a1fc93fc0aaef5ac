"""Reports to Sentry: errors of pages, tasks and jobs arrive, and nothing about people does, whatever code does."""

import os
import subprocess
import sys
import time
from pathlib import Path
from unittest import mock

import sentry_sdk
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.management import call_command
from django.db import connections
from django.test import SimpleTestCase, override_settings

from tests.factories import make_user
from tests.transactions import TransactionTestCase
from tests.truthlytics.monitoring import failing
from tests.truthlytics.monitoring.personal_data import PLANTED
from tests.truthlytics.monitoring.sentry_server import reporting, sentry_server
from truthlytics.env import BASE_DIR, sentry_dsn
from truthlytics.jobs.groups import Group, Job
from truthlytics.jobs.processes import Child, GroupProcess
from truthlytics.jobs.running import run_group
from truthlytics.monitoring import sentry

WORKER = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend", "QUEUES": []}}
DSN = "http://publickey@127.0.0.1:9/42"


@override_settings(ROOT_URLCONF=failing.__name__)
class ReportTests(TransactionTestCase):
    def setUp(self):
        self.sentry = self.enterContext(sentry_server())
        self.enterContext(reporting(self.sentry.dsn))
        self.client.raise_request_exception = False

    def request_page(self, **environ):
        """Request the page that fails, with personal data in all that a request has."""
        self.client.force_login(make_user(email=PLANTED["email"], display_name=PLANTED["name"]))
        self.client.cookies["favourite"] = PLANTED["cookie"]
        headers = {
            "authorization": PLANTED["authorization"], "user-agent": PLANTED["agent"], "x-real-name": PLANTED["header"],
            "referer": f"https://news.example.org/{PLANTED['path']}", "x-forwarded-for": PLANTED["ip"],
        }  # fmt: skip
        url = f"/fail/{PLANTED['path']}/?q={PLANTED['query']}&email={PLANTED['email']}"
        form = {name: PLANTED[name] for name in ("password", "comment", "card", "email")}
        session = self.client.session
        session["key"] = PLANTED["session"]
        session.save()
        self.session = session.session_key
        return self.client.post(url, form, headers=headers, REMOTE_ADDR=PLANTED["ip"], **environ)

    def assert_reported(self, *functions):
        """Assert that there is a report for each of these functions, which calls `fail`, and no personal data."""
        sentry.stop()
        found = []
        for report in self.sentry.reports:
            exceptions = report["exception"]["values"]
            self.assertIn("RefusedError", [exception["type"] for exception in exceptions])
            self.assertIn("IntegrityError", [exception["type"] for exception in exceptions])
            found.append({frame["function"] for frame in exceptions[-1]["stacktrace"]["frames"]})
        for function, frames in zip(functions, found, strict=True):
            self.assertIn(function, frames)
        self.assert_nothing_personal()

    def assert_nothing_personal(self):
        self.assertTrue(self.sentry.sent)
        for name, value in PLANTED.items():
            self.assertNotIn(value.casefold(), self.sentry.text.casefold(), name)

    def test_a_page_that_fails_is_named_and_its_visitor_is_not(self):
        response = self.request_page()
        self.assertEqual(response.status_code, 500)
        self.assert_reported("view")
        self.assertNotIn(self.session, self.sentry.text)
        (report,) = self.sentry.reports
        self.assertEqual((report["tags"]["route"], report["tags"]["method"]), ("fail", "POST"))
        # The page shows the number to the reader, and the log has it.
        self.assertIn(report["tags"]["request"], response.content.decode())
        self.assertEqual(set(report) & {"request", "user", "extra", "breadcrumbs", "contexts", "transaction"}, set())

    def test_an_invented_method_is_not_sent(self):
        self.request_page(REQUEST_METHOD=PLANTED["method"])
        self.assert_reported("view")
        self.assertEqual(self.sentry.reports[0]["tags"]["method"], "other")

    @override_settings(TASKS=WORKER)
    def test_a_task_that_fails(self):
        failing.failing_task.enqueue(PLANTED["email"], text=PLANTED["comment"])
        call_command("db_worker", "--batch", verbosity=0)
        self.assert_reported("failing_task")

    def test_a_periodic_job_that_fails(self):
        run_group(Group("test", (Job("fails", failing.job),)))
        self.assert_reported("job")
        self.assertEqual(self.sentry.reports[0]["logentry"], {"message": "Periodic job failed: %s"})

    def test_processes_of_tick_and_workers_report_before_they_end(self):
        connections.close_all()
        with Path(os.devnull).open("w") as devnull, mock.patch("sys.stderr", devnull):
            group = GroupProcess(Group("test", (Job("fails", failing.job),)))
            child = Child("broken", lambda is_stopping: failing.fail())
        for process in (group.process, child.process):
            process.join(30)
        self.assertEqual((group.exit_code, child.exit_code), (1, 1))
        self.assertEqual(len(self.sentry.sent), 2)
        self.sentry.sent.sort(key=lambda request: '"job"' not in request[1].decode())
        self.assert_reported("job", "_run")

    def test_logged_errors_without_an_exception(self):
        failing.log_errors()
        sentry.stop()
        self.assert_nothing_personal()
        texts = [report.get("logentry", {}).get("message") for report in self.sentry.reports]
        self.assertEqual(texts, ["Webhooks to “%s” were switched off: %s", None, None])

    def test_strangers_cannot_cause_reports(self):
        for url, headers in (("/no-such-page/", {}), ("/", {"host": "evil.example"})):
            self.client.get(url, headers=headers)
        sentry.stop()
        self.assertEqual(self.sentry.sent, [])

    def test_without_the_filter_all_of_it_would_be_sent(self):
        with mock.patch("truthlytics.monitoring.reports.reduce_report", lambda event, hint: event):
            sentry.start()
            self.request_page()
            failing.log_errors()
            sentry.stop()
        for name in ("email", "name", "token", "comment", "password", "ip", "session", "path", "query"):
            self.assertIn(PLANTED[name], self.sentry.text, name)

    def test_if_the_filter_fails_nothing_is_sent(self):
        with mock.patch("truthlytics.monitoring.reports.is_error", side_effect=ValueError):
            self.request_page()
            sentry.stop()
        self.assertEqual(self.sentry.sent, [])

    def test_personal_data_is_not_even_collected(self):
        client = sentry_sdk.get_client()
        self.assertFalse(client.should_send_default_pii())
        self.assertEqual(set(client.integrations), {"atexit", "excepthook", "logging"})


@override_settings(ROOT_URLCONF=failing.__name__)
class AbsentSentryTests(TransactionTestCase):
    def time_pages(self, dsn):
        """Return how long more failing requests take than reports can wait to be sent, and the end of the process."""
        self.client.raise_request_exception = False
        with mock.patch.object(sentry, "PATIENCE", 0.2), mock.patch.object(sentry, "QUEUE_SIZE", 5), reporting(dsn):
            started = time.monotonic()
            for _ in range(10):
                self.assertEqual(self.client.get("/fail/page/").status_code, 500)
            requested = time.monotonic()
            sentry.stop()
            return requested - started, time.monotonic() - requested

    def test_no_page_waits_for_a_sentry_that_does_not_answer(self):
        with sentry_server() as server:
            server.may_answer.clear()
            pages, end = self.time_pages(server.dsn)
        # It would answer after a minute.
        self.assertLess(pages, 10)
        self.assertLess(end, 5)
        self.assertEqual(len(server.sent), 1)

    def test_no_page_waits_for_a_sentry_that_is_away(self):
        pages, end = self.time_pages(DSN)
        self.assertLess(pages, 10)
        self.assertLess(end, 5)


class SettingTests(SimpleTestCase):
    def run_program(self, program, **environment):
        environment = {"SECRET_KEY": "x" * 50, "DATABASE_URL": "sqlite:///var/none.sqlite3"} | environment
        command = [sys.executable, *program]
        return subprocess.run(command, env=environment, cwd=BASE_DIR, capture_output=True, text=True, timeout=60)

    def test_it_is_off_by_default_and_then_nothing_of_it_is_imported(self):
        program = (
            "import sys; from truthlytics.wsgi import application; import truthlytics.jobs.listed;"
            "import truthlytics.management.commands.db_worker, truthlytics.management.commands.tick;"
            "print('sentry_sdk' in sys.modules, 'truthlytics.monitoring.reports' in sys.modules)"
        )
        for dsn, found in ({}, "False False"), ({"SENTRY_DSN": DSN}, "True True"):
            with self.subTest(found):
                self.assertEqual(self.run_program(["-c", program], **dsn).stdout.strip(), found)

    def test_a_malformed_address_is_one_sentence_without_the_key(self):
        for dsn in (
            "sentry", "https://sentry.example.org/42", "https://publickey@sentry.example.org/", "ftp://publickey@host/1",
            "https://publickey@/42", "https://publickey@host/project", "https://publickey@host/1?x=2",
            "https://publickey@host:99999/1", "https://publickey@host/1#",
        ):  # fmt: skip
            with self.subTest(dsn), self.assertRaisesRegex(ImproperlyConfigured, "^SENTRY_DSN ") as error:
                sentry_dsn(dsn)
            self.assertNotIn("publickey", str(error.exception))
        self.assertEqual(sentry_dsn(DSN), DSN)
        run = self.run_program(["manage.py", "check"], SENTRY_DSN="sentry")
        self.assertEqual((run.returncode, run.stderr.count("\n")), (1, 1))
        self.assertIn("SENTRY_DSN must look like https://key@sentry.example.org/42.", run.stderr)

    def test_a_missing_package_is_named(self):
        sentence = "SENTRY_DSN is set, but a package is missing. Install the extra `sentry`."
        with mock.patch("truthlytics.env.find_spec", return_value=None):
            self.assertRaisesMessage(ImproperlyConfigured, sentence, sentry_dsn, DSN)

    def test_tests_report_nothing(self):
        self.assertEqual(settings.SENTRY_DSN, "")
