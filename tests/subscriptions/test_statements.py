"""Monthly statements: what they add up, and that a closed month never changes."""

from datetime import UTC, date, datetime
from unittest import mock

import time_machine
from django.db import IntegrityError, transaction
from django.test import TestCase

from subscriptions.models import Payment, Receipt, ReceiptSeries, Refund, Statement
from subscriptions.services import accounts_check, receipts, statements
from tests.factories import make_payment
from tests.subscriptions.test_races import race
from tests.subscriptions.test_receipts import make_refund
from tests.transactions import TransactionTestCase
from truthlytics.publication.models import Publication
from truthlytics.web.append_only import AppendOnlyError

MARCH, APRIL, MAY = (date(2026, month, 1) for month in (3, 4, 5))


def on(month, day=10):
    return datetime(2026, month, day, 12, tzinfo=UTC)


class StatementCase(TestCase):
    @classmethod
    def setUpTestData(cls):
        Publication.objects.create(name="The Harbour Review", country="DE", tax_rate=7)

    def setUp(self):
        traveller = time_machine.travel(on(3), tick=False)
        self.clock = traveller.start()
        self.addCleanup(traveller.stop)

    def sell(self, **fields):
        payment = make_payment(**{"country": "DE", "tax_kind": "rate", "tax_rate": 700, "tax_minor": 59} | fields)
        receipts.issue(payment=payment)
        return payment

    def pay_back(self, payment, minor):
        Payment.objects.filter(pk=payment.pk).update(refunded_minor=minor)
        return receipts.issue_credit_note(refund=make_refund(payment, minor))

    def lines(self, month):
        return [
            (line.reason, line.country, line.rate, line.number, line.net, line.tax, line.gross)
            for currency in statements.compute(month).currencies
            for line in currency.lines
        ]


class FiguresTests(StatementCase):
    def test_documents_are_added_up_by_reason_country_and_rate(self):
        self.sell()
        self.sell()
        self.sell(country="AT", tax_rate=1000, tax_minor=82)
        self.sell(tax_kind="small_business", tax_rate=None, tax_minor=0)
        self.assertEqual(
            self.lines(MARCH),
            [
                ("", "AT", 1000, 1, 818, 82, 900),
                ("", "DE", 700, 2, 1682, 118, 1800),
                ("", "DE", None, 1, 900, 0, 900),
            ],
        )

    def test_credit_notes_count_in_their_own_month(self):
        payment, lost = self.sell(), self.sell()
        self.clock.move_to(on(4))
        self.pay_back(payment, 300)
        receipts.issue_chargeback_note(payment=lost)
        self.assertEqual([line[0] for line in self.lines(MARCH)], [""])
        self.assertEqual(
            self.lines(APRIL),
            [("chargeback", "DE", 700, 1, -841, -59, -900), ("refund", "DE", 700, 1, -281, -19, -300)],
        )

    def test_currencies_stay_apart(self):
        self.sell()
        self.sell(currency="USD")
        self.assertEqual([figures.currency for figures in statements.compute(MARCH).currencies], ["EUR", "USD"])

    def test_what_was_open_at_the_end_of_the_month(self):
        make_payment(status="surplus", minor=700)
        disputed = self.sell(dispute="open", disputed_at=on(3))
        self.sell(dispute="open", disputed_at=on(4))
        late = self.sell()
        refund = Refund.objects.create(payment=late, minor=200, requested_at=on(3))
        [figures] = statements.compute(MARCH).currencies
        expected = {("refunds", 1, 200), ("surplus", 1, 700), ("chargebacks", 1, 900)}
        self.assertEqual({(item.kind, item.number, item.minor) for item in figures.open}, expected)
        Refund.objects.filter(pk=refund.pk).update(status="done", done_at=on(4))
        Payment.objects.filter(pk=disputed.pk).update(dispute="won", dispute_decided_at=on(4))
        self.assertEqual(set(statements.compute(MARCH).currencies[0].open), set(figures.open))
        expected = {("surplus", 1, 700), ("chargebacks", 1, 900)}
        open_in_april = statements.compute(APRIL).currencies[0].open
        self.assertEqual({(item.kind, item.number, item.minor) for item in open_in_april}, expected)

    def test_content_is_read_as_it_was_written(self):
        payment = self.sell()
        self.pay_back(payment, 300)
        figures = statements.compute(MARCH)
        self.assertEqual(statements.read(statements.write(figures)), figures)
        self.assertEqual((figures.first, figures.last), ("R-2026-00001", "R-2026-00002"))


