"""Changes of plan: at once with proration, at renewal, and postponed charges."""

import stripe

from tests.subscriptions.fakestripe.base import FakeStripeTestCase, timestamp


class ChangeTests(FakeStripeTestCase):
    # April has 30 days.
    options = {"now": timestamp(2026, 4, 1)}

    def setUp(self):
        super().setUp()
        self.subscription = self.subscribe()

    def update(self, price, **more):
        return self.api.subscriptions.update(self.subscription, self.change(self.subscription, price, **more))

    def preview(self, price, **more):
        details = self.change(self.subscription, price, **more)
        return self.api.invoices.create_preview({"subscription": self.subscription, "subscription_details": details})

    def test_upgrade_at_once_charges_the_difference_by_the_second(self):
        self.fake.advance(days=10)
        now = {"proration_behavior": "always_invoice", "proration_date": self.fake.now}
        preview = self.preview(self.price(1800), **now)
        self.assertEqual(preview.amount_due, 600)
        self.assertEqual([line.amount for line in preview.lines.data], [-600, 1200])
        self.assertEqual(self.paid(), [900])
        self.update(self.price(1800), payment_behavior="error_if_incomplete", **now)
        self.assertEqual(self.paid(), [900, 600])
        invoice = self.fake.all("invoice")[-1]
        self.assertEqual(invoice["billing_reason"], "subscription_update")
        details = [line["parent"]["subscription_item_details"] for line in invoice["lines"]["data"]]
        self.assertEqual([detail["proration"] for detail in details], [True, True])
        self.assertEqual(self.item(self.subscription).current_period_end, timestamp(2026, 5, 1))
        self.fake.advance(to=timestamp(2026, 5, 1))
        self.assertEqual(self.paid(), [900, 600, 1800])

    def test_downgrade_at_once_leaves_a_credit_for_the_next_invoice(self):
        self.fake.advance(days=15)
        self.update(self.price(300), proration_behavior="always_invoice")
        self.assertEqual(self.fake.get(self.customer)["balance"], -300)
        self.fake.advance(days=15)
        self.assertEqual(self.paid(), [900, 0, 0])
        self.assertEqual(self.fake.get(self.customer)["balance"], 0)

    def test_change_at_renewal(self):
        self.update(self.price(1800), proration_behavior="none")
        self.assertEqual(self.paid(), [900])
        self.fake.advance(days=30)
        self.assertEqual(self.paid(), [900, 1800])

    def test_preview_of_the_next_renewal(self):
        preview = self.preview(self.price(1800), proration_behavior="none")
        self.assertEqual((preview.amount_due, preview.next_payment_attempt), (1800, timestamp(2026, 5, 1)))
        self.assertEqual(self.item(self.subscription).price.unit_amount, 900)

    def test_another_interval_starts_a_new_period_at_once(self):
        self.fake.advance(days=15)
        self.update(self.price(9000, "year"), proration_behavior="always_invoice")
        self.assertEqual(self.paid(), [900, 8550])
        self.assertEqual(self.item(self.subscription).current_period_end, timestamp(2027, 4, 16))

    def test_another_interval_at_renewal(self):
        self.fake.advance(days=15)
        end = self.item(self.subscription).current_period_end
        self.update(self.price(9000, "year"), proration_behavior="none", trial_end=end)
        self.assertEqual(self.api.subscriptions.retrieve(self.subscription).status, "trialing")
        self.fake.advance(to=end)
        self.assertEqual(self.paid(), [900, 0, 9000])
        self.assertEqual(self.item(self.subscription).current_period_end, timestamp(2027, 5, 1))

    def test_postponing_the_next_charge(self):
        until = timestamp(2026, 7, 10)
        self.api.subscriptions.update(self.subscription, {"trial_end": until, "proration_behavior": "none"})
        self.fake.advance(days=60)
        self.assertEqual(sum(self.paid()), 900)
        self.fake.advance(to=until)
        self.assertEqual(sum(self.paid()), 1800)

    def test_declined_change_changes_nothing(self):
        self.fake.use_card(self.customer, "pm_card_chargeCustomerFail")
        events = len(self.fake.events)
        with self.assertRaises(stripe.CardError) as caught:
            self.update(
                self.price(1800),
                proration_behavior="always_invoice",
                payment_behavior="error_if_incomplete",
                metadata={"price": "2"},
            )
        self.assertEqual(caught.exception.http_status, 402)
        subscription = self.api.subscriptions.retrieve(self.subscription)
        self.assertEqual((subscription.status, subscription.metadata.to_dict()), ("active", {}))
        self.assertEqual((self.item(self.subscription).price.unit_amount, self.paid()), (900, [900]))
        self.assertEqual(len(self.fake.events), events)

    def test_currency_cannot_change(self):
        with self.assertRaisesRegex(stripe.InvalidRequestError, "currency"):
            self.update(self.price(1800) | {"currency": "usd"}, proration_behavior="none")
