"""Messages that break the reader of the bounce mailbox must not keep it from the others."""

import random
import time
from unittest import mock

from django.db import OperationalError
from django.test import SimpleTestCase
from django.utils import timezone

from tests.budget import takes_longer
from tests.truthlytics.newsletters.test_events import BOUNCE, REPORT, EventTestCase, FakeMailbox
from truthlytics.jobs.models import JobProblem
from truthlytics.newsletters import delivery_reports
from truthlytics.newsletters.models import ProviderEvent
from truthlytics.newsletters.return_address import return_address
from truthlytics.newsletters.services import bounces

DELETED, FLAGGED = r"\Deleted", r"\Flagged"
STATUS = b"Content-Type: message/delivery-status\n\nReporting-MTA: dns; x\n\n"


def hostile_messages(to):
    """Return messages of full size, by what they have too much of. `to` makes them worth reading."""
    head = f"To: {to}\n".encode()
    report = head + b"Content-Type: multipart/report; boundary=b\n\n--b\n"
    nested = b"".join(b"Content-Type: multipart/mixed; boundary=%d\n\n--%d\n" % (n, n) for n in range(20_000))
    return {
        "encoded words": b"To: " + b"=?utf-8?q?a=2Cb?=" * 30_000 + b"\n" + report,
        "encoded words, folded": head + b"To: " + b"=?utf-8?q?a=2Cb?=\n " * 30_000 + b"\n\n",
        "recipients": b"To: " + b"a@example.org, " * 60_000 + b"\n" + report,
        "recipients in brackets": b"To: " + b"<(" * 200_000 + b"\n" + report,
        "addresses of ours": b"To: " + b"bounces+1-0123456789ab@example.org," * 20_000 + b"\n" + report,
        "headers": head + b"X: y\n" * 150_000 + b"\n",
        "headers of one line": head + b"X: " + b"y\n " * 150_000 + b"\n",
        "parameters": head + b"Content-Type: multipart/report" + b";" * 500_000 + b"\n\n",
        "parts": report + b"\n--b\n" * 150_000,
        "reports": report + STATUS * 10_000,
        "recipients of a report": report + STATUS + b"Final-Recipient: x\n\n" * 50_000,
        "fields of a report": report + STATUS + b"Action: delivered\n" * 50_000,
        "folds": report + STATUS + b"Action:\n " * 100_000,
        "nested parts": head + nested,
        "blanks": report + b"content-type:" + b" " * 500_000 + b"message",
        "empty lines": b"\n" * 1_000_000,
        "one line": head + b"\n" + b"x" * 1_000_000,
        "one byte": b"\xff" * 1_000_000,
        "date": head + b"Date: " + b"Mon, " * 100_000 + b"\n\n--b\n" + STATUS + b"Action: failed\n",
    }


@BOUNCE
class DeliveryReportTests(SimpleTestCase):
    def test_no_message_takes_long(self):
        for name, message in hostile_messages(return_address(7)).items():
            with self.subTest(name):
                started = time.process_time()
                try:
                    delivery_reports.parse(message, timezone.now())
                except delivery_reports.TooLargeError:
                    pass
                self.assertLess(time.process_time() - started, 0.3)

    def test_generated_messages_are_read_or_refused(self):
        pieces = [
            b"To: ", b"<", b"@", b"\n", b"\r\n", b"\n\n", b" ", b"\t", b":", b";", b"--", b"=?utf-8?q?", b"\x00",
            b"\xff", b"Content-Type: message/delivery-status", b"Action: failed", b"Status: 5.1.1", b"Date: ",
        ]  # fmt: skip
        choose = random.Random(1)
        for _ in range(500):
            message = b"".join(choose.choices(pieces, k=choose.randrange(60)))
            delivery_reports.parse(message, timezone.now())