class ClosingTests(StatementCase):
    def close(self, month):
        return statements.close(month=month, by="Edith")

    def test_closing_twice_gives_the_same_bytes(self):
        payment = self.sell()
        self.clock.move_to(on(4))
        closed = self.close(MARCH)
        self.pay_back(payment, 300)
        again = self.close(MARCH)
        self.assertEqual((again.pk, again.content, again.digest), (closed.pk, closed.content, closed.digest))
        self.assertEqual(statements.write(statements.compute(MARCH)), closed.content)
        self.assertEqual(statements.statement_of(MARCH), (statements.read(closed.content), closed))

    def test_closed_month_is_read_from_what_was_stored(self):
        self.sell()
        self.clock.move_to(on(4))
        self.close(MARCH)
        Receipt.objects.update(gross_minor=100_000)
        self.assertEqual(statements.statement_of(MARCH)[0].currencies[0].total(""), 900)
        [difference] = accounts_check._statement(MARCH)
        self.assertIn("€9.00", difference.text)

    def test_month_must_be_over_and_the_earlier_ones_closed(self):
        self.sell()
        for month, why in [(MARCH, "not over"), (APRIL, "not over")]:
            with self.subTest(month), self.assertRaisesRegex(statements.CannotClose, why):
                self.close(month)
        self.clock.move_to(on(6))
        for month, why in [(APRIL, "Close March 2026 first"), (date(2026, 2, 1), "no invoices")]:
            with self.subTest(month), self.assertRaisesRegex(statements.CannotClose, why):
                self.close(month)
        self.close(MARCH)
        self.assertEqual(self.close(APRIL).content, statements.write(statements.Figures(APRIL, "", "", ())))
        self.assertEqual(statements.next_to_close(), MAY)
        self.assertEqual(statements.months(), [date(2026, 6, 1), MAY, APRIL, MARCH])

    def test_no_receipt_is_dated_into_a_closed_month(self):
        self.sell()
        self.clock.move_to(on(4))
        self.close(MARCH)
        self.clock.move_to(on(3, 31))
        payment = make_payment()
        with self.assertRaises(receipts.MonthIsClosed), transaction.atomic():
            receipts.issue(payment=payment)
        self.assertEqual(ReceiptSeries.objects.get().last, 1)

    def test_statement_can_not_be_changed_or_deleted(self):
        self.sell()
        self.clock.move_to(on(4))
        closed = self.close(MARCH)
        for action in (closed.save, closed.delete, Statement.objects.all().delete):
            with self.assertRaises(AppendOnlyError):
                action()
        with self.assertRaises(IntegrityError), transaction.atomic():
            Statement.objects.create(month=MARCH, content="{}", digest="", closed_at=on(5), closed_by="")


class CheckTests(StatementCase):
    def texts(self):
        return [str(difference) for difference in accounts_check.differences(MARCH)]

    def test_accounts_that_agree_have_no_differences(self):
        self.pay_back(self.sell(), 300)
        lost = self.sell(dispute="lost")
        receipts.issue_chargeback_note(payment=lost)
        make_payment(status="surplus")
        make_payment(status="failed")
        self.assertEqual(self.texts(), [])

    def test_every_cent_that_differs_is_listed(self):
        payment = self.sell(provider_ref="pay_x")
        Payment.objects.filter(pk=payment.pk).update(minor=901, refunded_minor=1)
        expected = [
            "Payment pay_x: Its invoices and credit notes add up to €9.00, but €9.01 was kept: €0.01 differ.",
            "Payment pay_x: Its refunds add up to €0.00, but €0.01 counts as refunded: €0.01 differ.",
        ]
        self.assertEqual(self.texts(), expected)

    def test_missing_documents_are_listed(self):
        self.sell(dispute="lost", provider_ref="pay_lost")
        make_payment(provider_ref="pay_bare")
        ReceiptSeries.objects.update(last=2)
        texts = "\n".join(self.texts())
        for part in ("pay_lost", "pay_bare", "The last number given is 2, but there are 1"):
            self.assertIn(part, texts)


class ClosingRaceTests(TransactionTestCase):
    def test_month_is_closed_once_in_a_race(self):
        with mock.patch("django.utils.timezone.now", return_value=on(3)):
            receipts.issue(payment=make_payment())
        closed = race(lambda _: statements.close(month=MARCH, by="Edith").digest, 6)
        self.assertEqual(len(set(closed)), 1)
        self.assertEqual(Statement.objects.count(), 1)
