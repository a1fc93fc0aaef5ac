"""`manage.py reconcile` finds what differs from Stripe, and fixes what it can."""

from datetime import timedelta
from io import StringIO
from unittest import mock

from django.core.management import CommandError, call_command
from django.db import models
from django.utils import timezone

from subscriptions.models import Grant, Order, Payment, ProviderCustomer, Receipt, Subscription
from subscriptions.providers import provider_named
from subscriptions.services import accounts_check, reconcile
from subscriptions.services.reconcile import fix
from tests.subscriptions.stripe.base import BROKEN_CARD, StripeCase


class ReconcileTests(StripeCase):
    def run_command(self, *options):
        """Return what the command prints, and whether something differs."""
        out = StringIO()
        try:
            with mock.patch.object(reconcile, "fix", self.fix):
                call_command("reconcile", *options, stdout=out)
        except CommandError as error:
            return f"{out.getvalue()}{error}", True
        return out.getvalue(), False

    def fix(self, found):
        with self.committing():
            fix(found)

    def assert_found(self, text, *, fixed=True, options=()):
        report, differs = self.run_command(*options)
        self.assertTrue(differs)
        self.assertIn(text, report)
        self.assertIn(text, self.run_command(*options)[0])  # it changes nothing without --fix
        self.assertNotEqual(self.run_command("--fix", *options)[1], fixed)
        self.assertNotEqual(self.run_command(*options)[1], fixed)
        if fixed:
            self.assert_agrees()

    def test_everything_agrees(self):
        self.buy()
        self.pass_period()
        self.assertIn("Everything agrees that was compared", self.run_command()[0])

    def test_it_says_which_receipts_it_has_not_looked_at(self):
        self.buy()
        self.pass_period()
        self.pass_period()
        first = Receipt.objects.earliest("pk")
        models.QuerySet(Receipt).filter(pk=first.pk).update(gross_minor=901)
        report, differs = self.run_command()
        since = timezone.localdate(timezone.now() - timedelta(hours=48))
        self.assertLess(first.month, since.replace(day=1))
        self.assertFalse(differs)
        self.assertIn(f"the invoices of {since:%Y-%m} and later. Older invoices were not looked at", report)
        self.assertTrue(self.run_command("--since", "90d")[1])

    def test_receipts_that_differ_from_payments(self):
        self.buy()
        payment = Payment.objects.get()
        Payment.objects.update(minor=901)
        report, differs = self.run_command("--since", "1h")
        self.assertTrue(differs)
        self.assertIn(f"Payment {payment.provider_ref}: Its invoices and credit notes add up to €9.00", report)

    def test_payments_of_the_month_are_compared_with_the_accounts(self):
        self.buy()
        self.fake.refund_in_dashboard(Payment.objects.get().provider_ref, 100)
        month = Payment.objects.get().month
        [difference] = accounts_check.provider_differences(month)
        self.assertIn("€0.00 is refunded here and €1.00 there", difference.text)
        self.deliver()
        self.assertEqual(list(accounts_check.provider_differences(month)), [])

    def test_charges_of_another_shop_with_the_same_account_are_left_out(self):
        self.buy()
        ProviderCustomer.objects.all().delete()
        start = timezone.now() - timedelta(days=1)
        self.assertEqual(list(provider_named("stripe").payments_between(start, timezone.now() + timedelta(days=1))), [])

    def test_lost_purchase(self):
        order = self.place()
        self.fake.pay(order.checkout_ref)
        self.assert_found("It is not recorded here.")
        self.assertEqual((self.level(), self.payments()), (10, [900]))

    def test_lost_renewal(self):
        self.buy()
        contract = self.fake.all("subscription")[0]
        self.pass_time(to=contract["items"]["data"][0]["current_period_end"] + 60)
        self.assert_found("is not recorded.")
        self.assertEqual(self.payments(), [900, 900])

    def test_lost_end_failure_and_cancellation(self):
        self.buy()
        self.fake.cancel_in_dashboard(self.subscription.provider_ref)
        self.assert_found("It is not cancelled here and cancelled for 2026-02-28 there.")
        self.fake.cancel_in_dashboard(self.subscription.provider_ref, at_period_end=False)
        self.assert_found("It is active here and ended there.")

    def test_lost_failure(self):
        self.buy()
        self.card(BROKEN_CARD)
        contract = self.fake.all("subscription")[0]
        self.pass_time(to=contract["items"]["data"][0]["current_period_end"] + 60)
        self.assert_found("It is active here and past_due there.")

    def test_lost_refund_and_chargeback(self):
        self.buy()
        ref = Payment.objects.get().provider_ref
        self.fake.refund_in_dashboard(ref, 300)
        self.assert_found("€0.00 is refunded here and €3.00 there")
        self.fake.dispute(ref)
        self.assert_found("The chargeback of payment")
        self.assertEqual(self.subscription.end_reason, "chargeback")

    def test_refund_of_an_ended_subscription(self):
        subscription = self.buy()
        self.fake.cancel_in_dashboard(subscription.provider_ref, at_period_end=False)
        self.deliver()
        self.fake.refund_in_dashboard(Payment.objects.get().provider_ref)
        self.assert_found("€0.00 is refunded here and €9.00 there")

    def test_missing_access(self):
        self.buy()
        Grant.objects.all().delete()
        self.assert_found("gives no access.")
        self.assertEqual(self.level(), 10)

    def test_contract_that_has_ended_only_here(self):
        subscription = self.buy()
        Subscription.objects.update(status="ended", ended_at=timezone.now(), end_reason="editor")
        self.assert_found("It has ended here, but not there.")
        self.assertEqual(self.fake.get(subscription.provider_ref)["status"], "canceled")

    def test_unconfirmed_cancellation(self):
        subscription = self.buy()
        Subscription.objects.update(provider_request="cancel", cancel_at=subscription.period_end)
        self.assert_found("The request to cancel it is not confirmed.")

    def test_unknown_contract_is_left_to_a_person(self):
        subscription = self.buy()
        contract = self.fake.get(subscription.provider_ref)
        contract["metadata"]["order"] = "0d4c14d0-0000-4000-8000-000000000000"
        Subscription.objects.update(provider_ref="sub_other", status="ended", ended_at=timezone.now())
        self.assert_found("None of our orders has started it", fixed=False)

    def test_two_live_contracts_of_one_reader(self):
        first = self.buy()
        order = Order.objects.get()
        contract = self.fake.subscribe(
            self.fake.get(first.provider_ref)["customer"],
            [{"price": self.fake.get(first.provider_ref)["items"]["data"][0]["price"], "quantity": 1}],
            {"metadata": {"order": str(order.uuid), "price": str(self.month.pk)}},
            method=self.fake.get(first.provider_ref)["default_payment_method"],
            discounts=[],
            automatic_tax=False,
        )
        Subscription.objects.create(
            user=self.user,
            price=self.month,
            provider="stripe",
            provider_ref=contract["id"],
            status="ended",
            anchor=first.anchor,
            period_start=first.anchor,
            period_end=first.period_end,
            ended_at=timezone.now(),
            end_reason="replaced",
            provider_request="",
        )
        report, _ = self.run_command()
        self.assertIn("has 2 live contracts", report)
        self.run_command("--fix")
        self.assertEqual(self.run_command()[1], False)
        self.assertEqual(Subscription.objects.live().get(), first)
        self.assertEqual(self.payments("surplus"), [900])

    def test_unanswered_question_is_a_difference(self):
        self.buy()
        self.fake.outage(1000)
        report, differs = self.run_command()
        self.assertEqual((differs, "could not be asked" in report), (True, True))

    def test_older_changes_are_compared_on_request(self):
        self.buy()
        self.fake.refund_in_dashboard(Payment.objects.get().provider_ref, 300)
        self.pass_time(days=4)
        Subscription.objects.update(synced_at=timezone.now())
        self.assertFalse(self.run_command()[1])
        self.assert_found("€3.00 there", options=["--since", "30d"])

    def test_unclear_time_is_refused(self):
        self.assertIn("Write the time as", self.run_command("--since", "lately")[0])
