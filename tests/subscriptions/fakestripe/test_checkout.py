"""Checkout: subscriptions, trials, discounts, tax, gifts."""

import stripe

from tests.fakestripe.requests import ApiError
from tests.subscriptions.fakestripe.base import FakeStripeTestCase


class CheckoutTests(FakeStripeTestCase):
    def test_paying_starts_a_subscription(self):
        session = self.checkout(subscription_data={"metadata": {"order": "1"}}, client_reference_id="1")
        self.assertEqual((session.status, session.amount_total), ("open", 900))
        self.fake.pay(session.id)
        expand = {"expand": ["subscription.latest_invoice.payments", "subscription.default_payment_method"]}
        session = self.api.checkout.sessions.retrieve(session.id, expand)
        self.assertEqual((session.status, session.payment_status), ("complete", "paid"))
        subscription = session.subscription
        self.assertEqual((subscription.status, subscription.metadata["order"]), ("active", "1"))
        self.assertEqual(subscription.default_payment_method.card.last4, "4242")
        invoice = subscription.latest_invoice
        self.assertEqual((invoice.amount_paid, invoice.billing_reason), (900, "subscription_create"))
        self.assertEqual(invoice.parent.subscription_details.metadata["order"], "1")
        line = invoice.lines.data[0]
        item = subscription["items"].data[0]
        self.assertEqual(line.period.end, item.current_period_end)
        self.assertEqual(line.pricing.price_details.price, item.price.id)
        intent = self.api.payment_intents.retrieve(invoice.payments.data[0].payment.payment_intent)
        self.assertEqual(intent.status, "succeeded")

    def test_declined_card_keeps_the_session_open(self):
        session = self.checkout()
        self.assertEqual(self.fake.pay(session.id, card="pm_card_chargeDeclined"), "declined")
        self.assertEqual(self.api.checkout.sessions.retrieve(session.id).status, "open")
        self.assertEqual(self.fake.pay(session.id), "paid")

    def test_expired_sessions_take_no_payment(self):
        first, second = self.checkout(), self.checkout()
        self.api.checkout.sessions.expire(first.id)
        self.fake.advance(days=2)
        for session in (first, second):
            self.assertEqual(self.api.checkout.sessions.retrieve(session.id).status, "expired")
            with self.assertRaisesRegex(ApiError, "expired"):
                self.fake.pay(session.id)
            with self.assertRaises(stripe.InvalidRequestError):
                self.api.checkout.sessions.expire(session.id)

    def test_two_paid_sessions_are_two_subscriptions(self):
        self.subscribe()
        self.subscribe()
        self.assertEqual(len(self.fake.all("subscription")), 2)

    def test_archived_price_is_refused(self):
        price = self.api.prices.create(self.price())
        self.api.prices.update(price.id, {"active": False})
        with self.assertRaisesRegex(stripe.InvalidRequestError, "inactive"):
            self.checkout(line_items=[{"price": price.id, "quantity": 1}])

    def test_gift_is_one_payment(self):
        session = self.checkout(
            self.price(9000, interval=None), mode="payment", payment_intent_data={"metadata": {"order": "7"}}
        )
        self.fake.pay(session.id)
        session = self.api.checkout.sessions.retrieve(session.id, {"expand": ["payment_intent.latest_charge"]})
        self.assertEqual(session.payment_intent.metadata["order"], "7")
        self.assertEqual(session.payment_intent.latest_charge.amount, 9000)
        self.assertEqual(self.fake.all("subscription"), [])


