"""The year, its readers, and the comparison of statements, files and receipts with the books."""

import csv
import os
import random
from collections import Counter
from datetime import UTC, date, datetime
from decimal import Decimal
from unittest import mock

import time_machine
from django.test import TestCase, override_settings
from django.urls import reverse
from django.utils import timezone

from subscriptions import reports
from subscriptions.models import BillingProfile, Declaration, Payment, Receipt, Refund, Subscription
from subscriptions.money import EXPONENTS, Money
from subscriptions.periods import add_intervals
from subscriptions.services import (
    accounts_check,
    declarations,
    provider_requests,
    receipts,
    refunds,
    statements,
    withdrawals,
)
from tests.factories import make_member, make_plan, make_price, make_tier, make_user
from tests.subscriptions.year.books import RATES, ZONE, Books, Buyer, Document
from truthlytics.publication import current
from truthlytics.publication.models import Publication
from truthlytics.publication.tax_rates import TaxRate

# YEAR_READERS=2000 takes some minutes.
READERS = int(os.environ.get("YEAR_READERS", 8))
MONTHS = [date(2025, month, 1) for month in range(1, 13)]
BUYERS = [Buyer("DE"), Buyer("AT", "ATU12345675"), Buyer("NL"), Buyer("FR"), Buyer("DE", "DE123456788"), Buyer("AT")]
BUYERS += [Buyer("FR", "FR40303265045")]
# The price of a month of the two plans in each currency.
PRICES = {"EUR": (900, 1999), "USD": (1050, 2149), "JPY": (1480, 2950)}
CURRENCIES = ["EUR", "EUR", "USD", "EUR", "JPY"]


class YearReader:
    """A reader with a contract at the provider, and what the provider doesn't know of its payments.

    Subclasses say how the contract begins, and what happens at the provider. Everything they do is counted in
    `case.done`.
    """

    def __init__(self, case, number):
        self.case, self.number, self.rng = case, number, case.rng
        self.currency = CURRENCIES[number % len(CURRENCIES)]
        self.trial_days = 14 if number % 4 == 3 else 0
        self.user = make_user(email=f"year{number}@example.org", password=None)
        self.buyer = self.first_buyer = BUYERS[number % len(BUYERS)]
        self.move_to(self.buyer)
        self.buyers, self.reissues, self.lost = {}, {}, {}
        self.dispute_state = ""
        self.begin()
        self.sync()

    def move_to(self, buyer):
        self.buyer = buyer
        BillingProfile.objects.update_or_create(user=self.user, defaults=details(buyer))

    def note_buyers(self):
        """The first payment has the details of the order, those of later ones are what the reader has entered since."""
        for ref in self.paid_refs():
            self.buyers.setdefault(ref, self.buyer if self.buyers else self.first_buyer)

    def payments(self):
        return list(Payment.objects.filter(provider_ref__in=self.paid_refs()).order_by("pk"))

    def a_payment(self):
        """Return an earlier payment of which something is left, or None."""
        whole = [payment for payment in self.payments() if payment.refundable.minor > 1 and not payment.dispute]
        return self.rng.choice(whole) if whole else None

    def act(self, name):
        """Do what the card says, if it is possible, and count it."""
        if name and getattr(self, name)() is not False:
            self.case.done[name] += 1

    # What happens here

    def refund_part(self):
        payment = self.a_payment()
        return payment is not None and self.pay_back(payment, self.rng.randint(1, payment.refundable.minor - 1))

    def refund_whole(self):
        payment = self.a_payment()
        return payment is not None and self.pay_back(payment, payment.refundable.minor)

    def refund_and_keep(self):
        payment = self.a_payment()
        return payment is not None and self.pay_back(payment, payment.refundable.minor, keeps_access=True)

    def pay_back(self, payment, minor, **options):
        with self.case.captureOnCommitCallbacks(execute=True):
            made = refunds.refund(payment=payment, amount=Money(minor, payment.currency), by="Edith", **options)
        self.case.assertEqual(made.status, Refund.Status.DONE)

    def cancel_with_notice(self):
        """Cancel a contract that has renewed, and pay back what was paid for the time after the month's notice."""
        if len(self.paid_refs()) < 2 or Declaration.objects.filter(user=self.user).exists():
            return False
        bought, now = Subscription.objects.get(user=self.user), timezone.now()
        with self.case.captureOnCommitCallbacks(execute=True):
            cancelled = declarations.cancel_in_account(subscription=bought, now=now)
        self.case.assertEqual(cancelled.cancel_at, add_intervals(timezone.localtime(now), "month", 1))
        with self.case.captureOnCommitCallbacks(execute=True):
            made = withdrawals.refund(declaration=Declaration.objects.get(user=self.user), by="Edith")
        self.case.assertEqual([refund.status for refund in made], [Refund.Status.DONE])

    def move(self):
        self.move_to(self.rng.choice(BUYERS))

    def reissue(self):
        if (payment := self.a_payment()) is None:
            return False
        reissue(self, payment, self.rng.choice(BUYERS))


