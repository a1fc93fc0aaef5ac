"""Sending through the API of a provider: what its answers mean for an email."""

import json
import threading
from datetime import timedelta
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from unittest import mock
from uuid import UUID

from django.core.exceptions import ImproperlyConfigured
from django.test import SimpleTestCase, TestCase, override_settings
from django.utils import timezone

from tests.budget import takes_longer
from tests.truthlytics.newsletters.factories import make_address, make_issue, make_newsletter
from truthlytics.env import mailer_settings
from truthlytics.newsletters.models import Delivery, Issue
from truthlytics.newsletters.services import sending
from truthlytics.newsletters.services.scheduling import work_on

ACCEPTED = (200, {"ErrorCode": 0, "Message": "OK", "MessageID": "m-1"})
# What each answers to an email. Postal knows no batches and no metadata.
PROVIDERS = {
    "postmark": ("server_token=t", ACCEPTED),
    "resend": ("api_key=k", (200, {"id": "m-1"})),
    "brevo": ("api_key=k", (201, {"messageId": "m-1"})),
    "postal": ("api_key=k", (200, {"status": "success", "data": {"messages": {"a@example.org": {"id": 1}}}})),
}


class Api(BaseHTTPRequestHandler):
    """Answers with what the test says, or closes the connection without an answer."""

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.requests.append((self.path, dict(self.headers), json.loads(body)))
        answer = self.server.answers.pop(0) if self.server.answers else self.server.usual
        if answer is None:
            self.connection.close()
            return
        status, data, *more = answer
        content = json.dumps(data).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(content)))
        for name, value in more:
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *args):
        pass


class ProviderTests(TestCase):
    @classmethod
    def setUpTestData(cls):
        cls.newsletter = make_newsletter()
        cls.addresses = [make_address(cls.newsletter) for _ in range(2)]

    def send(self, provider="postmark", *answers, times=1):
        """Send an issue, whose first emails get `answers`. Return the state of the issue and those of its emails."""
        options, usual = PROVIDERS[provider]
        server = ThreadingHTTPServer(("127.0.0.1", 0), Api)
        server.requests, server.answers, server.usual = [], list(answers), usual
        self.addCleanup(server.server_close)
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        self.addCleanup(server.shutdown)
        url = f"http://127.0.0.1:{server.server_address[1]}/"
        mailers = {"newsletters": mailer_settings(f"anymail://{provider}?{options}&api_url={url}")}
        issue = make_issue(self.newsletter)
        with override_settings(
            MAILERS={"default": {"BACKEND": "django.core.mail.backends.locmem.EmailBackend"}} | mailers
        ):
            for _ in range(times):
                work_on.call(issue_id=issue.pk)
        self.requests = server.requests
        issue.refresh_from_db()
        return issue.state, [delivery.state for delivery in Delivery.objects.filter(issue=issue).order_by("pk")]

    @takes_longer("Many requests, one after the other.")
    def test_every_provider_gets_one_email_for_each_reader_with_its_headers(self):
        for provider in PROVIDERS:
            with self.subTest(provider):
                self.assertEqual(self.send(provider), ("sent", ["submitted", "submitted"]))
                bodies = [json.dumps(body) for _, _, body in self.requests]
                self.assertEqual(len(bodies), 2)
                for body, address in zip(bodies, self.addresses, strict=True):
                    self.assertIn(address.email, body)
                    self.assertIn("List-Unsubscribe-Post", body)
                    self.assertIn(str(Delivery.objects.filter(address=address).latest("pk").pk), body)

    @takes_longer("Many requests, one after the other.")
    def test_an_address_that_the_provider_refuses_is_rejected(self):
        email = self.addresses[0].email
        inactive = f"Found inactive addresses: {email}. Inactive recipients are ones that have generated a hard bounce."
        for provider, *answer in [
            ("postmark", 422, {"ErrorCode": 300, "Message": "Invalid email"}),
            ("postmark", 422, {"ErrorCode": 406, "Message": inactive}),
            ("postal", 200, {"status": "error", "data": {"code": "ValidationError"}}),
        ]:
            with self.subTest(provider):
                self.assertEqual(self.send(provider, answer), ("sent", ["rejected", "submitted"]))

    @takes_longer("Many requests, one after the other.")
    def test_providers_that_recognise_repeated_requests_get_a_key_for_each_email(self):
        for provider in ("resend", "brevo"):
            with mock.patch.object(sending, "_wait"):
                self.send(provider, (429, {}))
            headers = [sent["headers"] | received for _, received, sent in self.requests]
            first, again, second = (row.get("Idempotency-Key") or row["idempotencyKey"] for row in headers)
            self.assertEqual(first, again)
            self.assertNotEqual(first, second)
            self.assertEqual(str(UUID(first)), first)
        self.send("postmark")
        self.assertNotIn("idempotency", str(self.requests).lower())

    @takes_longer("Many requests, one after the other.")
    def test_an_error_or_a_lost_connection_leaves_an_email_uncertain_and_it_is_not_sent_again(self):
        for answer in [(500, {}), (502, {}), (200, {"unexpected": 1}), None]:
            with self.subTest(answer):
                # Others wait for a minute, so that an outage costs few emails.
                self.assertEqual(self.send("postmark", answer, times=3), ("sending", ["uncertain", "queued"]))
                Issue.objects.update(wait_until=None)
                work_on.call(issue_id=Issue.objects.latest("pk").pk)
                self.assertEqual(len(self.requests), 1)

    @takes_longer("Many requests, one after the other.")
    def test_slow_down_and_wrong_keys_let_the_issue_wait(self):
        for status in (429, 401, 503):
            with self.subTest(status):
                self.assertEqual(self.send("postmark", (status, {}), times=3)[0], "sending")
                self.assertEqual(len(self.requests), 1)
                issue = Issue.objects.latest("pk")
                self.assertGreater(issue.wait_until, timezone.now())
                self.assertEqual(set(issue.deliveries.values_list("state", flat=True)), {"queued"})

    @takes_longer("Many requests, one after the other.")
    def test_it_waits_as_long_as_the_provider_says(self):
        later = timezone.now() + timedelta(minutes=30)
        for value in ("1800", format_datetime(later, usegmt=True)):
            with self.subTest(value):
                self.send("postmark", (429, {}, ("Retry-After", value)))
                self.assertGreater(Issue.objects.latest("pk").wait_until, later - timedelta(minutes=1))

    def test_a_provider_that_cannot_be_reached_loses_nothing(self):
        mailers = {"newsletters": mailer_settings("anymail://postmark?server_token=t&api_url=http://127.0.0.1:1/")}
        issue = make_issue(self.newsletter)
        with override_settings(
            MAILERS={"default": {"BACKEND": "django.core.mail.backends.locmem.EmailBackend"}} | mailers
        ):
            work_on.call(issue_id=issue.pk)
        issue.refresh_from_db()
        self.assertIsNotNone(issue.wait_until)
        self.assertNotIn("uncertain", issue.deliveries.values_list("state", flat=True))


class SettingTests(SimpleTestCase):
    def test_addresses_of_providers(self):
        found = mailer_settings("anymail://amazon_ses?configuration_set_name=a%26b")
        self.assertEqual(found["BACKEND"], "anymail.backends.amazon_ses.EmailBackend")
        self.assertEqual(found["OPTIONS"], {"configuration_set_name": "a&b"})
        for wrong in ("anymail://", "anymail://os.system?x=1", "http://example.org"):
            with self.subTest(wrong), self.assertRaises(ImproperlyConfigured):
                mailer_settings(wrong)
