"""A year of generated trade: statements, files and receipts equal what a calculation from the provider's objects says.

The calculation here knows the provider's payments and refunds, the buyers' countries and the days on which chargebacks
were lost. It shares no code with the accounts.
"""

import csv
import os
import random
from collections import Counter
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from math import floor
from unittest import mock

import time_machine
from django.test import TestCase, override_settings
from django.urls import reverse
from django.utils import timezone

from subscriptions import reports
from subscriptions.models import Gift, Order, OrderLine, Payment, Receipt, Statement, Subscription
from subscriptions.money import Money
from subscriptions.providers import provider_named
from subscriptions.services import accounts_check, provider_requests, refunds, statements
from subscriptions.services.sync import mark_paid, sync_subscription
from tests.factories import make_coupon, make_member, make_plan, make_price, make_tier, make_user
from tests.subscriptions.contracts import Contracts
from truthlytics.publication.models import Publication
from truthlytics.publication.tax_rates import TaxRate

# YEAR_READERS=2000 takes some minutes.
READERS = int(os.environ.get("YEAR_READERS", 20))
START = datetime(2025, 1, 3, 12, tzinfo=UTC)
MONTHS = [date(2025, month, 1) for month in range(1, 13)]
# Basis points by country; the Netherlands have no row and pay our own rate.
RATES = {"DE": 700, "AT": 1000, "FR": 2000, "NL": 700}


