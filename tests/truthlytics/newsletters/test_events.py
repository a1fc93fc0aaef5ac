"""Bounces and complaints: what a provider or a mailbox reports, and what follows from it."""

import base64
import json
from datetime import timedelta
from importlib import reload
from unittest import mock

from django.test import TestCase, override_settings
from django.urls import clear_url_caches, reverse
from django.utils import timezone

import truthlytics.newsletters.site_urls
import truthlytics.urls
from tests.budget import takes_longer
from tests.truthlytics.newsletters.factories import make_address, make_issue, make_newsletter
from truthlytics.newsletters.models import Delivery, Issue, ProviderEvent
from truthlytics.newsletters.return_address import delivery_of, return_address
from truthlytics.newsletters.services import bounces, events
from truthlytics.newsletters.services.sign_up import Request, sign_up

BOUNCE = override_settings(
    BOUNCE_ADDRESS="bounces@example.org", BOUNCE_MAILBOX_URL="imaps://u:p%40@mail.example.org/In"
)


class EventTestCase(TestCase):
    @classmethod
    def setUpTestData(cls):
        cls.newsletter = make_newsletter()
        cls.address = make_address(cls.newsletter)
        cls.issue = make_issue(cls.newsletter, state="sending", prepared_at=timezone.now())
        cls.delivery = Delivery.objects.create(issue=cls.issue, address=cls.address, level=0, state="submitted")

    def record(self, kind, number=1, delivery=None):
        with self.captureOnCommitCallbacks(execute=True):
            events.record(
                provider="Test",
                event_id=f"{kind} {number}",
                kind=kind,
                happened_at=timezone.now(),
                delivery=delivery or self.delivery,
                email="",
                detail="550 no such user",
            )
        self.address.refresh_from_db()


class EventTests(EventTestCase):
    def test_a_hard_bounce_suppresses_the_address_until_it_is_confirmed_again(self):
        self.record("hard_bounce")
        self.assertEqual((self.address.suppression, self.address.suppression_detail), ("bounce", "550 no such user"))
        asked = Request(self.address.email, (self.newsletter.pk,), "page", timezone.now().timestamp())
        sign_up(asked, timezone.now())
        self.address.refresh_from_db()
        self.assertIsNotNone(self.address.suppressed_at)
        sign_up(asked, timezone.now(), by_email=True)
        self.address.refresh_from_db()
        self.assertIsNone(self.address.suppressed_at)

    def test_the_same_event_is_stored_once(self):
        self.record("soft_bounce")
        self.record("soft_bounce")
        self.assertEqual(ProviderEvent.objects.count(), 1)

    def test_three_soft_bounces_in_thirty_days_pause_the_address(self):
        others = [make_issue(self.newsletter, state="sent", prepared_at=timezone.now()) for _ in range(2)]
        more = [Delivery.objects.create(issue=issue, address=self.address, level=0) for issue in others]
        for number, delivery in enumerate([self.delivery, more[0]]):
            self.record("soft_bounce", number, delivery)
        self.assertIsNone(self.address.paused_until)
        self.record("soft_bounce", 3, more[1])
        self.assertGreater(self.address.paused_until, timezone.now() + timedelta(days=29))

    def test_complaints_suppress_and_pause_the_issue(self):
        self.record("complaint")
        self.assertEqual((self.address.suppression, Issue.objects.get().state), ("complaint", "sending"))
        other = Delivery.objects.create(issue=self.issue, address=make_address(), level=0, state="submitted")
        self.record("complaint", 2, other)
        self.assertEqual(Issue.objects.get().state, "paused")

    def test_an_address_that_asked_for_a_complaint_is_not_resumed_by_a_new_confirmation_of_others(self):
        self.record("complaint")
        events.resume(self.address)
        self.address.refresh_from_db()
        self.assertEqual((self.address.suppression, self.address.suppressed_at), ("", None))


@override_settings(ANYMAIL={"WEBHOOK_SECRET": "user:secret"}, MAIL_EVENTS_SECRET="user:secret")
class ProviderTests(EventTestCase):
    def setUp(self):
        from truthlytics.newsletters import provider_events  # noqa: F401

        self.reload_urls()
        self.url = reverse("anymail:postmark_tracking_webhook")

    @staticmethod
    def reload_urls():
        for module in (truthlytics.newsletters.site_urls, truthlytics.urls):
            reload(module)
        clear_url_caches()

    @classmethod
    def setUpClass(cls):
        # Runs after the settings are the former ones again.
        cls.addClassCleanup(cls.reload_urls)
        super().setUpClass()

    def test_only_events_of_configured_providers_are_received(self):
        for path in ("postmark/inbound/", "brevo/inbound/", "mailersend/tracking/"):
            self.assertEqual(self.client.post(f"/mail-events/{path}").status_code, 404, path)

    def post(self, secret="user:secret", **fields):
        data = {
            "RecordType": "Bounce",
            "Type": "HardBounce",
            "ID": 7,
            "Email": self.address.email,
            "MessageID": "m",
            "BouncedAt": "2026-11-01T10:00:00Z",
            "Details": "550 unknown",
            "Metadata": {"delivery": str(self.delivery.pk)},
        }
        with self.captureOnCommitCallbacks(execute=True):
            return self.client.post(
                self.url,
                json.dumps(data | fields),
                content_type="application/json",
                headers={"Authorization": "Basic " + base64.b64encode(secret.encode()).decode()},
            )

    def test_a_bounce_is_stored_once_and_suppresses(self):
        self.assertEqual([self.post().status_code, self.post().status_code], [200, 200])
        event = ProviderEvent.objects.get()
        self.assertEqual((event.provider, event.kind, event.delivery), ("Postmark", "hard_bounce", self.delivery))
        self.address.refresh_from_db()
        self.assertEqual(self.address.suppression, "bounce")

    @takes_longer("sends a hundred bodies")
    def test_what_is_no_event_is_refused_and_not_an_error_of_the_site(self):
        headers = {"Authorization": "Basic " + base64.b64encode(b"user:secret").decode()}
        event = {"RecordType": "Bounce", "Type": "HardBounce", "ID": 7, "Email": "a@example.org", "MessageID": "m"}
        bodies: list[object] = [[], "str", None, 1, True, [[]], [None], {}, {"RecordType": []}]
        bodies += [
            event | {name: value} for name in (*event, "Metadata", "BouncedAt") for value in ("x", [], {}, None, 1)
        ]
        raw = [json.dumps(body).encode() for body in bodies] + [b"", b"{", b"\xff", b"[" * 100_000]
        for name in ("postmark", "brevo", "mailjet", "resend", "postal"):
            for body in raw:
                with self.subTest(provider=name, body=body[:60]):
                    path = f"/mail-events/{name}/tracking/"
                    answer = self.client.post(path, body, content_type="application/json", headers=headers)
                    self.assertIn(answer.status_code, {200, 400, 404})

    def test_a_wrong_secret_stores_nothing(self):
        self.assertEqual(self.post(secret="user:wrong").status_code, 400)
        self.assertFalse(ProviderEvent.objects.exists())

    def test_a_spam_complaint(self):
        self.post(RecordType="SpamComplaint", Type="SpamComplaint")
        self.assertEqual(ProviderEvent.objects.get().kind, "complaint")


