"""Generated lifetimes: whatever is lost, repeated or late, our records end as the provider says."""

import os
import random
from contextlib import nullcontext
from datetime import timedelta
from unittest import mock

import time_machine
from django.db import connection
from django.db.models import F, Sum
from django.test import TestCase, override_settings
from django.utils import timezone

from subscriptions.models import Grant, Order, OrderLine, Payment, Receipt, Subscription
from subscriptions.money import Money
from subscriptions.providers.base import ProviderError
from subscriptions.services import lifecycle, provider_requests, refunds
from subscriptions.services.access import access_for
from subscriptions.services.renewals import OutdatedState, apply_state
from subscriptions.services.sync import sync_if_due, sync_subscription
from subscriptions.states import IllegalTransition
from tests.budget import takes_longer
from tests.factories import make_plan, make_price, make_tier, make_user
from tests.subscriptions.contracts import Contracts

START = timezone.now().replace(year=2026, month=1, day=31, hour=12, minute=0, second=0, microsecond=0)
# LIFETIMES=500 tries more, for 40 seconds.
LIFETIMES = int(os.environ.get("LIFETIMES", 100 if connection.vendor == "sqlite" else 25))
CLASSES = 5  # so that they run in parallel
STEPS = 5


class Life:
    """One reader's subscription, driven by `rng`. `trace` lists what happened."""

    def __init__(self, case, rng, number):
        self.case, self.rng, self.trace = case, rng, []
        self.user = make_user(email=f"life{number}@example.org", password=None)
        trial = rng.choice([0, 0, 0, 14])
        now = timezone.now()
        order = Order.objects.create(
            user=self.user,
            provider="contracts",
            placed_at=now,
            consented_at=now,
            total_minor=0 if trial else 900,
            currency="EUR",
            renews=True,
            trial_days=trial,
        )
        price = rng.choice(case.prices)
        OrderLine.objects.create(order=order, price=price, description="Plan", total_minor=price.minor, currency="EUR")
        self.contract = Contracts.begin(order, {price.pk: price.minor for price in case.prices}, trial_days=trial)
        self.stale = None
        # When the reader's cancellation takes effect: nothing may be owed from then on.
        self.leaves_at = None

    @property
    def ours(self):
        return Subscription.objects.filter(provider_ref=self.contract.ref).first()

    def live(self):
        ours = self.ours
        assert ours is not None, "unknown"
        return ours

    # What the reader, the provider and the publisher do

    def pass_period(self):
        days = (self.contract.period_end - timezone.now()).days
        self.case.clock.shift(timedelta(days=max(days, 0) + 1))
        Contracts.renew(self.contract)

    def pass_days(self):
        self.case.clock.shift(timedelta(days=self.rng.randint(1, 6)))
        Contracts.renew(self.contract)

    def break_card(self):
        self.contract.card = False
        self.pass_period()

    def change_card(self):
        self.contract.card = True
        Contracts.renew(self.contract)

    def cancel(self):
        sync_if_due(self.live(), timezone.now())
        self.leaves_at = lifecycle.cancel(subscription=self.live(), now=timezone.now()).cancel_at

    def undo(self):
        lifecycle.undo_cancel(subscription=self.live(), now=timezone.now())
        self.leaves_at = None

    def cancel_there(self):
        if self.contract.status != "ended":
            self.contract.cancel_at = self.contract.period_end

    def undo_there(self):
        self.contract.cancel_at = self.leaves_at = None

    def end_there(self):
        Contracts.end_now(self.contract, timezone.now())

    def end_here(self):
        lifecycle.end_by_editor(subscription=self.live(), now=timezone.now(), actor="Edith")

    def refund_there(self):
        Contracts.change_last_payment(self.contract, refund=self.rng.choice([100, 400, 10_000]))

    def refund_here(self):
        payment = Payment.objects.filter(user=self.user, status__in=["succeeded", "surplus"]).first()
        assert payment is not None, "nothing paid"
        part = self.rng.choice([100, payment.minor])
        refunds.refund(payment=payment, amount=Money(part, "EUR"), by="Edith")

    def charge_back(self):
        Contracts.change_last_payment(self.contract, dispute=self.rng.choice(["open", "won", "lost"]))

    def change_price(self):
        self.contract.next_price = self.rng.choice(self.case.prices).pk

    def upgrade(self):
        if self.contract.status == "active":
            self.contract.price = self.case.prices[-1].pk
            Contracts.charge(self.contract, 300, timezone.now(), self.contract.period_end)

    def go_away(self):
        Contracts.away = True

    def come_back(self):
        Contracts.away = False

    ACTIONS = (
        [pass_period] * 5
        + [pass_days, change_card, break_card, break_card, cancel, cancel, undo, undo, cancel_there]
        + [undo_there, end_there, end_here, refund_there, refund_here, charge_back, change_price, upgrade, go_away]
        + [come_back] * 3
    )

    # How we hear of it

    def hear(self):
        """Webhooks arrive: none, some more than once, or one whose fetch was made long ago and is applied only now."""
        for _ in range(self.rng.choice([0, 0, 1, 1, 2])):
            self.sync()
        if self.rng.random() < 0.3:
            self.apply_stale()
        if self.rng.random() < 0.5:
            ours = self.ours
            self.stale = (ours.version if ours else None), self.contract.state()

    def sync(self):
        try:
            with self.case.captureOnCommitCallbacks(execute=True):
                sync_subscription("contracts", self.contract.ref)
        except ProviderError:
            self.trace.append("unheard")

    def apply_stale(self):
        if self.stale is not None:
            (version, state), ours = self.stale, self.ours
            is_old = ours is not None and ours.version != version
            refused = self.case.assertRaises(OutdatedState) if is_old else nullcontext()
            with self.case.captureOnCommitCallbacks(execute=True), refused:
                apply_state(provider="contracts", state=state, version=version, now=timezone.now())
            self.trace.append("refused" if is_old else "late")

    def run(self):
        for _ in range(STEPS):
            action = self.rng.choice(self.ACTIONS)
            self.trace.append(action.__name__)
            try:
                with self.case.captureOnCommitCallbacks(execute=True):
                    action(self)
            except (AssertionError, ProviderError, IllegalTransition, refunds.CannotRefund) as refusal:
                self.trace.append(type(refusal).__name__)
            self.hear()
        Contracts.away = False
        self.tick()
        if self.ours.status != self.contract.status:
            self.tick()

    def tick(self):
        now = timezone.now()
        with self.case.captureOnCommitCallbacks(execute=True):
            provider_requests.repeat(now, user=self.user)
            refunds.repeat_requested(now)
        self.sync()

    # What must be true at the end

    def check(self, case):
        ours, contract = self.ours, self.contract
        case.assertEqual(ours.status, contract.status)
        case.assertEqual(ours.provider_request, "")
        refs = [invoice.ref for invoice in contract.invoices]
        grants = Grant.objects.filter(user=self.user, source="invoice")
        surplus = set(Payment.objects.filter(user=self.user, status="surplus").values_list("invoice_ref", flat=True))
        case.assertEqual(sorted(grants.values_list("source_key", flat=True)), sorted(set(refs) - surplus))
        paid = [invoice for invoice in contract.invoices if invoice.payment is not None]
        kept = Payment.objects.filter(user=self.user, status__in=["succeeded", "surplus"])
        case.assertEqual(
            sorted(kept.values_list("provider_ref", "minor", "refunded_minor", "dispute")),
            sorted((i.payment.ref, i.payment.amount.minor, refunded(i), i.payment.dispute) for i in paid),
        )
        settled = kept.filter(status="succeeded")
        case.assertEqual(Receipt.objects.originals().filter(payment__in=settled).count(), settled.count())
        lost = settled.filter(dispute="lost").aggregate(sum=Sum(F("minor") - F("refunded_minor")))["sum"] or 0
        notes = Receipt.objects.filter(kind="credit_note", payment__in=kept)
        credited = notes.aggregate(sum=Sum("gross_minor"))["sum"] or 0
        case.assertEqual(-credited, lost + sum(refunded(i) for i in paid if i.ref not in surplus))
        if self.leaves_at is not None:
            case.assertFalse(grants.filter(starts_at__gte=self.leaves_at).exists())
        self.check_access(case, ours, surplus)

    def check_access(self, case, ours, surplus):
        now = timezone.now()
        begun = [i for i in self.contract.invoices if i.ref not in surplus and i.period_start <= now]
        kept = [i for i in begun if not i.payment or not (i.payment.dispute in ("open", "lost") or is_refunded(i))]
        if ours.end_reason not in ("editor", "chargeback") and any(invoice.period_end > now for invoice in kept):
            case.assertGreaterEqual(access_for(self.user, now).level, 10)
        later = now + lifecycle.PROCESSING_TIME
        if ours.status == "ended" and all(invoice.period_end <= later for invoice in kept):
            case.assertEqual(access_for(self.user, later).level, 1)