class Reader:
    """A subscription at the provider. `lost_at` is when a chargeback of its last payment was lost."""

    def __init__(self, case, rng, number):
        self.case, self.rng = case, rng
        self.country = rng.choice([*RATES])
        self.user = make_user(email=f"year{number}@example.org", password=None)
        self.lost = {}
        self.last_dispute = ""
        price, trial = rng.choice(case.prices), rng.choice([0, 0, 14])
        coupon = case.coupon if rng.random() < 0.3 else None
        first = price.minor * 3 // 4 if coupon else price.minor
        now = timezone.now()
        order = Order.objects.create(
            user=self.user, provider="contracts", placed_at=now, consented_at=now, currency="EUR", renews=True,
            subtotal_minor=price.minor, discount_minor=price.minor - first, total_minor=first, coupon=coupon,
            trial_days=trial, country=self.country,
        )  # fmt: skip
        OrderLine.objects.create(order=order, price=price, description="Plan", total_minor=price.minor, currency="EUR")
        amounts = {known.pk: known.minor for known in case.prices}
        self.contract = Contracts.begin(order, amounts | {price.pk: first}, trial_days=trial)
        self.contract.prices = amounts
        self.sync()

    @property
    def is_live(self):
        return self.contract.status == "active" and not self.last_dispute

    def sync(self):
        with self.case.captureOnCommitCallbacks(execute=True):
            sync_subscription("contracts", self.contract.ref)

    def pass_month(self):
        """Renew what is due, and perhaps change the plan, refund a part, or have the bank take the money back."""
        Contracts.renew(self.contract)
        self.sync()
        if self.is_live and self.paid:
            chance = self.rng.random()
            for limit, action in (
                (0.08, self.upgrade),
                (0.2, self.refund),
                (0.26, self.refund_there),
                (0.36, self.dispute),
            ):
                if chance < limit:
                    action()
                    break
            self.sync()

    @property
    def paid(self):
        return [invoice.payment for invoice in self.contract.invoices if invoice.payment is not None]

    def upgrade(self):
        """The provider charges the difference for the rest of the period at once."""
        dearest = self.case.prices[-1]
        if self.contract.price != dearest.pk:
            self.contract.price = dearest.pk
            difference = self.rng.randint(1, 600)
            Contracts.charge(self.contract, difference, timezone.now(), self.contract.period_end)

    def refund(self):
        payment = Payment.objects.get(provider_ref=self.paid[-1].ref)
        part = self.rng.randint(1, max(payment.refundable.minor // 2, 1))
        if part < payment.refundable.minor:
            with self.case.captureOnCommitCallbacks(execute=True):
                refunds.refund(payment=payment, amount=Money(part, "EUR"), by="Edith")

    def refund_there(self):
        Contracts.change_last_payment(self.contract, refund=self.rng.randint(1, 99))

    def dispute(self):
        self.last_dispute = "open"
        Contracts.change_last_payment(self.contract, dispute="open")

    def decide(self):
        """The bank decides an open chargeback."""
        if self.last_dispute == "open":
            self.last_dispute = self.rng.choice(["won", "lost"])
            Contracts.change_last_payment(self.contract, dispute=self.last_dispute)
            if self.last_dispute == "lost":
                self.lost[self.paid[-1].ref] = timezone.now()
            self.sync()


def give(case, rng, number):
    """Sell a gift by bank transfer. Returns the country and the payment."""
    country, price, now = rng.choice([*RATES]), case.prices[0], timezone.now()
    order = Order.objects.create(
        user=make_user(email=f"giver{number}@example.org", password=None), kind=Order.Kind.GIFT, provider="manual",
        placed_at=now, consented_at=now, currency="EUR", subtotal_minor=price.minor, total_minor=price.minor,
        country=country,
    )  # fmt: skip
    OrderLine.objects.create(order=order, price=price, description="Plan", total_minor=price.minor, currency="EUR")
    Gift.objects.create(order=order, price=price, deliver_at=now, redeem_by=now + timedelta(days=365))
    provider = provider_named("manual")
    order.checkout_ref = provider.start_checkout(order, key=str(order.uuid)).ref
    order.save()
    with case.captureOnCommitCallbacks(execute=True):
        mark_paid(order=order, by="Edith")
    return country, provider.checkout_state(order.checkout_ref).payments[-1]


def net_of(gross, rate):
    """The amount before tax, rounded half up."""
    return floor(Fraction(gross * 10_000, 10_000 + rate) + Fraction(1, 2))


@override_settings(
    PAYMENT_PROVIDERS=["tests.subscriptions.contracts.Contracts", "subscriptions.providers.manual.Manual"]
)
class YearTests(TestCase):
    seed, readers, small_business = 1, READERS, False

    @classmethod
    def setUpTestData(cls):
        cls.publisher = make_member("Publisher")
        publication = Publication.objects.create(name="The Harbour Review", country="DE", tax_rate=7)
        for country, rate in (("AT", 10), ("FR", 20)):
            TaxRate.objects.create(publication=publication, country=country, rate=rate, valid_from=date(2025, 1, 1))
        if cls.small_business:
            Publication.objects.update(small_business=True, small_business_note="No VAT under § 19 UStG.")
            publication.refresh_from_db()
            publication.save()
        cls.prices = [make_price(make_plan(make_tier(10)), minor=900), make_price(make_plan(make_tier(20)), minor=1999)]
        cls.coupon = make_coupon()

    def setUp(self):
        self.enterContext(mock.patch("subscriptions.emails.once._send"))
        traveller = time_machine.travel(START, tick=False)
        self.clock = traveller.start()
        self.addCleanup(traveller.stop)
        Contracts.by_ref.clear()

    def trade(self):
        """Live through the year; returns the countries and payments, and when chargebacks were lost."""
        rng = random.Random(self.seed)
        joining = {number: rng.randrange(10) for number in range(self.readers)}
        readers, sales, lost = [], [], {}
        for position in range(12):
            self.clock.move_to(datetime(2025, position + 1, 4, 12, tzinfo=UTC))
            for reader in readers:
                reader.decide()
            self.clock.move_to(datetime(2025, position + 1, 28, 23, 59, tzinfo=UTC))
            for reader in readers:
                reader.pass_month()
            readers += [Reader(self, rng, number) for number, month in joining.items() if month == position]
            if position % 2:
                sales.append(give(self, rng, position))
            provider_requests.repeat(timezone.now())
        self.assertFalse(Payment.objects.filter(status="surplus").exists())
        sales += [(reader.country, payment) for reader in readers for payment in reader.paid]
        for reader in readers:
            lost |= reader.lost
        return sales, lost

    def documents(self, country, payment, lost_at):
        """Calculate the receipt of a payment and its credit notes: (month, reason, country, rate, net, tax, gross)."""
        rate = None if self.small_business else RATES[country]
        whole = payment.amount.minor
        net = net_of(whole, rate or 0)
        tax = whole - net
        yield (payment.paid_at.month, "", country, rate, net, tax, whole)
        before = 0
        for refund in payment.refunds:
            part = refund.amount.minor
            share = tax * (before + part) // whole - tax * before // whole
            before += part
            yield (refund.at.month, "refund", country, rate, share - part, -share, -part)
        if lost_at is not None and before < whole:
            share = tax - tax * before // whole
            left = whole - before
            yield (lost_at.month, "chargeback", country, rate, share - left, -share, -left)

    def test_a_year_adds_up_to_the_cent(self):
        sales, lost = self.trade()
        expected = {}
        for country, payment in sales:
            documents = list(self.documents(country, payment, lost.get(payment.ref)))
            self.assertEqual(sorted(documents, key=str), self.issued(payment.ref))
            for month, reason, of, rate, *amounts in documents:
                sums = expected.setdefault((month, reason, of, rate), [0, 0, 0, 0])
                for position, amount in enumerate([1, *amounts]):
                    sums[position] += amount
        self.assertEqual(Receipt.objects.count(), sum(sums[0] for sums in expected.values()))
        self.assert_varied(sales, lost)
        self.clock.move_to(datetime(2026, 1, 2, tzinfo=UTC))
        self.client.force_login(self.publisher)
        self.assertEqual(self.on_statements(), expected)
        files = [self.file(month) for month in MONTHS]
        self.assertEqual(self.in_files(files), expected)
        for month in MONTHS:
            self.assertEqual(list(accounts_check.differences(month)), [])
            self.assertEqual(list(accounts_check.provider_differences(month)), [])
        closed = [statements.close(month=month, by="Edith").content for month in MONTHS]
        self.assertEqual([statements.close(month=month, by="Edith").content for month in MONTHS], closed)
        self.assertEqual(Statement.objects.count(), 12)
        self.assertEqual([self.file(month) for month in MONTHS], files)
        self.assertEqual(self.on_statements(), expected)
        self.assert_revenue_says_the_same(expected)

    def assert_varied(self, sales, lost):
        """The generated year has everything that the accounts must get right."""
        self.assertEqual({country for country, _ in sales}, set(RATES))
        disputes = Counter(payment.dispute for _, payment in sales)
        self.assertTrue(lost and disputes["won"] and any(payment.refunds for _, payment in sales))
        changed = Subscription.objects.filter(changes__event="plan_changed").exists()
        self.assertTrue(changed and Order.objects.filter(trial_days=14).exists())

    def issued(self, ref):
        rows = Receipt.objects.filter(payment__provider_ref=ref)
        return sorted(
            (
                (
                    row.issued_at.month,
                    row.reason,
                    row.country,
                    row.tax_rate,
                    row.net.minor,
                    row.tax_minor,
                    row.gross_minor,
                )
                for row in rows
            ),
            key=str,
        )

    def on_statements(self):
        return {
            (month.month, line.reason, line.country, line.rate): [line.number, line.net, line.tax, line.gross]
            for month in MONTHS
            for figures in statements.statement_of(month)[0].currencies
            for line in figures.lines
        }

    def file(self, month):
        return self.client.get(reverse("admin:accounts_csv", args=[f"{month:%Y-%m}"])).getvalue()

    def in_files(self, files):
        found = {}
        for row in (row for file in files for row in csv.DictReader(file.decode().splitlines())):
            if row["section"] in ("receipt", "credit_note"):
                rate = int(Decimal(row["rate"]) * 100) if row["rate"] else None
                amounts = [int(Decimal(row[name]) * 100) for name in ("net", "tax", "gross")]
                key = (int(row["month"][5:]), row["reason"], row["country"], rate)
                found[key] = [int(row["number"]), *amounts]
        return found

    def assert_revenue_says_the_same(self, expected):
        for figures in reports.months("EUR", first=MONTHS[0], last=MONTHS[-1]):
            sums = [
                sum(sums[3] for key, sums in expected.items() if key[0] == figures.first.month and bool(key[1]) is back)
                for back in (False, True)
            ]
            self.assertEqual([figures.received, -figures.refunded], sums)


class SmallBusinessYearTests(YearTests):
    seed, readers, small_business = 2, max(READERS // 2, 10), True
