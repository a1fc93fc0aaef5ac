"""Base of the tests of the fake Stripe."""

import datetime as dt

import stripe
from django.test import SimpleTestCase

from tests.fakestripe import FakeStripe


def timestamp(*date):
    return int(dt.datetime(*date, tzinfo=dt.UTC).timestamp())


class FakeStripeTestCase(SimpleTestCase):
    options: dict = {}

    def setUp(self):
        self.fake = FakeStripe(**self.options)
        self.api = self.client_of(self.fake)
        self.customer = self.api.customers.create({"email": "reader@example.com"}).id
        self.api.products.create({"id": "reader", "name": "Reader"})

    def client_of(self, fake, retries=0):
        return stripe.StripeClient("sk_test_fake", http_client=fake, max_network_retries=retries).v1

    def price(self, amount=900, interval="month", **more):
        recurring = {"recurring": {"interval": interval}} if interval else {}
        return {"product": "reader", "currency": "eur", "unit_amount": amount, **recurring, **more}

    def checkout(self, price=None, **more):
        return self.api.checkout.sessions.create(
            {
                "mode": "subscription",
                "customer": self.customer,
                "line_items": [{"price_data": price or self.price(), "quantity": 1}],
                "success_url": "https://site.example/ok?s={CHECKOUT_SESSION_ID}",
                **more,
            }
        )

    def subscribe(self, price=None, card="pm_card_visa", **more):
        """Return the id of a paid subscription."""
        session = self.checkout(price, **more)
        self.assertEqual(self.fake.pay(session.id, card=card), "paid")
        return self.api.checkout.sessions.retrieve(session.id).subscription

    def item(self, subscription):
        return self.api.subscriptions.retrieve(subscription)["items"].data[0]

    def change(self, subscription, price, **more):
        """Return the parameters of a change of price."""
        return {"items": [{"id": self.item(subscription).id, "price_data": price}], **more}

    def paid(self, subscription=None):
        invoices = self.fake.all("invoice", status="paid")
        return [invoice["amount_paid"] for invoice in invoices]

    def types(self):
        return [event["type"] for event in self.fake.events]
