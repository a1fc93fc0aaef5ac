"""The accounts: lists with their files, monthly statements, closing and the check."""

import csv
from datetime import UTC, date, datetime

import time_machine
from django.db import connection
from django.test import TestCase
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from subscriptions.models import Payment, Receipt, Refund, Statement
from subscriptions.services import receipts, refunds
from tests.factories import make_member, make_payment, make_renewing, make_staff, make_subscription, make_user
from tests.subscriptions.journeys import on_demo
from tests.subscriptions.test_receipts import make_refund
from truthlytics.audit.log import AuditEntry
from truthlytics.publication.models import Publication

ACCOUNTS = reverse("admin:accounts")
MARCH = "2026-03"


def on(month, day=10):
    return datetime(2026, month, day, 12, tzinfo=UTC)


def listed(model, **query):
    return reverse(f"admin:subscriptions_{model}_changelist", query=query)


class AccountsCase(TestCase):
    @classmethod
    def setUpTestData(cls):
        cls.publisher = make_member("Publisher")
        Publication.objects.create(name="The Harbour Review", country="DE", tax_rate=7)
        tax = {"country": "DE", "tax_kind": "rate", "tax_rate": 700, "tax_minor": 59}
        with time_machine.travel(on(3), tick=False):
            reader = make_user(display_name="Nadia Lund", email="nadia@example.org")
            cls.payment = make_payment(
                make_subscription(reader), provider="demo", provider_ref="pay_1", invoice_ref="in_1", **tax
            )
            receipts.issue(payment=cls.payment)
            cls.other = make_payment(
                provider_ref="pay_2", company="=HARBOUR()", method="+Card", country="AT", provider="manual"
            )
            receipts.issue(payment=cls.other)
        with time_machine.travel(on(4), tick=False):
            Payment.objects.filter(pk=cls.payment.pk).update(refunded_minor=300)
            cls.refund = make_refund(cls.payment, 300, provider_ref="re_1")
            receipts.issue_credit_note(refund=cls.refund)

    def setUp(self):
        self.client.force_login(self.publisher)

    def rows(self, url):
        response = self.client.get(url)
        self.assertEqual(response["Content-Type"], "text/csv; charset=utf-8")
        return list(csv.DictReader(response.getvalue().decode().splitlines()))

    def file(self, model, **query):
        return self.rows(reverse(f"admin:subscriptions_{model}_csv", query=query))

    def found(self, model, **query):
        return {row.pk for row in self.client.get(listed(model, **query)).context["cl"].result_list}


class ListTests(AccountsCase):
    def test_receipts_are_filtered(self):
        first, second, note = Receipt.objects.order_by("number")
        for query, expected in [
            ({}, {first, second, note}),
            ({"month": MARCH}, {first, second}),
            ({"month": "2026-13"}, {first, second, note}),
            ({"kind__exact": "credit_note"}, {note}),
            ({"country": "AT"}, {second}),
            ({"provider": "manual"}, {second}),
        ]:
            with self.subTest(query):
                self.assertEqual(self.found("receipt", **query), {row.pk for row in expected})

    def test_receipts_are_found_by_number_name_and_reference(self):
        first, second, note = (row.pk for row in Receipt.objects.order_by("number"))
        for term, expected in [
            ("R-2026-00003", {first, note}),
            ("2", {second}),
            ("nadia", {first, note}),
            ("in_1", {first, note}),
            ("pay_2", {second}),
            ("re_1", {first, note}),
            ("harbour", {second}),
            ("nobody", set()),
        ]:
            with self.subTest(term):
                self.assertEqual(self.found("receipt", q=term), expected)

    def test_payments_and_refunds_are_filtered_and_found(self):
        self.assertEqual(self.found("payment", month=MARCH, country="DE"), {self.payment.pk})
        self.assertEqual(self.found("payment", q="R-2026-00002"), {self.other.pk})
        self.assertEqual(self.found("payment", provider="manual"), {self.other.pk})
        self.assertEqual(self.found("refund", month="2026-04", status__exact="done"), {self.refund.pk})
        self.assertEqual(self.found("refund", month=MARCH), set())
        self.assertEqual(self.found("refund", q="lund"), {self.refund.pk})

    def test_file_of_receipts_has_all_a_bookkeeper_needs(self):
        rows = self.file("receipt")
        self.assertEqual([row["number"] for row in rows], ["R-2026-00001", "R-2026-00002", "R-2026-00003"])
        expected = {
            "date": "2026-04-10", "kind": "credit_note", "reason": "refund", "original_receipt": "R-2026-00001",
            "country": "DE", "net": "-2.81", "rate": "7.00", "tax": "-0.19", "gross": "-3.00", "currency": "EUR",
            "method": "Visa ending 4242", "payment_reference": "pay_1", "invoice_reference": "in_1",
            "refund_reference": "re_1",
        }  # fmt: skip
        self.assertEqual(expected, {name: rows[2][name] for name in expected})

    def test_files_have_the_rows_of_the_list_and_no_formulas(self):
        [row] = self.file("payment", month=MARCH, country="AT")
        self.assertEqual((row["payment_reference"], row["method"], row["amount"]), ("pay_2", "'+Card", "9.00"))
        [row] = self.file("refund")
        self.assertEqual(
            (row["credit_note"], row["original_receipt"], row["amount"]), ("R-2026-00003", "R-2026-00001", "3.00")
        )
        self.assertEqual(self.file("refund", q="nobody"), [])
        self.assertContains(self.client.get(listed("receipt", month=MARCH)), "/receipt/csv/?month=2026-03")

    def test_pages_of_a_receipt_and_a_refund_lead_to_the_payment(self):
        link = reverse("admin:subscriptions_payment_change", args=[self.payment.pk])
        note = Receipt.objects.get(kind="credit_note")
        for row, name in [(note, "receipt"), (self.refund, "refund")]:
            page = self.client.get(reverse(f"admin:subscriptions_{name}_change", args=[row.pk]))
            self.assertContains(page, link)

    def test_queries_do_not_grow(self):
        few = [self.queries(model) for model in ("receipt", "refund", "payment")]
        with time_machine.travel(on(4), tick=False):
            for _ in range(3):
                payment = make_payment()
                receipts.issue(payment=payment)
                receipts.issue_credit_note(refund=make_refund(payment, 100))
        self.assertEqual([self.queries(model) for model in ("receipt", "refund", "payment")], few)

    def queries(self, model):
        with CaptureQueriesContext(connection) as queries:
            self.client.get(listed(model))
        return len(queries)