REPORT = """\
From: MAILER-DAEMON@mail.example.org
To: {to}
Subject: Undelivered Mail Returned to Sender
Date: Sat, 28 Nov 2026 10:00:00 +0000
Message-ID: <report-1@mail.example.org>
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="b"

--b
Content-Type: text/plain

Sorry.

--b
Content-Type: message/delivery-status

Reporting-MTA: dns; mail.example.org

Final-Recipient: rfc822; {email}
Action: {action}
Status: {status}
Diagnostic-Code: smtp; 550 {email} is unknown

--b--
"""


class FakeMailbox:
    """Keeps flags, and what was read, from one connection to the next, until `receive` replaces the messages."""

    messages: list[bytes] = []
    flags: dict[str, set[str]] = {}
    read: list[str] = []

    def __init__(self, host, port, timeout):
        self.host = host

    @classmethod
    def receive(cls, *messages):
        cls.messages, cls.read = list(messages), []
        cls.flags = {str(number + 1): set() for number in range(len(messages))}

    @classmethod
    def with_flag(cls, flag):
        return [number for number, flags in cls.flags.items() if flag in flags]

    def __enter__(self):
        return self

    def __exit__(self, *error):
        pass

    def login(self, user, password):
        assert (user, password) == ("u", "p@")

    def select(self, folder):
        assert folder == "In"

    def search(self, charset, criterion):
        flagged = "UNFLAGGED" not in criterion
        found = [
            number
            for number, flags in self.flags.items()
            if "\\Deleted" not in flags and ("\\Flagged" in flags) == flagged
        ]
        return "OK", [" ".join(found).encode()]

    def fetch(self, number, parts):
        self.read.append(number)
        return "OK", [(b"1", self.messages[int(number) - 1]), b")"]

    def store(self, number, change, value):
        flag = value.strip("()")
        (self.flags[number].add if change.startswith("+") else self.flags[number].discard)(flag)

    def expunge(self):
        pass


@BOUNCE
class MailboxTests(EventTestCase):
    def fetch(self, *, to=None, action="failed", status="5.1.1", raw=None):
        to = to or return_address(self.delivery.pk)
        text = raw or REPORT.format(to=to, email=self.address.email, action=action, status=status)
        FakeMailbox.receive(text.encode())
        with (
            mock.patch.object(bounces.imaplib, "IMAP4_SSL", FakeMailbox),
            self.captureOnCommitCallbacks(execute=True),
        ):
            count = bounces.fetch(timezone.now())
        self.address.refresh_from_db()
        return count

    def test_a_report_suppresses_the_address_and_is_deleted(self):
        self.assertEqual(self.fetch(), 1)
        self.assertEqual(self.address.suppression, "bounce")
        self.assertEqual(self.address.suppression_detail, "5.1.1 smtp; 550 … is unknown")
        self.assertEqual(FakeMailbox.with_flag("\\Deleted"), ["1"])
        self.fetch()
        self.assertEqual(ProviderEvent.objects.count(), 1)

    def test_a_full_mailbox_or_a_policy_is_no_reason_to_suppress(self):
        for status, action in [("5.2.2", "failed"), ("5.7.1", "failed"), ("4.4.1", "failed"), ("4.4.7", "delayed")]:
            with self.subTest(status):
                ProviderEvent.objects.all().delete()
                self.fetch(status=status, action=action)
                self.assertEqual((ProviderEvent.objects.get().kind, self.address.suppression), ("soft_bounce", ""))

    def test_forged_and_other_messages_are_ignored(self):
        forged = f"bounces+{self.delivery.pk}-0123456789ab@example.org"
        for fields in (
            {"to": forged},
            {"raw": "Subject: Hello\n\nI am on holiday."},
            {"action": "delivered"},
            {"raw": "\x00"},
        ):
            with self.subTest(fields):
                self.assertEqual(self.fetch(**fields), 0)
        self.assertFalse(ProviderEvent.objects.exists())

    def test_the_return_address_names_the_delivery(self):
        self.assertEqual(delivery_of(return_address(7)), 7)
        self.assertIsNone(delivery_of("bounces@example.org"))