def details(buyer):
    company = {"company": "Harbour Ltd", "address": "1 Quay"} if buyer.vat_id else {"company": "", "address": ""}
    return {"country": buyer.country, "vat_id": buyer.vat_id} | company


def reissue(seller, payment, buyer):
    """Cancel the receipt of a payment and issue it again to another buyer."""
    receipts.reissue(receipt=payment.receipts.originals().first(), details=details(buyer))
    seller.reissues.setdefault(payment.provider_ref, []).append((timezone.now(), buyer))


@override_settings(TIME_ZONE=ZONE)
class YearCase(TestCase):
    """`deck` are the cards that readers draw each month, `must` what must have happened in the year.

    `closes` is whether the months are closed in the end.
    """

    seed, readers = 1, READERS
    deck, must = (), ()
    small_business = closes = False

    @classmethod
    def setUpTestData(cls):
        cls.publisher = make_member("Publisher")
        cls.publication = Publication.objects.create(name="The Harbour Review", country="DE", **cls.settings_of_tax())
        plans = [make_plan(make_tier(10)), make_plan(make_tier(20))]
        cls.prices = {
            code: [make_price(plan, minor=minor, currency=code) for plan, minor in zip(plans, amounts, strict=True)]
            for code, amounts in PRICES.items()
        }

    @classmethod
    def settings_of_tax(cls):
        return {}

    @classmethod
    def set_rates(cls):
        for country, rows in RATES.items():
            for since, rate in rows if country != "NL" else ():
                row = {"country": country, "rate": Decimal(rate) / 100, "valid_from": since}
                TaxRate.objects.create(publication=cls.publication, **row)

    def setUp(self):
        self.enterContext(mock.patch("subscriptions.emails.once._send"))
        # The settings do not change in the year. They would be read each time, as they were saved in this transaction.
        self.enterContext(mock.patch.object(current, "_uncommitted", set()))
        current.forget_publication()
        self.addCleanup(current.forget_publication)
        traveller = time_machine.travel(datetime(2025, 1, 3, 12, tzinfo=UTC), tick=False)
        self.clock = traveller.start()
        self.addCleanup(traveller.stop)
        self.rng, self.done, self.cards = random.Random(self.seed), Counter(), []
        self.people = []
        # As many join in each of the first ten months.
        self.joining = {number: 10 * number // self.readers for number in range(self.readers)}

    def draw(self):
        """Return the next card of the shuffled deck: every card comes once before any comes again."""
        if not self.cards:
            self.cards = list(self.deck)
            self.rng.shuffle(self.cards)
        return self.cards.pop()

    def sales(self):
        raise NotImplementedError

    def trade(self):
        """Live through the year."""
        raise NotImplementedError

    def check_year(self):
        self.trade()
        provider_requests.repeat(timezone.now())
        self.assertEqual([name for name in self.must if not self.done[name]], [], self.done)
        sales, books = list(self.sales()), Books(small_business=self.small_business)
        by_ref, received = {}, {}
        for sale in sales:
            by_ref[sale.ref] = books.documents(sale)
            for document in by_ref[sale.ref]:
                add(received, (document.month, document.currency, sale.provider), [1, document.gross])
        self.assertEqual(issued(), by_ref)
        self.assertGreaterEqual({sale.currency for sale in sales}, {"EUR", "USD", "JPY"})
        expected = totals(document for documents in by_ref.values() for document in documents)
        self.clock.move_to(datetime(2026, 1, 2, tzinfo=UTC))
        self.check_statements(expected, received)
        self.assert_revenue_says_the_same(expected)

    def check_statements(self, expected, received):
        """Compare statements, files and the check of the accounts with the books, and close the year."""
        self.client.force_login(self.publisher)
        figures = [statements.statement_of(month)[0] for month in MONTHS]
        self.assertEqual(on_statements(figures), expected)
        self.assertEqual(received_on_statements(figures), received)
        files = [self.file(month) for month in MONTHS]
        self.assertEqual(in_files(files), expected)
        for month in MONTHS:
            self.assertEqual(list(accounts_check.differences(month)), [])
            self.assertEqual(list(accounts_check.provider_differences(month)), [])
        if self.closes:
            self.check_closing(figures, files)

    def check_closing(self, figures, files):
        """Closing twice gives the same bytes, which are those of now, and files and page say the same as before."""
        closed = [statements.close(month=month, by="Edith").content for month in MONTHS]
        self.assertEqual([statements.close(month=month, by="Edith").content for month in MONTHS], closed)
        self.assertEqual([statements.write(statements.compute(month)) for month in MONTHS], closed)
        self.assertEqual([statements.statement_of(month)[0] for month in MONTHS], figures)
        self.assertEqual([self.file(month) for month in MONTHS], files)

    def file(self, month):
        return self.client.get(reverse("admin:accounts_csv", args=[f"{month:%Y-%m}"])).getvalue()

    def assert_revenue_says_the_same(self, expected):
        """Receipts that were cancelled and issued again are neither received nor refunded."""
        for currency in PRICES:
            for figures in reports.months(currency, first=MONTHS[0], last=MONTHS[-1]):
                received, refunded = 0, 0
                for (month, code, reason, *_rest), sums in expected.items():
                    if (month, code) == (figures.first.month, currency):
                        received += sums[3] if reason in ("", "cancellation") else 0
                        refunded -= sums[3] if reason in ("refund", "chargeback") else 0
                self.assertEqual([figures.received, figures.refunded], [received, refunded])


def add(sums, key, amounts):
    sums[key] = [before + amount for before, amount in zip(sums.get(key, [0] * len(amounts)), amounts, strict=True)]


def totals(documents):
    """Add up documents by month, currency, reason, country, kind of tax and rate: number, net, tax and gross."""
    sums = {}
    for document in documents:
        add(sums, document.key, [1, document.net, document.tax, document.gross])
    return sums


def issued():
    """Return the receipts and credit notes of each payment, in order."""
    found = {}
    for row in Receipt.objects.order_by("year", "number").select_related("payment"):
        month = timezone.localdate(row.issued_at).month
        document = Document(
            month,
            row.currency,
            row.reason,
            row.country,
            row.tax_kind,
            row.tax_rate,
            row.net.minor,
            row.tax_minor,
            row.gross_minor,
        )
        found.setdefault(row.payment.provider_ref, []).append(document)
    return found


def on_statements(found):
    return {
        (of_month.month.month, figures.currency, line.reason, line.country, line.tax_kind, line.rate): [
            line.number,
            line.net,
            line.tax,
            line.gross,
        ]
        for of_month in found
        for figures in of_month.currencies
        for line in figures.lines
    }


def received_on_statements(found):
    return {
        (of_month.month.month, figures.currency, row.provider): [row.number, row.gross]
        for of_month in found
        for figures in of_month.currencies
        for row in figures.received
    }


def in_files(files):
    found = {}
    for row in (row for file in files for row in csv.DictReader(file.decode().splitlines())):
        if row["section"] in ("receipt", "credit_note"):
            rate = int(Decimal(row["rate"]) * 100) if row["rate"] else None
            amounts = [int(Decimal(row[name]).scaleb(EXPONENTS[row["currency"]])) for name in ("net", "tax", "gross")]
            key = (int(row["month"][5:]), row["currency"], row["reason"], row["country"], row["tax_kind"], rate)
            found[key] = [int(row["number"]), *amounts]
    return found
