"""The emails of a demo: as readers get them, without a way for their HTML to do anything."""

from pathlib import Path
from tempfile import TemporaryDirectory
from unittest import mock

from django.core.mail import EmailMessage, EmailMultiAlternatives
from django.test import TestCase

from tests.html import page_of
from truthlytics.publication.mail import Email
from truthlytics.tools.demo import emails

HTML = "<html><head></head><body><h1>Hello</h1><script>alert(1)</script></body></html>"


class DemoEmailTests(TestCase):
    def setUp(self):
        folder = Path(self.enterContext(TemporaryDirectory()))
        self.enterContext(mock.patch.object(emails, "FOLDER", folder))
        self.enterContext(mock.patch("builtins.print"))

    def send(self, message):
        emails.DemoEmailBackend().send_messages([message])

    def test_html_is_shown_in_a_frame_that_can_do_nothing(self):
        message = EmailMultiAlternatives("Welcome", "Hello in words", to=["nadia@example.org"])
        message.attach_alternative(HTML, "text/html")
        self.send(message)
        response = self.client.get("/demo/emails/")
        self.assertContains(response, "Hello in words")
        self.assertIn("frame-src 'self'", response["Content-Security-Policy"])
        [frame] = page_of(response).iter("iframe")
        self.assertNotIn("allow-scripts", frame.get("sandbox"))
        self.assertNotIn("allow-same-origin", frame.get("sandbox"))
        shown = self.client.get(frame.get("src"))
        self.assertContains(shown, "<h1>Hello</h1>")
        policy = shown["Content-Security-Policy"].split("; ")
        for part in ("default-src 'none'", "frame-ancestors 'self'", "form-action 'none'"):
            self.assertIn(part, policy)
        self.assertFalse([part for part in policy if part.startswith("script-src")])
        self.assertIn("sandbox allow-popups allow-popups-to-escape-sandbox", policy)

    def test_images_of_an_email_are_shown(self):
        message = Email("How to pay", "Scan it", to=["nadia@example.org"])
        message.images = {"code": b"PNG"}
        message.attach_alternative('<html><head></head><body><img src="cid:code"></body></html>', "text/html")
        self.send(message)
        [frame] = page_of(self.client.get("/demo/emails/")).iter("iframe")
        shown = self.client.get(frame.get("src"))
        self.assertContains(shown, '<img src="data:image/png;base64,UE5H">')
        self.assertRegex(shown["Content-Security-Policy"], "img-src [^;]*data:")

    def test_email_without_html_is_shown_as_text(self):
        self.send(EmailMessage("Welcome", "Hello in words", to=["nadia@example.org"]))
        response = self.client.get("/demo/emails/")
        self.assertContains(response, "Hello in words")
        self.assertFalse(list(page_of(response).iter("iframe")))

    def test_unknown_emails_are_not_found(self):
        self.assertEqual(self.client.get("/demo/emails/20261128T000000000000/").status_code, 404)
