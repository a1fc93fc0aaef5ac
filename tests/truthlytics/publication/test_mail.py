"""Each email is delivered once, after a mail outage too."""

import json
import logging
import smtplib
from unittest import mock

import time_machine
from django.conf import settings
from django.core.cache import cache
from django.core.management import call_command
from django.test import SimpleTestCase
from django.urls import reverse
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from tests.budget import takes_longer
from tests.factories import make_order, make_user
from tests.subscriptions.journeys import Steps
from tests.transactions import TransactionTestCase
from tests.truthlytics.web.mail_server import (
    FAILED,
    GREYLISTED,
    MINUTE,
    REFUSED,
    SECONDS,
    SUCCESSFUL,
    UNKNOWN,
    MailServer,
    QueueMixin,
    QueueTests,
)
from tests.truthlytics.web.smtp_server import smtp_server
from truthlytics.publication.mail import Email, deliver
from truthlytics.publication.models import Publication
from truthlytics.web.mail_errors import MailServerError
from truthlytics.web.mail_server import MailConnection


class DeliveryTests(QueueTests):
    def test_emails_are_sent_before_other_tasks(self):
        self.assertGreater(deliver.priority, 0)

    def test_unknown_address_is_not_retried(self):
        row = self.enqueue()
        MailServer.fail(on_send=UNKNOWN)
        self.run_worker()
        row.refresh_from_db()
        self.assertEqual((row.status, len(row.worker_ids)), (FAILED, 1))
        MailServer.fail()
        self.run_worker_for(MINUTE * 120, step=MINUTE * 30)
        self.assertEqual(MailServer.accepted, [])

    def test_temporary_refusal_is_retried(self):
        self.enqueue()
        for error in (GREYLISTED, smtplib.SMTPDataError(451, b"busy"), smtplib.SMTPServerDisconnected("lost")):
            MailServer.fail(on_send=error)
            with self.later(MINUTE):
                self.run_worker()
            DBTaskResult.objects.update(run_after=timezone.now())
        MailServer.fail()
        with self.later(MINUTE * 3):
            self.run_worker()
        self.assertEqual(len(MailServer.accepted), 1)

    def test_a_refused_email_is_logged_in_one_line_without_its_address(self):
        logging.disable(logging.NOTSET)
        self.addCleanup(logging.disable, logging.CRITICAL)
        unknown = smtplib.SMTPRecipientsRefused({"nadia@example.org": (550, b"5.1.1 <nadia@example.org>:\nunknown")})
        for error, line in (
            (unknown, "The address is refused: 550 5.1.1 <…@example.org>: unknown"),
            (GREYLISTED, "The address is refused: 450 try later"),
            (smtplib.SMTPDataError(554, b"spam"), "The email is refused: 554 spam"),
            (TimeoutError("timed out"), "TimeoutError: timed out"),
        ):
            with self.subTest(line), self.assertLogs(level="WARNING") as logs:
                self.enqueue()
                MailServer.fail(on_send=error)
                call_command("db_worker", "--batch")
                DBTaskResult.objects.all().delete()
            self.assertEqual(logs.output, [f"WARNING:truthlytics.publication.mail:Email to …@example.org: {line}"])

    def test_every_attempt_has_the_same_message_id(self):
        row = self.enqueue()
        self.run_worker()
        sent = MailServer.accepted[0].message()["Message-ID"]
        self.assertEqual(sent, row.args_kwargs["kwargs"]["message_id"])

    def test_replies_go_to_the_contact_address(self):
        Publication.objects.create(contact_email="desk@example.org")
        self.enqueue()
        self.run_worker()
        message = MailServer.accepted[0].message()
        self.assertEqual((message["Reply-To"], message["Auto-Submitted"]), ("desk@example.org", "auto-generated"))

    def test_error_on_closing_does_not_send_an_accepted_email_again(self):
        row = self.enqueue()
        MailServer.fail(on_close=smtplib.SMTPResponseException(421, b"closing"))
        self.run_worker()
        self.run_worker_for(MINUTE * 30, step=MINUTE)
        row.refresh_from_db()
        self.assertEqual((len(MailServer.accepted), row.status), (1, SUCCESSFUL))


class ConnectionTests(SimpleTestCase):
    def test_a_connection_that_the_server_has_closed_is_opened_again(self):
        with smtp_server(per_connection=2) as received, MailConnection() as server:
            for _ in range(5):
                self.assertEqual(server.send(Email("A subject", "A text", to=["nadia@example.org"])), "250 ok")
        self.assertEqual(len(received), 5)

    def test_it_is_opened_again_only_once(self):
        with smtp_server(per_connection=0) as received, MailConnection() as server:
            for _ in range(2):
                with self.assertRaisesMessage(MailServerError, "421"):
                    server.send(Email("A subject", "A text", to=["nadia@example.org"]))
        self.assertEqual(received, [])


class OutageTests(QueueMixin, Steps, TransactionTestCase):
    """The mail server is away for ten minutes while readers order, sign up, log in and reset passwords."""

    @takes_longer("Servers or workers run beside the test.")
    def test_all_emails_arrive_once_after_an_outage(self):
        cache.clear()
        MailServer.fail(on_open=REFUSED)
        user = make_user(email="karim@example.org")
        other = make_user(email="hala@example.org")
        make_order(user, provider="manual")
        self.client.post(reverse("account_request_login_code"), {"email": user.email})
        self.client.get(reverse("account_logout"))
        self.client.cookies.clear()
        self.client.post(reverse("account_request_login_code"), {"email": other.email})
        self.client.cookies.clear()
        self.client.post(reverse("account_reset_password"), {"email": user.email})
        self.client.cookies.clear()
        self.sign_up()
        self.assertEqual(DBTaskResult.objects.count(), 5)
        self.run_worker()
        self.run_worker_for(MINUTE * 10, step=SECONDS)
        self.assertEqual(MailServer.accepted, [])
        MailServer.fail()
        with time_machine.travel(timezone.now() + MINUTE * 10 + SECONDS, tick=False):
            call_command("tick", stdout=mock.Mock())
            self.run_worker_for(MINUTE * 2, step=SECONDS)
        self.run_worker_for(MINUTE * 60, step=MINUTE * 5)
        recipients = sorted(email.to[0] for email in MailServer.accepted)
        self.assertEqual(recipients, ["hala@example.org", *["karim@example.org"] * 3, "nadia@example.org"])
        self.assertEqual(len({email.subject for email in MailServer.accepted}), 5)
        self.assertEqual(DBTaskResult.objects.successful().filter(task_path=deliver.module_path).count(), 5)
        stored = json.dumps(list(DBTaskResult.objects.values_list("args_kwargs", flat=True)))
        self.assertNotIn(settings.SITE_URL, stored)
