"""What readers can combine: gifts, trials, extensions, cancellations and refunds never give more than was paid for."""

from datetime import timedelta

from django.db.models import Sum
from django.test import TestCase
from django.utils import timezone

from subscriptions.models import Grant, Order, Payment, Subscription, SubscriptionChange
from subscriptions.periods import add_intervals
from subscriptions.services import gifts, lifecycle, plan_change, refunds
from subscriptions.services.access import access_for
from subscriptions.services.plan_change import CannotChange
from subscriptions.services.sync import mark_paid, sync_order, sync_subscription
from tests.factories import make_order, make_paid, make_plan, make_price, make_tier, make_user
from tests.subscriptions.journeys import on_demo
from tests.subscriptions.test_gifts import make_gift
from truthlytics.tools.demo.provider import Demo


@on_demo
class CombinationTests(TestCase):
    def setUp(self):
        self.now, self.user = timezone.now(), make_user()
        self.price = make_price(make_plan(make_tier(10)), minor=900)
        self.year = make_price(self.price.plan, minor=9000, interval="year")

    def level(self, days):
        return access_for(self.user, self.now + timedelta(days=days)).level

    def revenue(self):
        return SubscriptionChange.objects.aggregate(sum=Sum("mrr_minor"))["sum"] or 0

    def redeem(self, user=None):
        gift = make_gift(giver=self.user, price=self.year)
        return gifts.redeem(code=gift.code, user=user or self.user, now=timezone.now())

    def buy_by_card(self, price=None):
        order = make_order(self.user, price or self.price, provider="demo")
        Demo().pay(order.checkout_ref)
        sync_order(order)
        return Subscription.objects.get(provider_ref__gt="")

    def extend(self):
        order = make_order(self.user, self.price, provider="manual")
        mark_paid(order=order, by="Edda")
        return order

    def test_gift_of_a_card_subscriber_outlives_a_cancellation(self):
        subscription = self.buy_by_card()
        self.redeem()
        lifecycle.cancel(subscription=subscription, now=timezone.now())
        self.assertEqual([self.level(20), self.level(300), self.level(500)], [10, 10, 1])

    def test_account_shows_the_later_charge_as_soon_as_a_gift_is_redeemed(self):
        end = self.buy_by_card().period_end
        gift = make_gift(price=self.year)
        self.client.force_login(self.user)
        self.client.post(gift.get_absolute_url())
        self.assertEqual(Subscription.objects.get().period_end, add_intervals(end, "year", 1))

    def test_undoing_a_cancellation_does_not_lengthen_a_gift(self):
        self.redeem()
        subscription = Subscription.objects.get()
        end = Grant.objects.get().ends_at
        lifecycle.cancel(subscription=subscription, now=timezone.now())
        lifecycle.undo_cancel(subscription=subscription, now=timezone.now())
        self.assertEqual(Grant.objects.get().ends_at, end)

    def test_paid_extension_of_a_gift_counts_as_revenue_until_it_ends(self):
        self.redeem()
        self.assertEqual(self.revenue(), 0)
        self.extend()
        self.assertEqual(self.revenue(), self.year.monthly_minor)
        subscription = Subscription.objects.get()
        lifecycle.end_by_editor(subscription=subscription, now=timezone.now(), actor="Edda")
        self.assertEqual(self.revenue(), 0)

    def test_gift_redeemed_during_a_trial_is_no_revenue_and_the_trial_can_still_be_paid(self):
        self.price.plan.trial_days = 14
        self.price.plan.save()
        order = make_order(self.user, self.price, provider="manual")
        self.assertTrue(Subscription.objects.get().is_trial)
        self.redeem()
        self.assertEqual(self.revenue(), 0)
        mark_paid(order=Order.objects.get(pk=order.pk), by="Edda")
        self.assertEqual(Payment.objects.get(order=order).status, "succeeded")
        self.assertEqual(self.level(14 + 365 + 20), 10)

    def test_refunded_gift_ends_for_the_reader_who_redeemed_it(self):
        reader = make_user()
        gift = self.redeem(reader)
        refunds.refund(payment=gift.order.payments.get(), amount=gift.order.total, by="Edda")
        self.assertEqual(access_for(reader, timezone.now()).level, 1)
        self.assertEqual(Subscription.objects.get().end_reason, "refunded")

    def test_gift_that_was_charged_back_leaves_what_the_reader_has_paid(self):
        paid = make_paid(self.user, self.price)
        gift = self.redeem()
        refunds.charged_back(gift.order.payments.get())
        self.assertEqual([self.level(20), self.level(60)], [10, 1])
        kept = Subscription.objects.get()
        self.assertEqual((kept.status, kept.period_end, kept.next_price), ("active", paid.period_end, None))

    def test_refund_of_an_extension_paid_ahead_leaves_the_running_period(self):
        paid = make_paid(self.user, self.price)
        order = self.extend()
        refunds_payment = order.payments.get()
        made = refunds.refund(payment=refunds_payment, amount=order.total, by="Edda")
        refunds.mark_transferred(refund=made, by="Edda")
        self.assertEqual([self.level(20), self.level(40)], [10, 1])
        self.assertEqual(Subscription.objects.get().period_end, paid.period_end)

    def test_changing_at_once_to_what_costs_less_is_refused(self):
        dear = make_price(make_plan(make_tier(20)), minor=1800)
        subscription = self.buy_by_card(dear)
        with self.assertRaises(CannotChange):
            plan_change.change(
                subscription=subscription,
                price=self.price,
                at_renewal=False,
                token=plan_change.token_for(subscription),
                now=timezone.now(),
            )
        sync_subscription("demo", subscription.provider_ref)
        self.assertEqual(Subscription.objects.get().price, dear)
