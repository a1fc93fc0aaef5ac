"""Receipts and credit notes: numbers without gaps, and contents that never change."""

from datetime import UTC, datetime

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.test import TestCase
from django.utils import timezone

from subscriptions.emails.receipts import rows
from subscriptions.models import Payment, Plan, Receipt, ReceiptSeries, Refund, User
from subscriptions.services import receipts
from tests.budget import takes_longer
from tests.factories import (
    make_order,
    make_paid,
    make_payment,
    make_renewing,
    make_staff,
    make_subscription,
    make_user,
)
from tests.subscriptions.journeys import on_demo
from tests.subscriptions.test_races import race
from tests.transactions import TransactionTestCase
from truthlytics.privacy.deletion import delete_account
from truthlytics.publication.models import Publication

THREADS = 12


class Rollback(Exception):
    pass


def make_refund(payment, minor, **fields):
    now = timezone.now()
    return Refund.objects.create(payment=payment, minor=minor, status="done", requested_at=now, done_at=now, **fields)


class ReceiptTests(TestCase):
    def test_receipt_states_parties_amount_and_period(self):
        Publication.objects.create(
            name="The Harbour Review", publisher="Harbour Press Ltd", legal_address="1 Quay", tax_id="GB 123"
        )
        reader = make_user(display_name="Nadia Lund", email="nadia@example.org")
        payment = make_payment(
            make_subscription(reader),
            tax_minor=59,
            period_start=datetime(2026, 3, 3, tzinfo=UTC),
            period_end=datetime(2026, 4, 3, tzinfo=UTC),
        )
        receipt = receipts.issue(payment=payment)
        expected = {
            "publisher": "Harbour Press Ltd",
            "address": "1 Quay",
            "tax_id": "GB 123",
            "name": "Nadia Lund",
            "email": "nadia@example.org",
            "item": "Reader, monthly",
            "period": "3 March 2026 to 3 April 2026",
            "total": "€9.00",
            "tax": "€0.59",
            "method": "Visa ending 4242",
        }
        self.assertEqual(expected, {key: receipt.snapshot[key] for key in expected})

    def test_the_country_is_printed_once(self):
        cases = [
            ("1 Quay\nHamburg", "Germany"),
            ("1 Quay\nHamburg, germany ", ""),
            ("Germany House\nHamburg", "Germany"),
        ]
        for address, country in cases:
            with self.subTest(address):
                Publication.objects.all().delete()
                Publication.objects.create(legal_address=address, country="DE")
                self.assertEqual(receipts.issue(payment=make_payment()).snapshot["country"], country)

    def test_the_email_about_a_refund_names_the_corrected_receipt(self):
        payment = make_payment()
        receipt = receipts.issue(payment=payment)
        note = receipts.issue_credit_note(refund=make_refund(payment, 300))
        self.assertIn(("Corrects", receipt.title), rows(note, payment))
        self.assertNotIn("Corrects", [row.label for row in rows(receipt, payment)])

    @on_demo
    def test_receipt_states_the_discount_of_the_order(self):
        order = make_order()
        order.subtotal_minor, order.discount_minor, order.total_minor = 900, 300, 600
        order.save()
        snapshot = receipts.issue(payment=make_payment(user=order.user, order=order, minor=600)).snapshot
        self.assertEqual((snapshot["subtotal"], snapshot["discount"], snapshot["total"]), ("€9.00", "−€3.00", "€6.00"))
        self.assertEqual((snapshot["order"], snapshot["item"]), (order.number, "Reader, monthly"))

    def test_a_second_call_returns_the_first_receipt_and_uses_no_number(self):
        payment = make_payment()
        first, second = receipts.issue(payment=payment), receipts.issue(payment=payment)
        self.assertEqual(first, second)
        self.assertEqual(receipts.issue(payment=make_payment()).number, first.number + 1)
        self.assertEqual(first.code, f"R-{timezone.localdate().year}-00001")

    def test_each_year_starts_with_one(self):
        ReceiptSeries.objects.create(year=timezone.localdate().year - 1, last=41)
        self.assertEqual(receipts.issue(payment=make_payment()).number, 1)

    def test_credit_notes_share_the_tax_to_the_last_cent(self):
        payment = make_payment(minor=1000, tax_minor=159)
        original = receipts.issue(payment=payment)
        notes = [receipts.issue_credit_note(refund=make_refund(payment, minor)) for minor in (333, 333, 334)]
        self.assertEqual([note.snapshot["tax"] for note in notes], ["−€0.52", "−€0.53", "−€0.54"])
        self.assertEqual([note.number for note in notes], [2, 3, 4])
        self.assertEqual(notes[0].snapshot["receipt"], original.code)
        again = receipts.issue_credit_note(refund=Refund.objects.get(minor=334))
        self.assertEqual(again, notes[2])

    def test_money_that_was_not_owed_has_no_credit_note(self):
        payment = make_payment(status="surplus")
        self.assertIsNone(receipts.issue_credit_note(refund=make_refund(payment, 900)))
        self.assertFalse(ReceiptSeries.objects.exists())