@BOUNCE
class HostileMailboxTests(EventTestCase):
    def receive(self, *messages):
        FakeMailbox.receive(*messages)
        self.fetch()

    def fetch(self):
        with (
            mock.patch.object(bounces.imaplib, "IMAP4_SSL", FakeMailbox),
            self.captureOnCommitCallbacks(execute=True),
        ):
            bounces.fetch(timezone.now())
        self.address.refresh_from_db()

    def report(self, *replace):
        to = return_address(self.delivery.pk)
        text = REPORT.format(to=to, email=self.address.email, action="failed", status="5.1.1").encode()
        for old, new in replace:
            assert old in text
            text = text.replace(old, new)
        return text

    @takes_longer("reads twenty-four messages, most of a megabyte")
    def test_no_message_keeps_the_mailbox_from_the_others(self):
        hostile = {
            "null character": self.report((b"is unknown", b"is \x00 unknown"), (b"5.1.1", b"5.1.1\x00")),
            "no text": self.report(
                (b"is unknown", b"is \xff unknown"), (b"<report-1@mail.example.org>", b"<\xff\x00>")
            ),
            "date": self.report((b"28 Nov 2026 10:00:00 +0000", b"1 Jan 0001 00:00:00 +1400")),
            "recipient": self.report((b"To: ", b"To: <[,@:;\n\t<<>> \xff, ")),
            "empty": b"",
        } | hostile_messages(return_address(self.delivery.pk))
        for name, message in hostile.items():
            with self.subTest(name), self.assertNoLogs("django.db"):
                ProviderEvent.objects.all().delete()
                self.receive(message, self.report((b"report-1", b"good")))
                self.assertTrue(ProviderEvent.objects.filter(event_id="<good@mail.example.org>").exists())
                self.assertIn("2", FakeMailbox.with_flag(DELETED))

    def test_what_is_stored_of_them_has_no_characters_that_databases_refuse(self):
        self.receive(
            self.report((b"is unknown", b"is \x00 \xff unknown"), (b"<report-1@mail.example.org>", b"<\xff\x00>"))
        )
        event = ProviderEvent.objects.get()
        self.assertNotRegex(event.detail + event.event_id, "[\x00\ud800-\udfff]")
        self.assertEqual(self.address.suppression, "bounce")

    def test_a_message_that_cannot_be_read_is_set_aside_and_named(self):
        self.receive(self.report((b"To: ", b"X: " + b"y" * 100_000 + b"\nTo: ")), self.report())
        self.assertEqual((FakeMailbox.with_flag(FLAGGED), FakeMailbox.with_flag(DELETED)), (["1", "2"], ["2"]))
        self.assertIn("could not be read: 1.", JobProblem.objects.get().problem)
        self.fetch()
        self.assertEqual(FakeMailbox.read, ["1", "2"])
        FakeMailbox.flags["1"].add(DELETED)
        self.fetch()
        self.assertFalse(JobProblem.objects.exists())

    def test_a_message_that_takes_too_long_is_set_aside(self):
        def slowly(content, now):
            while b"slow" in content:
                pass

        with mock.patch.object(bounces, "parse", slowly), mock.patch.object(bounces, "MESSAGE_LIMIT", 0.05):
            self.receive(b"slow", b"quick")
        self.assertEqual(FakeMailbox.with_flag(DELETED), ["2"])

    def test_a_message_that_ends_the_process_is_not_read_again(self):
        with mock.patch.object(bounces, "parse", side_effect=SystemExit), self.assertRaises(SystemExit):
            self.receive(b"deadly", self.report())
        self.fetch()
        self.assertEqual((FakeMailbox.read, FakeMailbox.with_flag(DELETED)), (["1", "2"], ["2"]))

    def test_a_report_that_could_not_be_stored_is_read_again(self):
        away = mock.patch.object(bounces, "_record", side_effect=OperationalError("refused"))
        with away, self.assertRaises(OperationalError):
            self.receive(self.report())
        self.fetch()
        self.assertEqual(self.address.suppression, "bounce")
