"""Receipts have the fields of invoices that Directive 2006/112/EC names, and are issued again if they were wrong."""

from django.test import TestCase
from django.urls import reverse
from django.utils import timezone

from subscriptions.models import Receipt, Refund
from subscriptions.services import receipts
from subscriptions.services.taxation import set_payment_tax
from subscriptions.tax import invoice
from tests.factories import make_payment, make_staff, make_subscription, make_user
from tests.html import page_of, text_of
from tests.subscriptions.tax.test_computing import SCHEME, make_publication
from truthlytics.audit.log import AuditEntry
from truthlytics.web.text import split_words

SELLER = {"publisher": "Harbour Press", "legal_address": "1 Harbour Street\nHamburg", "vat_id": "DE123456788"}
COMPANY = {"company": "Quay Ltd", "address": "1 Quay\nPortside", "country": "AT", "vat_id": "ATU12345675"}


def make_receipt(minor=900, **details):
    now = timezone.now()
    payment = make_payment(
        make_subscription(make_user(display_name="Nadia Lund")),
        minor=minor,
        period_start=now,
        period_end=now,
        **details,
    )
    set_payment_tax(payment)
    payment.save()
    return receipts.issue(payment=payment)


class RequiredFieldTests(TestCase):
    def test_a_simplified_invoice_has_the_fields_of_article_226b(self):
        make_publication(**SELLER)
        self.assertEqual(make_receipt().missing_fields, [])

    def test_a_full_invoice_has_the_fields_of_article_226(self):
        make_publication(**SELLER)
        self.assertEqual(make_receipt(minor=20_000, **COMPANY | {"country": "DE", "vat_id": ""}).missing_fields, [])
        self.assertEqual(make_receipt(**COMPANY).missing_fields, [])

    def test_without_tax_the_reason_stands_for_net_rate_and_tax(self):
        make_publication(**SELLER, small_business=True, small_business_note=SCHEME)
        self.assertEqual(make_receipt(**COMPANY | {"country": "DE", "vat_id": ""}).missing_fields, [])

    def test_each_missing_field_is_named(self):
        make_publication(**SELLER)
        receipt = make_receipt(**COMPANY)
        fields = invoice.required(gross_minor=900, is_company=True, is_reverse_charge=True, is_credit_note=True)
        self.assertEqual(len(fields), 15)
        for name, keys in fields.items():
            with self.subTest(name):
                rest = {key: text for key, text in (receipt.snapshot | {"receipt": "R-1"}).items() if key not in keys}
                self.assertIn(name, invoice.missing(rest, fields))

    def test_a_publisher_without_an_address_is_told(self):
        make_publication()
        self.assertIn("226(5) the supplier’s address", make_receipt(minor=20_000).missing_fields)

    def test_every_field_is_printed(self):
        make_publication(**SELLER)
        receipt = make_receipt(**COMPANY)
        self.client.force_login(receipt.payment.user)
        page = text_of(page_of(self.client.get(receipt.payment.get_absolute_url())))
        for key in split_words(
            "publisher vat_id company name buyer_country buyer_vat_id item period net rate tax note total paid unit_net"
        ):
            with self.subTest(key):
                self.assertTrue(receipt.snapshot[key])
                self.assertIn(" ".join(receipt.snapshot[key].split()), page)
        for words in (receipt.code, "Hamburg", "Portside", "Issued on", "Reverse charge"):
            self.assertIn(words, page)

    def test_credit_notes_name_the_receipt_and_repeat_its_rate(self):
        make_publication(**SELLER)
        receipt, now = make_receipt(minor=20_000, **COMPANY | {"country": "DE", "vat_id": ""}), timezone.now()
        refund = Refund.objects.create(payment=receipt.payment, minor=500, status="done", requested_at=now, done_at=now)
        note = receipts.issue_credit_note(refund=refund)
        self.assertEqual(note.missing_fields, [])
        self.assertEqual((note.snapshot["receipt"], note.snapshot["rate"]), (receipt.code, receipt.snapshot["rate"]))
        self.assertEqual(note.snapshot["net"][0], "−")


class ReissuePageTests(TestCase):
    @classmethod
    def setUpTestData(cls):
        make_publication(**SELLER)
        cls.receipt = make_receipt()
        cls.url = reverse("admin:subscriptions_payment_reissue", args=[cls.receipt.payment_id])
        cls.staff = make_staff("subscriptions.view_payment", "subscriptions.refund_payment")

    def setUp(self):
        self.client.force_login(self.staff)

    def test_support_issues_a_receipt_again_with_the_address_of_the_company(self):
        page = self.client.get(self.url)
        self.assertContains(page, "never changed")
        response = self.client.post(self.url, COMPANY, follow=True)
        self.assertContains(response, "is cancelled, and")
        self.assertContains(response, "Wrong invoice cancelled")
        new = Receipt.objects.originals().first()
        self.assertEqual((new.edition, new.tax_kind, new.snapshot["company"]), (2, "reverse_charge", "Quay Ltd"))
        self.assertIn("issued again as", AuditEntry.objects.latest("pk").message)
        self.client.force_login(self.receipt.payment.user)
        page = text_of(page_of(self.client.get(self.receipt.payment.get_absolute_url())))
        self.assertIn(f"Replaces invoice {self.receipt.code}", page)
        self.assertIn("Cancelled by R-", page)

    def test_wrong_details_are_refused_and_kept(self):
        response = self.client.post(self.url, COMPANY | {"vat_id": "ATU1"})
        self.assertContains(response, "This is not a valid VAT ID", status_code=422)
        self.assertContains(response, "Portside", status_code=422)
        self.assertEqual(Receipt.objects.count(), 1)

    def test_the_tax_that_stripe_has_computed_is_kept_to_the_cent(self):
        payment = make_payment(minor=1000)
        set_payment_tax(payment, reported=67)
        payment.save()
        receipt, now = receipts.issue(payment=payment), timezone.now()
        refund = Refund.objects.create(payment=payment, minor=333, status="done", requested_at=now, done_at=now)
        receipts.issue_credit_note(refund=refund)
        receipts.reissue(receipt=receipt, details={"company": "Quay Ltd"})
        issued = payment.receipts.order_by("number").values_list("gross_minor", "tax_minor")
        self.assertEqual(list(issued), [(1000, 67), (-333, -22), (-667, -45), (667, 45)])

    def test_a_payment_without_a_receipt_has_nothing_to_issue_again(self):
        surplus = make_payment(status="surplus")
        response = self.client.get(reverse("admin:subscriptions_payment_reissue", args=[surplus.pk]))
        self.assertContains(response, "No invoice was issued for this payment.")
