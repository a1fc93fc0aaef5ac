"""Messages that break the reader of the bounce mailbox must not keep it from the others."""

from unittest import mock

from django.utils import timezone

from tests.truthlytics.newsletters.test_events import BOUNCE, REPORT, EventTestCase, FakeMailbox
from truthlytics.newsletters.models import ProviderEvent
from truthlytics.newsletters.return_address import return_address
from truthlytics.newsletters.services import bounces


@BOUNCE
class HostileMailboxTests(EventTestCase):
    def fetch(self, *messages):
        FakeMailbox.messages, FakeMailbox.deleted = list(messages), []
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

    def test_no_message_keeps_the_mailbox_from_the_others(self):
        nested = b"".join(b"Content-Type: multipart/mixed; boundary=%d\n\n--%d\n" % (n, n) for n in range(900))
        hostile = {
            "nested": self.report((b"Content-Type: text/plain\n\n", nested)),
            "null character": self.report((b"is unknown", b"is \x00 unknown"), (b"5.1.1", b"5.1.1\x00")),
            "no text": self.report(
                (b"is unknown", b"is \xff unknown"), (b"<report-1@mail.example.org>", b"<\xff\x00>")
            ),
            "date": self.report((b"28 Nov 2026 10:00:00 +0000", b"1 Jan 0001 00:00:00 +1400")),
            "recipient": self.report((b"To: ", b"To: <[,@:;\n\t<<>> \xff, ")),
            "empty": b"",
        }
        for name, message in hostile.items():
            with self.subTest(name), self.assertNoLogs("django.db"):
                ProviderEvent.objects.all().delete()
                self.fetch(message, self.report((b"report-1", b"good")))
                self.assertTrue(ProviderEvent.objects.filter(event_id="<good@mail.example.org>").exists())
                self.assertEqual(FakeMailbox.deleted, ["1", "2"])

    def test_what_is_stored_of_them_has_no_characters_that_databases_refuse(self):
        self.fetch(
            self.report((b"is unknown", b"is \x00 \xff unknown"), (b"<report-1@mail.example.org>", b"<\xff\x00>"))
        )
        event = ProviderEvent.objects.get()
        self.assertNotRegex(event.detail + event.event_id, "[\x00\ud800-\udfff]")
        self.assertEqual(self.address.suppression, "bounce")