class ReissueTests(TestCase):
    @classmethod
    def setUpTestData(cls):
        Publication.objects.create(name="The Harbour Review", country="DE", tax_rate=7)
        reader = make_user()
        cls.payment = make_payment(make_subscription(reader), tax_minor=59, tax_rate=700, tax_kind="rate", country="DE")
        cls.receipt = receipts.issue(payment=cls.payment)

    def reissue(self, **details):
        return receipts.reissue(receipt=self.receipt, details=details)

    def sums(self):
        """The sum of all receipts and credit notes: gross and tax."""
        rows = Receipt.objects.values_list("gross_minor", "tax_minor")
        return tuple(sum(column) for column in zip(*rows, strict=True))

    def test_a_wrong_receipt_is_cancelled_and_issued_again(self):
        new = self.reissue(company="Quay Ltd", address="1 Quay", country="AT", vat_id="ATU12345675")
        note = Receipt.objects.get(reason="cancellation")
        self.assertEqual((note.corrects, note.gross_minor, note.tax_minor), (self.receipt, -900, -59))
        self.assertEqual((note.number, new.number, new.edition), (2, 3, 2))
        self.assertEqual((new.gross_minor, new.tax_minor, new.tax_kind, new.country), (900, 0, "reverse_charge", "AT"))
        self.assertEqual((new.snapshot["company"], new.snapshot["replaces"]), ("Quay Ltd", self.receipt.code))
        self.assertIn("Reverse charge", new.snapshot["note"])
        self.assertEqual(self.sums(), (900, 0))
        self.assertEqual(receipts.issue(payment=self.payment), new)

    def test_what_was_refunded_stays_credited(self):
        receipts.issue_credit_note(refund=make_refund(self.payment, 400))
        new = self.reissue(company="Quay Ltd")
        self.assertEqual((new.gross_minor, new.tax_minor), (500, 33))
        last = receipts.issue_credit_note(refund=make_refund(self.payment, 500))
        self.assertEqual((last.corrects, last.tax_minor), (new, -33))
        self.assertEqual(self.sums(), (0, 0))

    def test_a_receipt_is_cancelled_once(self):
        self.reissue()
        with self.assertRaisesMessage(receipts.CannotReissue, "cancelled already"):
            self.reissue()
        self.assertEqual(Receipt.objects.count(), 3)

    def test_nothing_is_issued_again_once_everything_is_refunded(self):
        receipts.issue_credit_note(refund=make_refund(self.payment, 900))
        with self.assertRaisesMessage(receipts.CannotReissue, "Everything"):
            self.reissue()

    def test_a_lost_chargeback_credits_the_rest_once(self):
        receipts.issue_credit_note(refund=make_refund(self.payment, 400))
        notes = [receipts.issue_chargeback_note(payment=self.payment) for _ in range(2)]
        self.assertEqual(notes[0], notes[1])
        self.assertEqual((notes[0].gross_minor, notes[0].snapshot["receipt"]), (-500, self.receipt.code))
        self.assertEqual(self.sums(), (0, 0))

    def test_issued_receipts_cannot_be_changed(self):
        self.receipt.gross_minor = 1
        with self.assertRaises(ValidationError):
            self.receipt.save()

    def test_the_database_refuses_a_second_receipt_and_a_wrong_sign(self):
        fields = {"payment": self.payment, "year": 2026, "issued_at": timezone.now(), "currency": "EUR"}
        for wrong in (
            {"gross_minor": 900},
            {"gross_minor": -900, "edition": 2},
            {"gross_minor": 900, "kind": "credit_note", "corrects": self.receipt},
            {"gross_minor": -900, "kind": "credit_note"},
        ):
            with self.subTest(wrong), self.assertRaises(IntegrityError), transaction.atomic():
                Receipt.objects.create(number=99, **fields, **wrong)


