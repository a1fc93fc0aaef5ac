"""Migrations that change stored values."""

from importlib import import_module

from django.apps import apps
from django.test import TestCase
from django.utils import timezone

from subscriptions.models import Order, Receipt, Refund, SentEmail
from subscriptions.services import receipts
from tests.factories import make_order, make_payment, make_user
from tests.subscriptions.journeys import on_demo

filling = import_module("subscriptions.migrations.0008_fill_receipts")
spelling = import_module("subscriptions.migrations.0002_cancelled")


@on_demo
class CancelledTests(TestCase):
    def stored(self):
        return sorted(
            [*Order.objects.values_list("status", flat=True), *SentEmail.objects.values_list("kind", flat=True)]
        )

    def test_stored_values_get_the_other_spelling_and_others_stay(self):
        make_order()
        Order.objects.filter(pk=make_order().pk).update(status="canceled")
        SentEmail.objects.create(user=make_user(), kind="canceled", key="1", sent_at=timezone.now())
        before = self.stored()
        spelling.forwards(apps, None)
        self.assertEqual(self.stored(), ["cancelled", "cancelled", "open"])
        spelling.backwards(apps, None)
        self.assertEqual(self.stored(), before)


class ReceiptTests(TestCase):
    def test_receipts_get_the_amounts_of_their_payments(self):
        payment, now = make_payment(minor=1000, tax_minor=159, tax_kind="provider"), timezone.now()
        receipts.issue(payment=payment)
        for minor in (333, 667):
            refund = Refund.objects.create(payment=payment, minor=minor, status="done", requested_at=now, done_at=now)
            receipts.issue_credit_note(refund=refund)
        columns = ("kind", "corrects", "currency", "gross_minor", "tax_minor", "tax_kind")
        issued = list(Receipt.objects.values_list(*columns))
        Receipt.objects.update(currency="", gross_minor=0, tax_minor=0, tax_kind="")
        filling.fill(apps, None)
        self.assertEqual(list(Receipt.objects.values_list(*columns)), issued)
