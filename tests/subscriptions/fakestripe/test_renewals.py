"""Renewals, failed renewals, and the end of subscriptions."""

import datetime as dt

import stripe
from django.test import SimpleTestCase

from tests.fakestripe.store import add_interval
from tests.subscriptions.fakestripe.base import FakeStripeTestCase, timestamp


class IntervalTests(SimpleTestCase):
    def test_the_29th_of_february(self):
        leap_day = timestamp(2024, 2, 29)
        self.assertEqual(add_interval(leap_day, "year", 1), timestamp(2025, 2, 28))
        self.assertEqual(add_interval(leap_day, "year", 4), timestamp(2028, 2, 29))


class RenewalTests(FakeStripeTestCase):
    def status(self, subscription):
        return self.api.subscriptions.retrieve(subscription).status

    def test_renewals_keep_the_31st(self):
        subscription, ends = self.subscribe(), []
        for _ in range(14):
            end = self.item(subscription).current_period_end
            ends.append(dt.datetime.fromtimestamp(end, dt.UTC).strftime("%m-%d"))
            self.fake.advance(to=end)
        self.assertEqual(ends[:4], ["02-28", "03-31", "04-30", "05-31"])
        self.assertEqual(ends[12:], ["02-28", "03-31"])
        self.assertEqual(len(self.api.invoices.list({"subscription": subscription, "limit": 100}).data), 15)

    def test_metadata_is_kept_by_each_invoice(self):
        subscription = self.subscribe(subscription_data={"metadata": {"price": "1", "order": "2"}})
        self.api.subscriptions.update(subscription, {"metadata": {"price": "5", "order": ""}})
        self.fake.advance(days=29)
        first, second = (i["parent"]["subscription_details"]["metadata"] for i in self.fake.all("invoice"))
        self.assertEqual((first, second), ({"price": "1", "order": "2"}, {"price": "5"}))

    def test_failed_renewals_end_the_subscription(self):
        subscription = self.subscribe()
        self.fake.use_card(self.customer, "pm_card_chargeCustomerFail")
        self.fake.advance(days=29)
        self.assertEqual(self.status(subscription), "past_due")
        # The period moves although nobody has paid for it.
        self.assertGreater(self.item(subscription).current_period_end, self.fake.now)
        self.assertTrue(self.fake.all("invoice", status="open")[0]["next_payment_attempt"])
        self.fake.advance(days=20)
        self.assertEqual(self.status(subscription), "canceled")
        self.assertEqual(self.types().count("invoice.payment_failed"), 4)
        self.assertEqual(self.types()[-1], "customer.subscription.deleted")
        reason = self.api.subscriptions.retrieve(subscription).cancellation_details.reason
        self.assertEqual(reason, "payment_failed")

    def test_unpaid_instead_of_canceled(self):
        self.fake.on_exhausted = "unpaid"
        subscription = self.subscribe()
        self.fake.use_card(self.customer, "pm_card_chargeCustomerFail")
        self.fake.advance(days=90)
        self.assertEqual((self.status(subscription), self.paid()), ("unpaid", [900]))

    def test_a_retry_succeeds(self):
        subscription = self.subscribe()
        self.fake.use_card(self.customer, "pm_card_chargeCustomerFail")
        self.fake.advance(days=29)
        self.fake.use_card(self.customer, "pm_card_mastercard")
        self.fake.advance(days=3)
        self.assertEqual((self.status(subscription), self.paid()), ("active", [900, 900]))
        # An invoice keeps one payment, which is tried again.
        self.assertEqual(len(self.fake.all("payment_intent")), 2)
        self.assertEqual(len(self.fake.all("charge", status="failed")), 1)

    def test_changing_the_card_in_the_portal_pays_the_open_invoice(self):
        subscription = self.subscribe()
        self.fake.use_card(self.customer, "pm_card_chargeCustomerFail")
        self.fake.advance(days=29)
        self.assertFalse(self.fake.change_card(self.customer, "pm_card_chargeDeclined"))
        self.assertTrue(self.fake.change_card(self.customer, "pm_card_mastercard"))
        self.assertEqual((self.status(subscription), self.paid()), ("active", [900, 900]))
        expanded = self.api.subscriptions.retrieve(
            subscription, {"expand": ["customer.invoice_settings.default_payment_method"]}
        )
        card = expanded.customer.invoice_settings.default_payment_method.card
        self.assertEqual((card.brand, card.last4, card.exp_month, card.exp_year), ("mastercard", "4444", 12, 2034))

    def test_paying_the_last_invoice_does_not_revive_an_ended_subscription(self):
        subscription = self.subscribe()
        self.fake.use_card(self.customer, "pm_card_chargeCustomerFail")
        self.fake.advance(days=60)
        self.fake.change_card(self.customer, "pm_card_visa")
        self.assertEqual((self.status(subscription), self.paid()), ("canceled", [900, 900]))

    def test_cancel_at_period_end_and_undo(self):
        subscription = self.subscribe()
        self.api.subscriptions.update(subscription, {"cancel_at_period_end": True})
        self.assertEqual(self.status(subscription), "active")
        self.api.subscriptions.update(subscription, {"cancel_at_period_end": False})
        self.assertIsNone(self.api.subscriptions.retrieve(subscription).cancel_at)
        self.fake.advance(days=29)
        self.fake.cancel_in_dashboard(subscription)
        self.fake.advance(days=40)
        self.assertEqual((self.status(subscription), self.paid()), ("canceled", [900, 900]))
        self.assertEqual(self.api.subscriptions.list({"customer": self.customer}).data, [])
        self.assertEqual(len(self.api.subscriptions.list({"status": "all"}).data), 1)

    def test_cancel_immediately_once(self):
        subscription = self.subscribe()
        self.fake.cancel_in_dashboard(subscription, at_period_end=False)
        self.assertEqual(self.status(subscription), "canceled")
        with self.assertRaises(stripe.InvalidRequestError):
            self.api.subscriptions.cancel(subscription)
        with self.assertRaises(stripe.InvalidRequestError):
            self.api.subscriptions.update(subscription, {"cancel_at_period_end": False})
