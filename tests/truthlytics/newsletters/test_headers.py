"""Emails as mail programs parse them: headers, parts, and bytes that no server on the way has to change (DKIM)."""

import email
from email.policy import SMTP, default
from email.utils import parsedate_to_datetime

from django.core import mail
from django.test import TestCase, override_settings
from django.urls import reverse
from django.utils import timezone

from tests.factories import make_article, make_author, make_member
from tests.truthlytics.newsletters.factories import make_address, make_issue, make_newsletter
from truthlytics.newsletters.models import Issue, Newsletter
from truthlytics.newsletters.services import followed_emails, follows, sign_up
from truthlytics.newsletters.services.scheduling import work_on
from truthlytics.publication.models import Publication

# RFC 8058 requires the last two in the signature too.
SIGNED = ("From", "To", "Subject", "Date", "Message-ID", "MIME-Version", "List-Unsubscribe", "List-Unsubscribe-Post")
INJECTED = "Weekly\r\nBcc: evil@example.org\r\n\r\nHello"
TEXT = "<p>Straße " + "wort " * 500 + "</p><p>" + "x" * 2000 + "</p><p>.\nFrom here</p>"


def on_the_wire(message):
    """Return the bytes that Django's mail backend submits."""
    return message.message(policy=SMTP).as_bytes()


class HeaderTests(TestCase):
    @classmethod
    def setUpTestData(cls):
        cls.newsletter = make_newsletter(
            name="Bücher & mehr", sender_name='Zoë, "Büro"', sender_address="zoe@letters.example.org"
        )
        cls.address = make_address(cls.newsletter, email="reader@example.org")

    def send(self, **fields):
        fields = {
            "article": make_article(body=TEXT, headline="Kisch & Söhne"),
            "subject": "Größe: " + "lang " * 28,
        } | fields
        work_on.call(issue_id=make_issue(fields.pop("newsletter", self.newsletter), **fields).pk)
        return email.message_from_bytes(on_the_wire(mail.outbox[-1]), policy=default)

    def emails_to_addresses(self):
        """Send one email of each kind that people get without an account."""
        author = make_author()
        article = make_article(authors=[author], headline="Ä" * 100)
        with self.captureOnCommitCallbacks(execute=True):
            sign_up.ask(email="new@example.org", newsletters=[self.newsletter], source="page", code="123456")
            follows.follow(
                address=self.address,
                followed=[("author", author.pk)],
                frequency="at_once",
                now=article.created_at - followed_emails.WINDOW,
            )
            followed_emails.send_due(timezone.now() + followed_emails.DELAY)
        self.send()
        self.send(kind="letter", body=TEXT)
        self.assertEqual(len(mail.outbox), 4)
        return mail.outbox

    def test_no_server_on_the_way_has_to_change_a_byte(self):
        for message in self.emails_to_addresses():
            with self.subTest(message.subject):
                content = on_the_wire(message)
                self.assertLessEqual(max(map(len, content.split(b"\r\n"))), 998)
                self.assertTrue(content.isascii())
                self.assertNotIn(b"\n", content.replace(b"\r\n", b""))
                self.assertNotIn(b"\r", content.replace(b"\r\n", b""))

    def test_text_comes_before_html_and_both_are_whole(self):
        for message in self.emails_to_addresses():
            with self.subTest(message.subject):
                parsed = email.message_from_bytes(on_the_wire(message), policy=default)
                self.assertEqual(parsed.get_content_type(), "multipart/alternative")
                self.assertEqual([part.get_content_type() for part in parsed.iter_parts()], ["text/plain", "text/html"])
                parts = [part.get_content().splitlines() for part in parsed.iter_parts()]
                self.assertEqual(parts, [message.body.splitlines(), message.alternatives[0].content.splitlines()])
                self.assertEqual([defect for part in parsed.walk() for defect in part.defects], [])

    def test_every_header_is_there_once(self):
        for bounces in ("", "bounces@bounces.example.org"):
            with self.subTest(bounces=bounces), override_settings(BOUNCE_ADDRESS=bounces):
                parsed = self.send()
                for name in (*SIGNED, "List-ID"):
                    self.assertEqual(len(parsed.get_all(name)), 1, name)
                self.assertFalse({"Cc", "Bcc", "Resent-To"}.intersection(parsed.keys()))
                [sender], [recipient] = parsed["From"].addresses, parsed["To"].addresses
                self.assertEqual((sender.display_name, sender.addr_spec), ('Zoë, "Büro"', "zoe@letters.example.org"))
                self.assertEqual(recipient.addr_spec, "reader@example.org")
                self.assertRegex(parsed["Message-ID"], r"^<[^@<>\s]+@letters\.example\.org>$")
                self.assertAlmostEqual(
                    parsedate_to_datetime(parsed["Date"]).timestamp(), timezone.now().timestamp(), delta=60
                )
                self.assertEqual(parsed["Subject"].strip(), ("Größe: " + "lang " * 28).strip())

    def test_the_address_to_leave_is_one_line_that_nobody_folds(self):
        self.send()
        [line] = [line for line in on_the_wire(mail.outbox[-1]).split(b"\r\n") if line.startswith(b"List-Unsubscribe:")]
        self.assertRegex(line, rb"^List-Unsubscribe: <https?://[!-~]+/at-once/>$")

    def test_line_breaks_in_names_and_subjects_add_no_header(self):
        self.client.force_login(make_member("Publisher"))
        data = {
            "description": "x",
            "required_level": 0,
            "schedule": "",
            "position": 0,
            "sender_address": "a@example.org\r\nBcc: evil@example.org",
        }
        for fields in ({}, {"sender_address": "a@example.org"}):
            self.client.post(
                reverse("admin:newsletters_newsletter_add"),
                {"name": INJECTED, "sender_name": INJECTED, **data, **fields},
            )
        newsletter = Newsletter.objects.latest("pk")
        self.assertEqual(newsletter.sender_address, "a@example.org")
        Newsletter.objects.filter(pk=newsletter.pk).update(sender_name=INJECTED)
        Publication.objects.create(name=INJECTED)
        newsletter.refresh_from_db()
        make_address(newsletter, email="other@example.org")
        parsed = self.send(newsletter=newsletter, subject=INJECTED)
        self.assertNotIn("Bcc", parsed)
        self.assertEqual(parsed["Subject"], "Weekly Bcc: evil@example.org Hello")
        self.assertEqual([address.addr_spec for address in parsed["To"].addresses], ["other@example.org"])
        self.assertEqual([address.addr_spec for address in parsed["From"].addresses], ["a@example.org"])
        self.assertEqual(mail.outbox[-1].recipients(), ["other@example.org"])
        self.assertEqual(Issue.objects.latest("pk").state, "sent")