class StatementTests(AccountsCase):
    def url(self, name, period=MARCH):
        return reverse(f"admin:accounts_{name}", args=[period])

    def close(self, period=MARCH):
        return self.client.post(self.url("close", period), follow=True)

    def test_closing_says_first_that_it_cannot_be_undone(self):
        page = self.client.get(self.url("close"))
        self.assertContains(page, "This cannot be undone.")
        self.assertFalse(Statement.objects.exists())
        self.close()
        self.assertContains(self.client.get(self.url("close")), "This month is closed already.")

    def test_months_are_listed_with_what_they_add_up_to(self):
        page = self.client.get(ACCOUNTS)
        self.assertContains(page, "March 2026 is over and can be closed")
        self.assertContains(page, "€18.00")
        self.assertContains(page, "−€3.00")

    def test_statement_has_sales_by_rate_and_country_and_credit_notes(self):
        page = self.client.get(self.url("month"))
        for text in (
            "Germany",
            "Austria",
            "€8.41",
            "R-2026-00001 to R-2026-00002",
            "may still change",
            "Bank transfer",
        ):
            self.assertContains(page, text)
        self.assertNotContains(page, "style=")
        self.assertContains(self.client.get(self.url("month", "2026-04")), "Credit notes for refunds")

    def test_file_says_the_same_as_the_page_and_revenue(self):
        rows = self.rows(self.url("csv"))
        self.assertEqual([row["gross"] for row in rows if row["section"] == "receipt"], ["9.00", "9.00"])
        received = {row["reason"]: row["gross"] for row in rows if row["section"] == "received"}
        self.assertEqual(received, {"demo": "9.00", "manual": "9.00"})
        with time_machine.travel(on(12), tick=False):
            months = {row["month"]: row for row in self.rows(reverse("admin:revenue_csv", args=["months"]))}
        self.assertEqual((months[MARCH]["received"], months[MARCH]["refunded"]), ("18.00", "0.00"))
        self.assertEqual(months["2026-04"]["refunded"], "3.00")

    def test_closing_is_logged_and_changes_nothing_that_is_shown(self):
        before = self.client.get(self.url("csv")).getvalue()
        self.assertContains(self.close(), "March 2026 is closed")
        self.assertContains(self.close(), "Closed on")
        self.assertEqual(self.client.get(self.url("csv")).getvalue(), before)
        statement = Statement.objects.get()
        self.assertEqual((statement.month, statement.closed_by), (date(2026, 3, 1), str(self.publisher)))
        self.assertEqual(AuditEntry.objects.about(statement).count(), 1)
        self.assertNotContains(self.client.get(self.url("month")), "Close this month")

    def test_months_are_closed_in_order(self):
        self.assertContains(self.close("2026-04"), "Close March 2026 first.")
        self.assertFalse(Statement.objects.exists())

    def test_unknown_months_are_not_found(self):
        for period in ("2026-02", "2199-01", "2026-00", "march"):
            self.assertEqual(self.client.get(self.url("month", period)).status_code, 404)

    def test_statements_need_their_permission(self):
        self.client.force_login(make_staff("subscriptions.view_receipt", "subscriptions.view_revenue"))
        for url in (ACCOUNTS, self.url("month"), self.url("csv"), self.url("check")):
            self.assertEqual(self.client.get(url).status_code, 403)
        self.client.force_login(make_staff("subscriptions.view_statement"))
        self.assertEqual(self.client.get(self.url("month")).status_code, 200)
        self.assertEqual(self.client.post(self.url("close")).status_code, 403)

    def test_check_lists_differences(self):
        self.assertContains(self.client.get(self.url("check")), "Everything agrees to the cent.", 1)
        Payment.objects.filter(pk=self.payment.pk).update(minor=901)
        self.assertContains(self.client.get(self.url("check")), "€0.01 differ")


@on_demo
class ProviderCheckTests(TestCase):
    def setUp(self):
        self.client.force_login(make_member("Publisher"))
        self.payment = Payment.objects.get(subscription=make_renewing())
        self.url = reverse("admin:accounts_check", args=[f"{self.payment.month:%Y-%m}"])

    def test_payments_and_refunds_agree_with_the_provider(self):
        refunds.refund(payment=self.payment, amount=self.payment.money, by="Edith")
        self.assertContains(self.client.post(self.url), "Everything agrees to the cent.", 2)

    def test_what_only_one_side_knows_is_listed(self):
        make_payment(provider="demo", provider_ref="pay_unknown")
        Payment.objects.filter(pk=self.payment.pk).update(minor=899)
        Refund.objects.create(payment=self.payment, minor=100, status="done", requested_at=self.payment.paid_at)
        page = self.client.post(self.url)
        for text in (
            "pay_unknown over €9.00 is recorded here, but not there",
            "is €8.99 here and €9.00 there",
            "€1.00 is refunded here and €0.00 there",
        ):
            self.assertContains(page, text)
