"""Markup that readers type as name, company, address, VAT ID and text stays text, wherever it is shown."""

from io import BytesIO

from django.core import mail
from django.test import TestCase
from django.urls import reverse
from django.utils import timezone
from lxml.html import document_fromstring
from pypdf import PdfReader

from subscriptions import emails
from subscriptions.models import BillingProfile, Declaration
from subscriptions.services import receipts
from subscriptions.services.sync import mark_paid
from tests.factories import make_member, make_order, make_user
from tests.subscriptions.tax.test_computing import make_publication
from tests.subscriptions.test_receipts import make_refund
from truthlytics.contact.models import Message

ELEMENT = "<x-run onrun=1>"
# Ends an attribute, an element and a comment, and begins an element.
TEXT = f"\"'--></a></title></textarea></script>{ELEMENT}{{{{7|add:7}}}}"
SHORT = f'"{ELEMENT}'


class HostileDetailsTests(TestCase):
    @classmethod
    def setUpTestData(cls):
        make_publication(publisher="Harbour Press", legal_address="1 Quay", contact_email="desk@example.org")
        cls.publisher = make_member("Publisher")
        cls.reader = make_user(display_name=f"=1+1{SHORT}")
        BillingProfile.objects.create(user=cls.reader, company=TEXT, address=TEXT, vat_id=SHORT, country="DE")
        cls.order = make_order(cls.reader, provider="manual")
        mark_paid(order=cls.order, by=TEXT[:60])
        cls.payment = cls.reader.payments.get()
        cls.receipt = cls.payment.receipts.get()
        cls.refund = make_refund(cls.payment, 100, reason=TEXT)
        cls.note = receipts.issue_credit_note(refund=cls.refund)
        cls.reader.account_notes.create(text=TEXT, by=SHORT)
        cls.declaration = Declaration.objects.create(
            kind="cancellation", declared_at=timezone.now(), name=TEXT, contract=TEXT, reason=TEXT
        )
        cls.message = Message.objects.create(subject="question", name=TEXT, text=TEXT)

    def assert_harmless(self, markup):
        """Parse `markup`, and return whether it shows the text."""
        tree = document_fromstring(markup)
        self.assertEqual(tree.xpath("//x-run | //*[@onrun]"), [])
        self.assertNotIn("14}", markup)
        return "x-run" in markup

    def shown(self, user, urls):
        """Return how many of the pages show the text."""
        self.client.force_login(user)
        return sum(self.assert_harmless(self.client.get(url).content.decode()) for url in urls)

    def test_in_the_newsroom(self):
        urls = [
            reverse(f"admin:subscriptions_{row._meta.model_name}_{name}", args=[row.pk])
            for name, row in (("refund", self.payment), ("assignment", self.declaration))
        ]
        for row in (self.order, self.payment, self.receipt, self.refund, self.declaration, self.message, self.reader):
            name = f"admin:{row._meta.app_label}_{row._meta.model_name}"
            urls.append(reverse(f"{name}_change", args=[row.pk]))
        urls += [reverse(f"admin:subscriptions_{name}_changelist") for name in ("declaration", "user")]
        self.assertGreaterEqual(self.shown(self.publisher, urls), 9)

    def test_on_the_pages_of_the_reader(self):
        own = self.payment.get_absolute_url(), self.order.get_absolute_url()
        urls = "/account/", "/account/name/", "/account/billing/", *own
        self.assertGreaterEqual(self.shown(self.reader, urls), 4)

    def test_in_documents(self):
        self.client.force_login(self.reader)
        for document in (self.receipt, self.note):
            url = reverse("subscriptions:receipt_pdf", args=[self.payment.uuid, document.code])
            reader = PdfReader(BytesIO(self.client.get(url).getvalue()), strict=True)
            self.assertIn("x-run", "".join(page.extract_text() for page in reader.pages))
            self.assertNotIn("/OpenAction", reader.trailer["/Root"])
            self.assertEqual([page for page in reader.pages if "/Annots" in page or "/AA" in page], [])

    def test_in_emails(self):
        with self.captureOnCommitCallbacks(execute=True):
            self.client.post("/contact/", {"subject": "question", "name": TEXT[:120], "text": TEXT})
            emails.refunded(self.refund)
        self.assertEqual(len(mail.outbox), 2)
        markup = [str(markup) for email in mail.outbox for markup, _type in email.alternatives]
        self.assertEqual([self.assert_harmless(text) for text in markup], [True, False])

    def test_in_csv_files(self):
        self.client.force_login(self.publisher)
        for name in ("receipt", "refund", "payment"):
            page = self.client.get(reverse(f"admin:subscriptions_{name}_csv"))
            self.assertNotIn("\n=", page.getvalue().decode().replace(",", "\n").replace('"', ""))
