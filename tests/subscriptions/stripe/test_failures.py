"""Lost, forged and late webhooks, and outages on either side: nothing is charged twice, nothing paid is lost."""

import json
import random
from unittest import mock

from django.db import OperationalError
from django.test import Client

from subscriptions.models import Grant, Order, Payment, SentEmail, Subscription
from subscriptions.providers import ProviderError
from subscriptions.services import renewals
from tests.budget import takes_longer
from tests.factories import make_user
from tests.subscriptions.journeys import emails_to
from tests.subscriptions.stripe.base import BROKEN_CARD, StripeCase


class WebhookTests(StripeCase):
    def post(self, event, **signature):
        body = json.dumps(event)
        headers = {"Stripe-Signature": self.fake.sign(body, **signature)}
        with self.committing():
            return Client().post("/webhooks/stripe/", body, content_type="application/json", headers=headers)

    def paid_order(self):
        order = self.place()
        self.fake.pay(order.checkout_ref)
        return order

    def test_forged_webhook_is_refused(self):
        self.paid_order()
        event = self.fake.outbox[-1]
        self.assertEqual(self.post(event, secret="whsec_other").status_code, 400)
        self.assertEqual(self.post(event, at=self.fake.now - 3600).status_code, 400)  # replayed much later
        self.assertFalse(Payment.objects.exists())

    def test_signed_webhook_that_is_no_event_is_refused_without_a_traceback(self):
        for message in ([], 17, None, {"livemode": False}):
            with self.subTest(message), mock.patch("subscriptions.views.webhooks.logger") as logger:
                self.assertEqual(self.post(message).status_code, 400)
                logger.exception.assert_not_called()

    def test_webhook_of_the_other_mode_is_refused(self):
        self.paid_order()
        self.assertEqual(self.post(self.fake.outbox[-1] | {"livemode": True}).status_code, 400)
        self.assertFalse(Payment.objects.exists())

    def test_content_of_a_webhook_is_not_believed(self):
        order = self.place()
        event = {**self.fake.events[0], "type": "checkout.session.completed", "livemode": False}
        event["data"] = {"object": self.fake.get(order.checkout_ref) | {"status": "complete", "payment_status": "paid"}}
        self.assertEqual(self.post(event).status_code, 200)
        self.assertEqual((Order.objects.get().status, Grant.objects.count()), ("open", 0))

    def test_contracts_of_other_applications_are_ignored(self):
        for metadata in [{}, {"order": "17"}, {"order": "0d4c14d0-0000-4000-8000-000000000000"}]:
            with self.subTest(metadata):
                order = self.paid_order()
                self.fake.get(self.fake.get(order.checkout_ref)["subscription"])["metadata"] = metadata
                Order.objects.update(checkout_ref="", status="cancelled")
                self.deliver()
                self.assertEqual((self.fake.outbox, Subscription.objects.count()), ([], 0))

    def test_replayed_webhooks_change_nothing(self):
        self.buy()
        events = list(self.fake.events)
        emails = SentEmail.objects.count()
        self.pass_period()
        for event in events * 2:
            self.assertEqual(self.post(event).status_code, 200)
        self.assertEqual((self.payments(), Grant.objects.count()), ([900, 900], 2))
        self.assertLessEqual(SentEmail.objects.count(), emails + 1)
        self.assert_agrees()

    def test_webhooks_out_of_order(self):
        self.paid_order()
        self.deliver(order=lambda batch: batch[::-1])
        self.card(BROKEN_CARD)
        self.pass_period()
        self.fake.change_card(self.fake.all("customer")[0]["id"], "pm_card_visa")
        self.deliver(order=lambda batch: random.Random(3).sample(batch, len(batch)), copies=2)
        self.assertEqual((self.subscription.status, self.payments()), ("active", [900, 900]))
        self.assert_agrees()

    def test_all_webhooks_are_lost(self):
        self.paid_order()
        self.fake.lose()
        self.pass_time(days=0.02)
        self.tick()
        for _ in range(3):
            self.pass_time(to=int(self.subscription.period_end.timestamp()) + 2 * 3600)
            self.fake.lose()
            self.tick()
        self.assertEqual((self.payments(), self.level()), ([900] * 4, 10))
        self.fake.cancel_in_dashboard(self.subscription.provider_ref, at_period_end=False)
        self.fake.lose()
        self.pass_time(days=1.1)
        self.tick()
        self.assertEqual(self.subscription.status, "ended")
        self.assert_agrees()


class OutageTests(StripeCase):
    def test_stripe_is_away_for_an_hour(self):
        bought = self.buy()
        self.pass_time(to=int(bought.period_end.timestamp()) - 1800)
        self.fake.outage(100_000)
        self.pass_time(to=int(bought.period_end.timestamp()) + 1800)  # Stripe renews meanwhile
        waiting = len(self.fake.outbox)
        self.deliver()
        self.assertEqual((len(self.fake.outbox) > 0, self.payments(), self.level()), (True, [900], 10))
        self.tick()
        self.fake.recover()
        self.deliver()
        self.assertEqual((self.fake.outbox, waiting > 0), ([], True))
        self.assertEqual((self.payments(), self.level()), ([900, 900], 10))
        self.assert_agrees()

    def test_nobody_is_charged_twice_when_the_answer_to_a_checkout_is_lost(self):
        self.fake.fail("POST /v1/checkout/sessions", "lost", times=3)
        with self.assertRaises(ProviderError):
            self.place()
        order = Order.objects.get()
        self.assertEqual(order.checkout_ref, "")
        self.assertEqual(self.place().pk, order.pk)
        self.assertEqual(len(self.fake.all("checkout.session")), 1)

    @takes_longer("Servers or workers run beside the test.")
    def test_server_is_killed_between_charge_and_grant(self):
        for function in ("record_invoice_payment", "settle_order", "_record"):
            with self.subTest(function):
                user = make_user()
                order = self.place(user=user)
                self.fake.pay(order.checkout_ref)
                with mock.patch.object(renewals, function, side_effect=OperationalError("killed")):
                    self.deliver()
                self.assertFalse(Payment.objects.filter(user=user).exists() or Grant.objects.filter(user=user).exists())
                self.assertTrue(self.fake.outbox)
                self.deliver()
                self.assertEqual((self.level(user), len(emails_to(user.email))), (10, 1))
        self.assert_agrees()

    def test_server_is_killed_and_the_webhook_lost(self):
        order = self.place()
        self.fake.pay(order.checkout_ref)
        with mock.patch.object(renewals, "settle_order", side_effect=OperationalError("killed")):
            self.deliver()
        self.fake.lose()
        self.pass_time(days=0.02)
        self.tick()
        self.assertEqual((self.level(), self.payments()), (10, [900]))
        self.assert_agrees()

    def test_server_is_killed_before_the_provider_hears_of_the_end(self):
        bought = self.buy()
        self.client.force_login(self.user)
        self.client.post("/account/cancellation/")  # the process ends with the commit
        self.assertEqual(self.subscription.provider_request, "cancel")
        self.tick()
        self.assertTrue(self.fake.get(bought.provider_ref)["cancel_at_period_end"])
        self.assertEqual(self.subscription.provider_request, "")
