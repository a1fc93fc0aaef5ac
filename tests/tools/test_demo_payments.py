"""The demo provider's page, where time passes at once."""

from datetime import timedelta

import time_machine
from django.test import TestCase
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format

from subscriptions.models import (
    LedgerContract,
    LedgerEntry,
    Order,
    Payment,
    Receipt,
    Subscription,
    SubscriptionChange,
)
from subscriptions.services import lifecycle
from subscriptions.services.access import access_for
from subscriptions.services.sync import sync_order, sync_subscription
from tests.factories import make_order, make_price, make_user
from tests.html import page_of, text_of
from tests.subscriptions.journeys import emails_to, on_demo
from truthlytics.tools.demo.provider import Demo


def row_of(row, names):
    return tuple(getattr(row, name) for name in names)


@on_demo
class DemoSubscriptionTests(TestCase):
    def setUp(self):
        self.user = make_user()
        self.order = make_order(self.user, make_price(minor=900))
        Demo().pay(self.order.checkout_ref)
        sync_order(self.order)
        self.client.force_login(self.user)
        self.url = reverse("demo:subscription", args=[self.order.uuid])

    def do(self, action):
        self.assertRedirects(self.client.post(self.url, {"action": action}), self.url)
        return Subscription.objects.get()

    def day(self, time, days=0):
        return date_format(timezone.localtime(time + timedelta(days=days)), "DATE_FORMAT")

    def level(self):
        return access_for(self.user, timezone.now()).level

    def test_periods_pass_with_a_payment_each(self):
        for number in range(2, 5):
            subscription = self.do("skip")
            self.assertEqual((subscription.status, Payment.objects.count(), self.level()), ("active", number, 10))
        self.assertGreater(subscription.period_end, timezone.now())

    def test_the_past_keeps_its_dates(self):
        facts = {
            Payment: ("paid_at", "recorded_at", "period_start", "period_end"),
            Receipt: ("issued_at", "snapshot"),
            LedgerEntry: ("settled_at", "period_start", "period_end"),
            SubscriptionChange: ("at",),
            Order: ("placed_at", "paid_at"),
        }
        known = {}
        for _ in range(4):
            self.do("skip")
            for (model, pk), row in known.items():
                self.assertEqual(model.objects.filter(pk=pk).values_list(*facts[model]).get(), row)
            for model, names in facts.items():
                known |= {(model, row.pk): row_of(row, names) for row in model.objects.all()}
        for payment in Payment.objects.all():
            invoice = LedgerEntry.objects.get(ref=payment.provider_ref)
            self.assertEqual((invoice.settled_at, invoice.period_end), (payment.paid_at, payment.period_end))
            day = date_format(timezone.localtime(payment.paid_at), "DATE_FORMAT")
            self.assertEqual(payment.receipts.get().snapshot["paid"], day)
        periods = list(Payment.objects.order_by("pk").values_list("period_start", "period_end"))
        self.assertEqual([end for _, end in periods[:-1]], [start for start, _ in periods[1:]])

    def test_declined_renewal_stops_at_the_first_attempt_and_says_so(self):
        self.do("bad_card")
        with self.captureOnCommitCallbacks(execute=True):
            subscription = self.do("skip")
        self.assertEqual((subscription.status, self.level()), ("past_due", 10))
        self.assertEqual(emails_to(self.user.email)[-1].subject, "Your payment failed: please check your card")
        page = self.client.get(self.url)
        attempts = ", ".join(self.day(subscription.period_end, days) for days in (3, 7))
        self.assertIn(f"Next attempts: {attempts}.", text_of(page_of(page)))
        self.assertContains(page, f"the subscription ends on {self.day(subscription.period_end, 14)}.")
        self.assertContains(self.client.get("/account/"), "We couldn’t charge Demo •••• 4242.")

    def test_end_after_a_declined_renewal_says_why(self):
        self.do("bad_card")
        self.do("skip")
        with self.captureOnCommitCallbacks(execute=True):
            self.do("skip")
        sentence = f"Your subscription ended on {self.day(timezone.now())} because your card was declined."
        self.assertContains(self.client.get("/account/"), sentence)
        self.assertIn(sentence, emails_to(self.user.email)[-1].body)
        self.assertNotIn("you can keep reading", emails_to(self.user.email)[-1].body)
        self.assertContains(self.client.get(self.url), "Attempt to charge what was due on", 3)
        self.assertNotContains(self.client.get(self.url), "Skip ahead to")

    def test_end_that_was_never_seen_overdue_says_why_too(self):
        contract = LedgerContract.objects.get()
        Demo().set_card(contract.ref, declines=True)
        with time_machine.travel(contract.period_end + timedelta(days=20)):
            sync_subscription("demo", contract.ref)
        subscription = Subscription.objects.get()
        self.assertEqual((subscription.status, subscription.end_reason), ("ended", "unpaid"))

    def test_reminders_are_sent_on_the_way(self):
        LedgerContract.objects.update(price=make_price(minor=9000, interval="year"))
        self.do("skip")
        with self.captureOnCommitCallbacks(execute=True):
            self.do("skip")
        subjects = [email.subject for email in emails_to(self.user.email)]
        self.assertRegex(" ".join(subjects), "Your subscription renews on .* Your invoice")

    def test_declined_renewal_is_paid_with_another_card(self):
        self.do("bad_card")
        self.assertEqual(self.do("skip").status, "past_due")
        self.assertEqual(self.level(), 10)
        self.assertEqual(self.do("good_card").status, "active")

    def test_unpaid_renewal_ends(self):
        self.do("bad_card")
        self.do("skip")
        self.assertEqual(self.do("skip").end_reason, "unpaid")
        self.assertEqual(self.level(), 1)

    def test_cancelled_subscription_ends(self):
        with self.captureOnCommitCallbacks(execute=True):
            lifecycle.cancel(subscription=Subscription.objects.get(), now=timezone.now())
        self.assertEqual(self.do("skip").end_reason, "cancelled")
        self.assertEqual(self.level(), 1)

    def test_page_is_only_for_the_reader_and_the_demo(self):
        self.assertContains(self.client.get(self.url), "Skip ahead to")
        with self.settings(DEMO=False, DEBUG=False):
            self.assertEqual(self.client.get(self.url).status_code, 404)
        self.client.force_login(make_user())
        self.assertEqual(self.client.post(self.url, {"action": "skip"}).status_code, 404)
