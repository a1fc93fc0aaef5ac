"""Webhooks of payment providers: which are applied, refused, or asked for again."""

from unittest import mock

from django.db import connection
from django.test import Client, TestCase, override_settings
from django.urls import reverse

from subscriptions.models import Payment, Subscription
from subscriptions.providers.base import BadWebhook, ChangedObject, Unavailable
from subscriptions.services import sync
from subscriptions.views.webhooks import MAX_BODY
from truthlytics.tools.demo.provider import Demo

CHANGED = ChangedObject("subscription", "sub_1")
URL = "/webhooks/sender/"


class Sender(Demo):
    """A provider whose messages are signed with "right" and concern the subscription named in their body."""

    code = "sender"

    def read_webhook(self, body, headers):
        if headers.get("Signature") != "right":
            raise BadWebhook("The signature is wrong.")
        return ChangedObject("subscription", body.decode()) if body else ChangedObject("")


@override_settings(PAYMENT_PROVIDERS=["tests.subscriptions.test_webhooks.Sender"])
class WebhookTests(TestCase):
    def setUp(self):
        self.client = Client(enforce_csrf_checks=True)
        patch = mock.patch.object(sync, "sync_changed", create=True)
        self.sync_changed = patch.start()
        self.addCleanup(patch.stop)

    def post(self, body=b"sub_1", signature="right", url=URL):
        return self.client.post(url, body, content_type="application/json", headers={"Signature": signature})

    def test_signed_message_is_applied_without_a_session(self):
        response = self.post()
        self.assertEqual((response.status_code, response.content, len(response.cookies)), (200, b"", 0))
        self.sync_changed.assert_called_once_with("sender", CHANGED)
        self.assertEqual(reverse("subscriptions:webhook", args=["sender"]), URL)

    def test_forged_message_is_refused_and_changes_nothing(self):
        for signature in ["wrong", "", "right, right"]:
            with self.subTest(signature):
                self.assertEqual(self.post(signature=signature).status_code, 400)
        self.sync_changed.assert_not_called()
        self.assertFalse(Payment.objects.exists() or Subscription.objects.exists())

    def test_message_about_something_else_is_acknowledged(self):
        self.assertEqual(self.post(b"").status_code, 200)
        self.sync_changed.assert_not_called()

    def test_failure_asks_for_the_message_again(self):
        for error in [Unavailable("no answer"), RuntimeError("a fault of ours")]:
            self.sync_changed.side_effect = error
            with self.subTest(error):
                self.assertEqual(self.post().status_code, 503)

    def test_large_message_is_refused_unread(self):
        with mock.patch.object(Sender, "read_webhook") as read:
            self.assertEqual(self.post(b"x" * (MAX_BODY + 1)).status_code, 413)
        read.assert_not_called()

    def test_only_installed_providers_and_posts(self):
        self.assertEqual(self.post(url="/webhooks/nobody/").status_code, 404)
        for method in ["get", "head", "put", "delete"]:
            self.assertEqual(getattr(self.client, method)(URL).status_code, 405)

    def test_provider_is_asked_outside_a_transaction(self):
        inside = []
        depth = len(connection.savepoint_ids)
        self.sync_changed.side_effect = lambda *_: inside.append(len(connection.savepoint_ids) - depth)
        self.post()
        self.assertEqual(inside, [0])

    @override_settings(PAYMENT_PROVIDERS=["subscriptions.providers.manual.Manual"])
    def test_provider_without_webhooks_refuses_them(self):
        self.assertEqual(self.post(url="/webhooks/manual/").status_code, 400)
