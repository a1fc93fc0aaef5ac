"""Subscriptions that a provider renews, tried with the demo provider."""

from datetime import timedelta
from unittest.mock import patch

import time_machine
from django.test import TestCase
from django.utils import timezone

from subscriptions.models import Grant, LedgerContract, Order, Payment, Receipt, Subscription
from subscriptions.providers import ProviderError
from subscriptions.services import lifecycle, provider_requests
from subscriptions.services.access import access_for
from subscriptions.services.sync import sync_due, sync_order, sync_subscription
from tests.budget import takes_longer
from tests.factories import make_order, make_plan, make_price, make_tier, make_user
from tests.subscriptions.journeys import emails_to, on_demo
from truthlytics.tools.demo.provider import Demo

START = timezone.now().replace(year=2026, month=1, day=31, hour=12, minute=0, second=0, microsecond=0)


@on_demo
class RenewalTests(TestCase):
    def setUp(self):
        traveller = time_machine.travel(START, tick=False)
        self.clock = traveller.start()
        self.addCleanup(traveller.stop)
        self.user = make_user(email="reader@example.org")
        self.plan = make_plan(make_tier(10))
        self.price = make_price(self.plan, minor=900)
        self.demo = Demo()

    def buy(self, price=None):
        order = make_order(self.user, price or self.price)
        self.demo.pay(order.checkout_ref)
        with self.captureOnCommitCallbacks(execute=True):
            sync_order(order)
        return Subscription.objects.get(provider_ref=f"demo-subscription:{order.uuid}")

    def at(self, *, month, day, hour=13):
        self.clock.move_to(START.replace(month=month, day=day, hour=hour))

    def sync(self):
        subscription = Subscription.objects.exclude(provider_ref="").get()
        with self.captureOnCommitCallbacks(execute=True):
            sync_subscription("demo", subscription.provider_ref)
        subscription.refresh_from_db()
        return subscription

    def level(self):
        return access_for(self.user, timezone.now()).level

    def subjects(self):
        return [email.subject for email in emails_to(self.user.email)]

    def test_first_payment_starts_a_contract_that_renews(self):
        subscription = self.buy()
        self.assertEqual(
            (subscription.status, subscription.renews, subscription.card), ("active", True, self.demo.method)
        )
        self.assertEqual(subscription.period_end, START.replace(month=2, day=28))
        payment = Payment.objects.get()
        self.assertEqual((payment.status, payment.order, payment.minor), ("succeeded", Order.objects.get(), 900))
        self.assertEqual(Order.objects.get().status, "paid")
        self.assertEqual(Grant.objects.get().source, "invoice")
        self.assertEqual(Receipt.objects.get().payment, payment)
        self.assertEqual(len(self.subjects()), 1)
        self.assertEqual(self.level(), 10)

    @takes_longer("Months of trade pass.")
    def test_twelve_renewals_give_one_grant_and_payment_each(self):
        self.buy()
        for month in range(2, 13):
            self.at(month=month, day=28)
            for _ in range(3):
                self.sync()
        self.assertEqual(Payment.objects.filter(status="succeeded").count(), 12)
        self.assertEqual(Grant.objects.filter(source="invoice").count(), 12)
        self.assertEqual(Receipt.objects.count(), 12)
        self.assertEqual(Payment.objects.filter(order=None).count(), 11)
        changes = Subscription.objects.get().changes
        self.assertEqual(list(changes.values_list("event", flat=True)), ["first_paid"] + ["renewed"] * 11)
        self.assertEqual(sum(changes.values_list("mrr_minor", flat=True)), 900)

    def test_tick_asks_when_a_renewal_is_due_and_then_once_a_day(self):
        self.buy()
        self.assertEqual(sync_due(timezone.now()), 0)
        self.at(month=2, day=28, hour=14)
        self.assertEqual(sync_due(timezone.now()), 1)
        self.assertEqual(sync_due(timezone.now()), 0)
        self.assertEqual(Payment.objects.count(), 2)

    def test_failed_renewal_leaves_seven_days_and_is_paid_with_another_card(self):
        subscription = self.buy()
        self.demo.set_card(subscription.provider_ref, declines=True)
        self.at(month=2, day=28)
        subscription = self.sync()
        self.assertEqual(subscription.status, "past_due")
        self.assertEqual(Payment.objects.get(status="failed").minor, 900)
        self.at(month=3, day=6)
        self.assertEqual(self.level(), 10)
        self.at(month=3, day=8)
        self.assertEqual(self.level(), 1)
        self.demo.set_card(subscription.provider_ref, declines=False)
        subscription = self.sync()
        self.assertEqual((subscription.status, subscription.past_due_since), ("active", None))
        self.assertEqual(self.level(), 10)
        self.assertIn(
            "first_paid payment_failed renewed", " ".join(subscription.changes.values_list("event", flat=True))
        )

    def test_unpaid_renewal_ends_only_when_the_provider_gives_up(self):
        subscription = self.buy()
        self.demo.set_card(subscription.provider_ref, declines=True)
        self.at(month=2, day=28)
        self.sync()
        self.at(month=3, day=10)
        self.assertEqual(lifecycle.end_due(timezone.now()), 0)
        self.assertTrue(self.sync().is_live)
        self.at(month=3, day=20)
        subscription = self.sync()
        self.assertEqual((subscription.status, subscription.end_reason), ("ended", "unpaid"))
        self.assertEqual(self.level(), 1)
        self.assertEqual(sum(subscription.changes.values_list("mrr_minor", flat=True)), 0)

    def test_cancelled_contract_ends_with_the_period_and_is_not_charged(self):
        subscription = self.buy()
        with self.captureOnCommitCallbacks(execute=True):
            lifecycle.cancel(subscription=subscription, now=timezone.now())
        self.assertEqual(self.sync().provider_request, "")
        self.assertIsNotNone(LedgerContract.objects.get().cancel_at)
        self.at(month=2, day=28, hour=11)
        self.assertEqual(self.level(), 10)
        self.at(month=2, day=28, hour=13)
        self.assertEqual(self.level(), 1)
        subscription = self.sync()
        self.assertEqual((subscription.status, subscription.end_reason), ("ended", "cancelled"))
        self.assertEqual(Payment.objects.count(), 1)

    def test_undone_cancellation_renews(self):
        subscription = self.buy()
        with self.captureOnCommitCallbacks(execute=True):
            lifecycle.cancel(subscription=subscription, now=timezone.now())
        lifecycle.undo_cancel(subscription=subscription, now=timezone.now())
        self.assertTrue(self.sync().renews)
        self.at(month=2, day=28)
        self.assertEqual(self.sync().status, "active")
        self.assertEqual(Payment.objects.count(), 2)

    def test_cancellation_that_the_provider_missed_is_repeated(self):
        subscription = self.buy()
        lifecycle.cancel(subscription=subscription, now=timezone.now())
        self.assertIsNone(LedgerContract.objects.get().cancel_at)
        self.assertIsNotNone(self.sync().cancel_at, "The provider has not heard of it: its answer must not undo it.")
        self.assertEqual(provider_requests.repeat(timezone.now()), 1)
        self.assertIsNotNone(LedgerContract.objects.get().cancel_at)
        self.assertEqual(provider_requests.repeat(timezone.now()), 0)

    def test_cancellation_at_the_provider_is_taken_over(self):
        subscription = self.buy()
        self.demo.cancel(subscription, key="dashboard")
        subscription = self.sync()
        self.assertEqual(subscription.cancel_at, subscription.period_end)
        self.demo.undo_cancel(subscription, key="dashboard")
        self.assertTrue(self.sync().renews)

    def test_undo_asks_the_provider_first(self):
        subscription = self.buy()
        with self.captureOnCommitCallbacks(execute=True):
            lifecycle.cancel(subscription=subscription, now=timezone.now())
        LedgerContract.objects.update(status="ended")
        with self.assertRaises(ProviderError):
            lifecycle.undo_cancel(subscription=subscription, now=timezone.now())
        subscription.refresh_from_db()
        self.assertIsNotNone(subscription.cancel_at)

    def test_upgrade_at_once_charges_the_difference_and_raises_the_level(self):
        subscription = self.buy()
        better = make_price(make_plan(make_tier(20), slug="supporter"), minor=1800)
        self.at(month=2, day=14, hour=12)
        preview = self.demo.preview_change(subscription, better)
        self.demo.change_price(subscription, better, at_renewal=False, key="k")
        subscription = self.sync()
        self.assertEqual((subscription.price, subscription.next_price), (better, None))
        self.assertEqual(Payment.objects.latest("pk").minor, preview.due_now.minor)
        self.assertEqual(preview.due_now.minor, 450)
        self.assertEqual(self.level(), 20)
        change = subscription.changes.get(event="plan_changed")
        self.assertEqual(change.mrr_minor, 900)

    def test_downgrade_waits_for_the_renewal(self):
        cheap = make_price(self.plan, minor=500, interval="year")
        self.buy()
        subscription = Subscription.objects.get()
        self.demo.change_price(subscription, cheap, at_renewal=True, key="k")
        subscription = self.sync()
        self.assertEqual((subscription.price, subscription.next_price), (self.price, cheap))
        self.at(month=2, day=28)
        subscription = self.sync()
        self.assertEqual((subscription.price, subscription.next_price), (cheap, None))
        self.assertEqual(subscription.period_end.year, START.year + 1)

    def test_second_contract_is_ended_and_its_money_is_surplus(self):
        order = make_order(self.user, self.price)
        Order.objects.filter(pk=order.pk).update(status="cancelled")
        self.demo.pay(order.checkout_ref)
        with self.captureOnCommitCallbacks(execute=True):
            sync_order(order)
        self.assertEqual(Payment.objects.get().status, "surplus")
        self.assertEqual((self.level(), Subscription.objects.live().count()), (1, 0))
        self.assertEqual(LedgerContract.objects.get().status, "ended")
        self.sync()
        self.assertEqual(Payment.objects.count(), 1)

    def test_ended_by_an_editor_stops_charging(self):
        subscription = self.buy()
        with self.captureOnCommitCallbacks(execute=True):
            lifecycle.end_by_editor(subscription=subscription, now=timezone.now(), actor="Edda")
        self.assertEqual((LedgerContract.objects.get().status, self.level()), ("ended", 1))
        self.assertEqual(self.sync().end_reason, "editor")

    def test_charge_after_the_end_is_surplus(self):
        subscription = self.buy()
        lifecycle.end_by_editor(subscription=subscription, now=timezone.now(), actor="Edda")
        self.at(month=2, day=28)
        self.sync()
        self.assertEqual(
            list(Payment.objects.order_by("pk").values_list("status", flat=True)), ["succeeded", "surplus"]
        )
        self.assertEqual(self.level(), 1)

    def test_older_answer_does_not_overwrite_a_newer_one(self):
        subscription = self.buy()
        real, calls = Demo.subscription_state, []

        def slow(provider, ref):
            state = real(provider, ref)
            calls.append(state)
            if len(calls) == 1:
                provider.cancel(subscription, key="meanwhile")
                sync_subscription("demo", ref)
            return state

        with patch.object(Demo, "subscription_state", slow):
            sync_subscription("demo", subscription.provider_ref)
        subscription.refresh_from_db()
        self.assertEqual(len(calls), 3)
        self.assertIsNotNone(subscription.cancel_at)

    def test_unknown_subscription_changes_nothing(self):
        subscription = self.buy()
        LedgerContract.objects.update(order_uuid="00000000-0000-4000-8000-000000000000")
        self.assertIsNone(sync_subscription("demo", subscription.provider_ref))

    def test_trial_is_free_and_then_paid(self):
        self.plan.trial_days = 14
        self.plan.save()
        subscription = self.buy()
        self.assertEqual((subscription.status, subscription.period_end), ("trialing", START + timedelta(days=14)))
        self.assertEqual((Payment.objects.count(), self.level()), (0, 10))
        self.at(month=2, day=14)
        subscription = self.sync()
        self.assertEqual(subscription.status, "active")
        self.assertEqual(Payment.objects.get().minor, 900)
        self.assertEqual(list(subscription.changes.values_list("event", flat=True)), ["trial_started", "first_paid"])
