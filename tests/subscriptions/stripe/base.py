"""A reader, the site and Stripe, whose clocks agree."""

from io import StringIO

import time_machine
from django.core.management import call_command
from django.db import connection
from django.test import TestCase
from django.utils import timezone

from subscriptions.models import Grant, Order, Payment, Receipt, Subscription
from subscriptions.services.access import access_for
from tests.factories import make_order, make_plan, make_price, make_tier, make_user
from tests.fakestripe import FakeStripe, connected, poster
from tests.fakestripe.invoices import subscription_of
from tests.subscriptions.journeys import Steps, emails_to

BROKEN_CARD = "pm_card_chargeCustomerFail"
# What a status at Stripe means here.
STATUSES = {"incomplete": "pending", "trialing": "trialing", "active": "active", "canceled": "ended"}
STATUSES |= {"past_due": "past_due", "unpaid": "past_due"}


def depth():
    """How deep in transactions the caller is; a TestCase is in some itself."""
    return connection.in_atomic_block, len(connection.savepoint_ids)


class GuardedStripe(FakeStripe):
    """Notes requests that are made inside a transaction of ours."""

    def __init__(self, *args, **options):
        super().__init__(*args, **options)
        self.outside, self.inside = depth(), []

    def request(self, method, url, *args, **options):
        if depth() != self.outside:
            self.inside.append(f"{method} {url}")
        return super().request(method, url, *args, **options)


class StripeCase(Steps, TestCase):
    """A month costs €9.00 and a year €90.00; `supporter` is the next tier, for €15.00 a month."""

    options = {}

    def setUp(self):
        self.fake = GuardedStripe(**self.options)
        traveller = time_machine.travel(self.fake.now, tick=False)
        self.clock = traveller.start()
        self.addCleanup(traveller.stop)
        self.enterContext(connected(self.fake))
        self.user = make_user(email="reader@example.org")
        self.plan = make_plan(make_tier(10))
        self.month = make_price(self.plan, minor=900)
        self.year = make_price(self.plan, minor=9000, interval="year")
        self.supporter = make_price(make_plan(make_tier(20)), minor=1500)

    def tearDown(self):
        self.assertEqual(self.fake.inside, [], "asked Stripe inside a transaction")

    # What happens

    def place(self, price=None, user=None, **fields):
        """Place an order and open Stripe's page for it."""
        with self.committing():
            order = make_order(user or self.user, price or self.month, provider="stripe")
        return order

    def buy(self, price=None, user=None, **options):
        order = self.place(price, user)
        self.fake.pay(order.checkout_ref, **options)
        self.deliver()
        return Subscription.objects.get(provider_ref=self.fake.get(order.checkout_ref)["subscription"])

    def committing(self):
        return self.captureOnCommitCallbacks(execute=True)

    def deliver(self, **options):
        with self.committing():
            return self.fake.deliver(poster(), **options)

    def tick(self):
        with self.committing():
            call_command("tick", stdout=StringIO())

    def pass_time(self, *, days=0, to=None):
        """Let time pass at Stripe and here, without any webhook."""
        self.fake.advance(to=to, days=days)
        self.clock.move_to(self.fake.now)

    def pass_period(self):
        """Let the present period end, and deliver what Stripe reports."""
        contract = self.fake.all("subscription")[-1]
        self.pass_time(to=contract["items"]["data"][0]["current_period_end"] + 3600)
        self.deliver()

    def card(self, name):
        self.fake.use_card(self.fake.all("customer")[-1]["id"], name)

    # What it led to

    @property
    def subscription(self):
        return Subscription.objects.get()

    def level(self, user=None):
        return access_for(user or self.user, timezone.now()).level

    def subjects(self):
        return [email.subject for email in emails_to(self.user.email)]

    def events(self):
        return list(Subscription.objects.latest("pk").changes.values_list("event", flat=True))

    def payments(self, status="succeeded"):
        return list(Payment.objects.filter(status=status).order_by("pk").values_list("minor", flat=True))

    def assert_agrees(self):
        """Check that our records are what Stripe says: one payment and one grant for each paid invoice."""
        for contract in self.fake.all("subscription"):
            ours = Subscription.objects.get(provider="stripe", provider_ref=contract["id"])
            paid = [i for i in self.fake.all("invoice", status="paid") if subscription_of(i) == contract["id"]]
            if ours.books_since is not None:
                since = ours.books_since.timestamp()
                paid = [invoice for invoice in paid if invoice["status_transitions"]["paid_at"] > since]
            refs = [invoice["id"] for invoice in paid]
            self.assertEqual(ours.status, STATUSES[contract["status"]])
            charged = [invoice["amount_paid"] for invoice in paid if invoice["amount_paid"]]
            kept = Payment.objects.filter(invoice_ref__in=refs, status__in=["succeeded", "surplus"])
            self.assertEqual(sorted(kept.values_list("minor", flat=True)), sorted(charged))
            if ours.end_reason != "replaced":
                granted = Grant.objects.filter(source="invoice", source_key__in=refs)
                self.assertEqual(granted.count(), len(refs))
                self.assertEqual(Receipt.objects.filter(payment__in=kept, refund=None).count(), len(charged))
        self.assertLessEqual(Subscription.objects.live().filter(user=self.user).count(), 1)
        self.assertFalse(Order.objects.filter(status="open", checkout_ref__in=self._completed()).exists())

    def _completed(self):
        return [session["id"] for session in self.fake.all("checkout.session", status="complete")]
