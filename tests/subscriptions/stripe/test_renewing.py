"""Renewals, failed ones, and free trials."""

from django.core import mail

from subscriptions.models import Coupon, Grant, Payment, Receipt, Subscription, TrialUse
from subscriptions.services import cart
from tests.budget import takes_longer
from tests.subscriptions.stripe.base import BROKEN_CARD, StripeCase


class RenewalTests(StripeCase):
    @takes_longer("Months of trade pass.")
    def test_twelve_renewals(self):
        self.buy()
        for _ in range(12):
            self.pass_period()
            self.assertEqual(self.level(), 10)
        self.assertEqual(self.payments(), [900] * 13)
        self.assertEqual((Grant.objects.count(), Receipt.objects.count()), (13, 13))
        self.assertEqual(self.events(), ["first_paid"] + ["renewed"] * 12)
        self.assertEqual(self.subscription.period_end.day, 28)  # of February, from the 31st of January
        self.assert_agrees()

    def test_reader_reads_on_while_a_renewal_is_being_charged(self):
        subscription = self.buy()
        self.pass_time(to=int(subscription.period_end.timestamp()) + 24 * 3600)
        self.assertEqual(self.level(), 10)

    def test_failed_renewal_is_paid_with_another_card(self):
        self.buy()
        self.card(BROKEN_CARD)
        self.pass_period()
        self.assertEqual((self.subscription.status, self.level()), ("past_due", 10))
        self.assertEqual(self.payments("failed"), [900])
        self.fake.change_card(self.fake.all("customer")[0]["id"], "pm_card_mastercard")
        self.deliver()
        self.assertEqual((self.subscription.status, self.subscription.card), ("active", "Mastercard ending 4444"))
        self.assertEqual((self.payments(), self.level()), ([900, 900], 10))
        self.assertEqual(self.events(), ["first_paid", "payment_failed", "renewed"])
        self.assertFalse(Grant.objects.filter(source="grace", ends_at__gt=self.subscription.period_start).count() > 1)
        self.assert_agrees()

    def test_failed_renewal_that_Stripe_collects_later(self):
        self.buy()
        self.card(BROKEN_CARD)
        self.pass_period()
        self.card("pm_card_visa")
        self.pass_time(days=4)
        self.deliver()
        self.assertEqual((self.subscription.status, self.payments()), ("active", [900, 900]))
        self.assert_agrees()

    def test_failed_renewal_ends_after_the_grace_period_and_the_retries(self):
        self.buy()
        self.card(BROKEN_CARD)
        self.pass_period()
        self.pass_time(days=6)
        self.deliver()
        self.assertEqual(self.level(), 10)
        self.pass_time(days=2)
        self.deliver()
        self.tick()
        self.assertEqual((self.subscription.status, self.level()), ("past_due", 1))
        self.pass_time(days=10)
        self.deliver()
        self.assertEqual((self.subscription.status, self.subscription.end_reason), ("ended", "unpaid"))
        self.assertEqual((self.payments(), self.level()), ([900], 1))
        self.assert_agrees()

    @takes_longer("Many requests, one after the other.")
    def test_second_failure_gives_a_grace_period_of_its_own(self):
        self.buy()
        for _ in range(2):
            self.card(BROKEN_CARD)
            self.pass_period()
            self.assertEqual((self.subscription.status, self.level()), ("past_due", 10))
            self.fake.change_card(self.fake.all("customer")[0]["id"], "pm_card_visa")
            self.deliver()
        self.assertEqual(Grant.objects.filter(source="grace").count(), 2)
        self.assert_agrees()

    @takes_longer("Many requests, one after the other.")
    def test_emails_are_sent_once_however_often_webhooks_arrive(self):
        self.buy()
        self.card(BROKEN_CARD)
        contract = self.fake.all("subscription")[0]
        self.pass_time(to=contract["items"]["data"][0]["current_period_end"] + 60)
        self.deliver(copies=4)
        self.assertEqual(len(set(self.subjects())), len(self.subjects()))


class CouponTests(StripeCase):
    def order_with(self, **fields):
        coupon = Coupon.objects.create(code="SPRING", **fields)
        cart.add(price=self.month, token="", user=self.user)
        self.user.carts.update(coupon=coupon)
        order = self.place()
        self.fake.pay(order.checkout_ref)
        self.deliver()
        return coupon

    @takes_longer("Many requests, one after the other.")
    def test_coupon_for_three_months(self):
        coupon = self.order_with(kind="percent", percent=50, duration="repeating", periods=3)
        for _ in range(4):
            self.pass_period()
        self.assertEqual(self.payments(), [450, 450, 450, 900, 900])
        self.assertEqual(self.payments("surplus"), [])
        coupon.refresh_from_db()
        self.assertEqual((coupon.uses, coupon.redemptions.get().state), (1, "used"))
        self.assert_agrees()

    def test_free_month_gives_access_without_a_payment(self):
        self.order_with(kind="percent", percent=100, duration="once")
        self.assertEqual((self.level(), Payment.objects.count(), self.subscription.status), (10, 0, "active"))
        self.pass_period()
        self.assertEqual((self.payments(), self.level()), ([900], 10))
        self.assert_agrees()


class TrialTests(StripeCase):
    def setUp(self):
        super().setUp()
        self.plan.trial_days = 14
        self.plan.save()

    def test_trial_then_paid(self):
        subscription = self.buy()
        self.assertEqual((subscription.status, self.level(), self.payments()), ("trialing", 10, []))
        self.assertEqual(TrialUse.objects.count(), 1)
        self.pass_period()
        self.assertEqual((self.subscription.status, self.payments(), self.level()), ("active", [900], 10))
        self.assertEqual(self.events(), ["trial_started", "first_paid"])
        self.assert_agrees()

    def test_trial_cancelled(self):
        subscription = self.buy()
        self.client.force_login(self.user)
        with self.committing():
            self.client.post("/account/cancellation/")
        self.assertTrue(self.fake.get(subscription.provider_ref)["cancel_at_period_end"])
        self.assertEqual(self.level(), 10)
        self.pass_period()
        self.assertEqual((self.subscription.status, self.payments(), self.level()), ("ended", [], 1))
        self.assert_agrees()

    def test_trial_is_given_once(self):
        self.test_trial_cancelled()
        self.buy()
        live = Subscription.objects.live().get()
        self.assertEqual((live.status, self.payments()), ("active", [900]))

    def test_trial_whose_card_fails(self):
        self.buy()
        self.card(BROKEN_CARD)
        self.pass_period()
        self.assertEqual((self.subscription.status, self.level()), ("past_due", 10))
        self.pass_time(days=20)
        self.deliver()
        self.assertEqual((self.subscription.status, self.subscription.end_reason), ("ended", "unpaid"))
        self.assertTrue(mail.outbox)
        self.assert_agrees()