class PageTests(TestCase):
    def setUp(self):
        self.payment = make_payment(make_subscription(make_user(display_name="Nadia Lund")))
        self.receipt = receipts.issue(payment=self.payment)
        self.url = self.payment.get_absolute_url()

    def test_only_the_reader_and_staff_see_a_receipt(self):
        for user, status in [
            (self.payment.user, 200),
            (make_user(), 404),
            (make_staff("subscriptions.view_order"), 404),
            (make_staff("subscriptions.view_payment"), 200),
        ]:
            with self.subTest(user=user, status=status):
                self.client.force_login(user)
                self.assertEqual(self.client.get(self.url).status_code, status)
        self.client.logout()
        self.assertRedirects(self.client.get(self.url), f"/accounts/login/?next={self.url}")

    def test_later_changes_of_names_do_not_change_a_receipt(self):
        self.client.force_login(self.payment.user)
        before = self.client.get(self.url)
        self.assertContains(before, "Nadia Lund")
        Publication.objects.create(name="Other", publisher="Other Ltd", language="de")
        User.objects.update(display_name="N. N.")
        Plan.objects.update(name="Other")
        after = self.client.get(self.url)
        for words in ("Nadia Lund", "Reader, monthly", "€9.00", self.receipt.snapshot["publisher"]):
            self.assertContains(after, words)
        self.assertNotContains(after, "Other Ltd</b>")

    def test_credit_notes_are_on_the_page_of_the_payment(self):
        note = receipts.issue_credit_note(refund=make_refund(self.payment, 400))
        self.client.force_login(self.payment.user)
        page = self.client.get(self.url)
        for words in (self.receipt.code, "Credit note", note.code, "−€4.00"):
            self.assertContains(page, words)

    def test_the_invoice_of_the_provider_is_linked(self):
        self.client.force_login(self.payment.user)
        self.assertNotContains(self.client.get(self.url), "View at the payment service")
        Payment.objects.update(invoice_url="https://pay.example/i")
        self.assertContains(self.client.get(self.url), 'href="https://pay.example/i"')

    def test_a_payment_without_a_receipt_has_no_page(self):
        payment = make_payment(user=self.payment.user, status="failed")
        self.client.force_login(payment.user)
        self.assertEqual(self.client.get(payment.get_absolute_url()).status_code, 404)

    @on_demo
    def test_paying_issues_a_receipt(self):
        paid, renewing = make_paid(), make_renewing()
        for subscription in (paid, renewing):
            payment = Payment.objects.get(user=subscription.user)
            self.client.force_login(subscription.user)
            self.assertContains(self.client.get(payment.get_absolute_url()), "Reader, monthly")

    def test_receipts_of_deleted_accounts_stay_in_the_newsroom(self):
        delete_account(user=self.payment.user, keep_comments=True)
        self.client.force_login(make_staff("subscriptions.view_payment"))
        self.assertContains(self.client.get(self.url), "Nadia Lund")


class NumberTests(TransactionTestCase):
    @takes_longer("Many requests, one after the other.")
    def test_numbers_have_no_gaps_with_threads_and_rollbacks(self):
        payments = [make_payment() for _ in range(THREADS)]

        def issue(number):
            with transaction.atomic():
                receipt = receipts.issue(payment=payments[number])
                if number % 3 == 0:
                    raise Rollback
                return receipt.number

        outcomes = race(issue, THREADS)
        self.assertEqual(sum(isinstance(outcome, Rollback) for outcome in outcomes), THREADS // 3)
        numbers = sorted(Receipt.objects.values_list("number", flat=True))
        self.assertEqual(numbers, list(range(1, THREADS - THREADS // 3 + 1)))
        self.assertEqual(ReceiptSeries.objects.get().last, len(numbers))

    @takes_longer("Many requests, one after the other.")
    def test_one_payment_gets_one_receipt_in_a_race(self):
        payment = make_payment()
        outcomes = race(lambda _: receipts.issue(payment=Payment.objects.get(pk=payment.pk)).number, THREADS)
        self.assertEqual(outcomes, [1] * THREADS)
        self.assertEqual(ReceiptSeries.objects.get().last, 1)

    def test_one_receipt_is_issued_again_once_in_a_race(self):
        receipt = receipts.issue(payment=make_payment())
        outcomes = race(lambda _: receipts.reissue(receipt=receipt, details={"company": "Quay Ltd"}).number, THREADS)
        self.assertEqual([outcome for outcome in outcomes if not isinstance(outcome, receipts.CannotReissue)], [3])
        self.assertEqual(sorted(Receipt.objects.values_list("number", flat=True)), [1, 2, 3])

    @takes_longer("Many requests, one after the other.")
    def test_one_lost_chargeback_is_credited_once_in_a_race(self):
        payment = make_payment()
        receipts.issue(payment=payment)
        race(lambda _: receipts.issue_chargeback_note(payment=payment).number, THREADS)
        self.assertEqual(sorted(Receipt.objects.values_list("number", flat=True)), [1, 2])
