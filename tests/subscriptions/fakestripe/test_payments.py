"""Refunds, disputes, and the billing portal."""

import stripe

from tests.subscriptions.fakestripe.base import FakeStripeTestCase


class RefundTests(FakeStripeTestCase):
    def setUp(self):
        super().setUp()
        self.subscribe()
        self.payment = self.fake.all("payment_intent")[0]["id"]

    def charge(self):
        return self.api.charges.list({"payment_intent": self.payment}).data[0]

    def test_partial_then_full_refund(self):
        self.api.refunds.create({"payment_intent": self.payment, "amount": 400, "metadata": {"key": "1"}})
        for amount, message in [(600, "greater"), (0, "greater")]:
            with self.assertRaisesRegex(stripe.InvalidRequestError, message):
                self.api.refunds.create({"payment_intent": self.payment, "amount": amount})
        self.fake.refund_in_dashboard(self.payment)
        self.assertTrue(self.charge().refunded)
        with self.assertRaisesRegex(stripe.InvalidRequestError, "already"):
            self.api.refunds.create({"payment_intent": self.payment})
        refunds = self.api.refunds.list({"payment_intent": self.payment}).data
        self.assertEqual([refund.amount for refund in refunds], [500, 400])
        self.assertEqual(self.types().count("charge.refunded"), 2)

    def test_dispute_won_and_lost(self):
        dispute = self.fake.dispute(self.payment)
        self.assertTrue(self.charge().disputed)
        for status in ("won", "lost"):
            self.fake.close_dispute(dispute["id"], status)
            found = self.api.disputes.list({"payment_intent": self.payment}).data[0]
            self.assertEqual(found.status, status)
        self.assertIn("charge.dispute.created", self.types())
        with self.assertRaisesRegex(stripe.InvalidRequestError, "charged back"):
            self.api.refunds.create({"payment_intent": self.payment})

    def test_payment_leads_to_its_invoice(self):
        payment = {"type": "payment_intent", "payment_intent": self.payment}
        (found,) = self.api.invoice_payments.list({"payment": payment}).data
        self.assertEqual(found.invoice, self.fake.all("invoice")[0]["id"])


class PortalTests(FakeStripeTestCase):
    def test_portal_needs_a_configuration(self):
        with self.assertRaises(stripe.InvalidRequestError):
            self.api.billing_portal.sessions.create({"customer": self.customer})
        features = {"payment_method_update": {"enabled": True}}
        configuration = self.api.billing_portal.configurations.create({"features": features, "metadata": {"us": "1"}})
        (found,) = self.api.billing_portal.configurations.list({"active": True}).data
        self.assertEqual((found.id, found.metadata["us"]), (configuration.id, "1"))
        self.assertFalse(found.features.subscription_cancel.enabled)
        session = {"customer": self.customer, "configuration": found.id, "return_url": "https://site.example/"}
        self.assertIn("/portal/", self.api.billing_portal.sessions.create(session).url)