class TrialTests(FakeStripeTestCase):
    def test_trial_then_paid(self):
        session = self.checkout(subscription_data={"trial_period_days": 14})
        self.assertEqual(session.amount_total, 0)
        self.fake.pay(session.id)
        session = self.api.checkout.sessions.retrieve(session.id)
        self.assertEqual(session.payment_status, "no_payment_required")
        self.assertEqual(self.api.subscriptions.retrieve(session.subscription).status, "trialing")
        self.fake.advance(days=15)
        self.assertEqual(self.api.subscriptions.retrieve(session.subscription).status, "active")
        self.assertEqual(self.types().count("customer.subscription.trial_will_end"), 1)
        self.assertEqual(self.paid(), [0, 900])

    def test_first_charge_at_a_given_time(self):
        start = self.fake.now + 20 * 86_400
        subscription = self.subscribe(subscription_data={"trial_end": start})
        self.fake.advance(to=start)
        self.assertEqual(self.item(subscription).current_period_start, start)
        self.assertEqual(self.paid(), [0, 900])

    def test_trial_cancelled(self):
        subscription = self.subscribe(subscription_data={"trial_period_days": 14})
        self.api.subscriptions.update(subscription, {"cancel_at_period_end": True})
        self.fake.advance(days=15)
        self.assertEqual(self.api.subscriptions.retrieve(subscription).status, "canceled")
        self.assertEqual(self.paid(), [0])

    def test_trial_without_a_card(self):
        for behaviour, status in [("cancel", "canceled"), ("create_invoice", "past_due")]:
            data = {
                "trial_period_days": 14,
                "trial_settings": {"end_behavior": {"missing_payment_method": behaviour}},
            }
            with self.subTest(behaviour):
                subscription = self.subscribe(subscription_data=data, payment_method_collection="if_required")
                self.fake.advance(days=15)
                self.assertEqual(self.api.subscriptions.retrieve(subscription).status, status)


class DiscountTests(FakeStripeTestCase):
    def coupon(self, **data):
        return [{"coupon": self.api.coupons.create({"id": "OURS", **data}).id}]

    def test_once(self):
        self.subscribe(discounts=self.coupon(percent_off=50, duration="once"))
        self.fake.advance(days=29)
        self.assertEqual(self.paid(), [450, 900])

    def test_three_months(self):
        discounts = self.coupon(amount_off=300, currency="eur", duration="repeating", duration_in_months=3)
        subscription = self.subscribe(discounts=discounts)
        self.fake.advance(days=110)
        self.assertEqual(self.paid(), [600, 600, 600, 900])
        self.assertEqual(self.api.subscriptions.retrieve(subscription).discounts, [])

    def test_for_ever_after_a_trial(self):
        discounts = self.coupon(percent_off=100, duration="forever")
        self.subscribe(discounts=discounts, subscription_data={"trial_period_days": 7})
        self.fake.advance(days=60)
        self.assertEqual(self.paid(), [0, 0, 0])
        self.assertEqual(self.fake.all("charge"), [])

    def test_promotion_code_and_its_limit(self):
        self.api.coupons.create({"id": "HALF", "percent_off": 50, "duration": "once"})
        promotion = {"type": "coupon", "coupon": "HALF"}
        self.api.promotion_codes.create({"promotion": promotion, "code": "SPRING", "max_redemptions": 1})
        first, second = self.checkout(allow_promotion_codes=True), self.checkout(allow_promotion_codes=True)
        self.assertEqual(self.fake.pay(first.id, promotion_code="nonsense"), "promotion code invalid")
        self.assertEqual(self.fake.pay(first.id, promotion_code="spring"), "paid")
        self.assertEqual(self.paid(), [450])
        with self.assertRaisesRegex(ApiError, "maximum"):
            self.fake.pay(second.id, promotion_code="SPRING")


class TaxTests(FakeStripeTestCase):
    options = {"tax_percent": 20}

    def bought(self, behaviour):
        tax = {"automatic_tax": {"enabled": True}, "customer_update": {"address": "auto"}}
        self.subscribe(self.price(1200, tax_behavior=behaviour), **tax)
        (invoice,) = self.api.invoices.list().data
        return invoice.total, invoice.total_taxes[0].amount, invoice.total_excluding_tax

    def test_inclusive_and_exclusive_tax(self):
        self.assertEqual(self.bought("inclusive"), (1200, 200, 1000))

    def test_exclusive_tax(self):
        self.assertEqual(self.bought("exclusive"), (1440, 240, 1200))

    def test_no_tax_unless_asked_for(self):
        self.subscribe()
        self.assertEqual(self.api.invoices.list().data[0].total_taxes, [])
