"""A mail server whose failures tests decide, and a worker that runs what is due."""

import smtplib
from contextlib import contextmanager
from datetime import timedelta
from unittest import mock

import time_machine
from django.core.mail.backends.base import BaseEmailBackend
from django.tasks import TaskResultStatus
from django.test import TestCase, override_settings
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from truthlytics.management.commands.db_worker import PersistentWorker
from truthlytics.publication.mail import send_email

MINUTE, SECONDS = timedelta(minutes=1), timedelta(seconds=10)
FAILED, READY, RUNNING, SUCCESSFUL = (TaskResultStatus[name] for name in ("FAILED", "READY", "RUNNING", "SUCCESSFUL"))
NOTICE = {"subject": "A notice", "text": "the secret"}
QUEUE = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend", "QUEUES": []}}


class MailServer(BaseEmailBackend):
    accepted = []
    error_on_open = error_on_send = error_on_close = None

    @classmethod
    def fail(cls, *, on_open=None, on_send=None, on_close=None):
        cls.error_on_open, cls.error_on_send, cls.error_on_close = on_open, on_send, on_close

    def open(self):
        if self.error_on_open:
            raise self.error_on_open

    def send_messages(self, email_messages):
        if self.error_on_send:
            raise self.error_on_send
        self.accepted.extend(email_messages)
        return len(email_messages)

    def close(self):
        if self.error_on_close:
            raise self.error_on_close


REFUSED = ConnectionRefusedError(111, "Connection refused")
GREYLISTED = smtplib.SMTPRecipientsRefused({"nadia@example.org": (450, b"try later")})
UNKNOWN = smtplib.SMTPRecipientsRefused({"nadia@example.org": (550, b"no such user")})


class QueueMixin:
    """TestCase mixin: tasks are queued, and `MailServer` gets the emails."""

    def setUp(self):
        super().setUp()
        mailers = {"default": {"BACKEND": f"{__name__}.MailServer"}}
        overridden = override_settings(TASKS=QUEUE, MAILERS=mailers)
        overridden.enable()
        # The worker would close the connection of the test's transaction.
        kept_open = mock.patch("django_tasks_db.management.commands.db_worker.close_old_connections")
        kept_open.start()
        self.addCleanup(kept_open.stop)
        self.addCleanup(overridden.disable)
        MailServer.accepted = []
        MailServer.fail()
        self.addCleanup(MailServer.fail)

    def run_worker(self):
        worker().run()

    @contextmanager
    def later(self, delta):
        """Let the clock stand still at `delta` from now."""
        with time_machine.travel(timezone.now() + delta, tick=False):
            yield timezone.now()

    def run_worker_for(self, delta, step):
        """Run the worker every `step` until `delta` has passed."""
        start, passed = timezone.now(), step
        while passed <= delta:
            with time_machine.travel(start + passed, tick=False):
                self.run_worker()
            passed += step


def worker(**options):
    settings = {
        "queue_names": ["*"],
        "excluded_queue_names": [],
        "interval": 0,
        "batch": True,
        "backend_name": "default",
        "startup_delay": False,
        "max_tasks": None,
        "worker_id": "test",
    }
    return PersistentWorker(**settings | options)


class QueueTests(QueueMixin, TestCase):
    def enqueue(self, lifetime=timedelta(days=3)):
        with self.captureOnCommitCallbacks(execute=True):
            send_email("account_notice", to="nadia@example.org", context=NOTICE, lifetime=lifetime)
        return DBTaskResult.objects.latest("enqueued_at")

    def enqueue_in_the_past(self, ago=MINUTE * 20):
        row = self.enqueue()
        DBTaskResult.objects.update(enqueued_at=timezone.now() - ago)
        return row