def refunded(invoice):
    return sum(refund.amount.minor for refund in invoice.payment.refunds)


def is_refunded(invoice):
    return refunded(invoice) == invoice.payment.amount.minor


@override_settings(PAYMENT_PROVIDERS=["tests.subscriptions.contracts.Contracts"])
class LifetimeCase(TestCase):
    first = 0

    @classmethod
    def setUpTestData(cls):
        cls.prices = [make_price(make_plan(make_tier(10)), minor=900), make_price(make_plan(make_tier(20)), minor=1500)]

    def setUp(self):
        self.enterContext(mock.patch("subscriptions.emails.once._send"))
        traveller = time_machine.travel(START, tick=False)
        self.clock = traveller.start()
        self.addCleanup(traveller.stop)
        self.addCleanup(setattr, Contracts, "away", False)

    @takes_longer("Months of trade pass.")
    def test_records_end_as_the_provider_says(self):
        for number in range(self.first, self.first + LIFETIMES // CLASSES):
            self.clock.move_to(START)
            life = Life(self, random.Random(number), number)
            life.run()
            with self.subTest(seed=number, trace=life.trace):
                life.check(self)


for position in range(CLASSES):
    name = f"Lifetimes{position + 1}Tests"
    globals()[name] = type(name, (LifetimeCase,), {"first": position * LIFETIMES // CLASSES, "__module__": __name__})
del LifetimeCase
