"""Subscriptions that begin without a checkout, and webhook endpoints."""

import stripe

from tests.fakestripe.store import DAY
from tests.subscriptions.fakestripe.base import FakeStripeTestCase


class SavedCardTests(FakeStripeTestCase):
    def create(self, **data):
        return self.api.subscriptions.create(
            {"customer": self.customer, "items": [{"price_data": self.price()}], **data}
        )

    def test_a_saved_card_is_charged_now_and_each_period(self):
        self.fake.use_card(self.customer, "pm_card_visa")
        self.assertEqual((self.create().status, self.paid()), ("active", [900]))
        self.fake.advance(days=32)
        self.assertEqual(self.paid(), [900, 900])

    def test_a_first_charge_later(self):
        card = self.fake.new_card(self.customer, "pm_card_visa")["id"]
        made = self.create(trial_end=self.fake.now + 20 * DAY, default_payment_method=card)
        self.assertEqual((made.status, self.paid()), ("trialing", [0]))
        self.fake.advance(days=21)
        self.assertEqual(self.paid(), [0, 900])

    def test_no_card_and_the_card_of_another_customer(self):
        other = self.api.customers.create({"email": "other@example.com"}).id
        card = self.fake.new_card(other, "pm_card_visa")["id"]
        for data in ({}, {"default_payment_method": card}):
            with self.subTest(data), self.assertRaises(stripe.InvalidRequestError):
                self.create(**data)

    def test_webhook_endpoints_are_listed(self):
        self.api.webhook_endpoints.create({"url": "https://old.example/hook", "enabled_events": ["*"]})
        [endpoint] = self.api.webhook_endpoints.list().data
        self.assertEqual((endpoint.url, endpoint.status), ("https://old.example/hook", "enabled"))
