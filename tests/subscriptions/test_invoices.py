"""Invoices and credit notes as PDF, on their page and in emails: what the page shows, for its reader only."""

from collections import Counter
from io import BytesIO
from time import process_time

from django.core import mail
from django.test import TestCase
from django.urls import reverse
from django.utils import timezone
from lxml import html
from pypdf import PdfReader

from subscriptions import emails
from subscriptions.invoices.pdf import pdf_of
from subscriptions.models import Receipt, Refund
from subscriptions.services import receipts
from subscriptions.services.taxation import set_payment_tax
from tests.factories import make_payment, make_staff, make_subscription, make_user
from tests.subscriptions.tax.test_computing import SCHEME, make_publication
from truthlytics.publication.models import Publication

SELLER = {"publisher": "Łódź & Söhne GmbH", "legal_address": "Große Straße 1\nHamburg", "vat_id": "DE123456788"}
COMPANY = {"company": "Café Ünal", "address": "Höhenweg 2\n1010 Wien", "country": "AT", "vat_id": "ATU12345675"}


def make_invoice(name="Zoë Łęcka-Groß", **details):
    now = timezone.now()
    payment = make_payment(make_subscription(make_user(display_name=name)), period_start=now, period_end=now, **details)
    set_payment_tax(payment)
    payment.save()
    return receipts.issue(payment=payment)


def make_refund(invoice, minor):
    now = timezone.now()
    refund = Refund.objects.create(payment=invoice.payment, minor=minor, status="done", requested_at=now, done_at=now)
    receipts.issue_credit_note(refund=refund)
    return refund


def words_in(content):
    return Counter(PdfReader(BytesIO(content), strict=True).pages[0].extract_text().split())


class PdfCase(TestCase):
    publication = SELLER

    @classmethod
    def setUpTestData(cls):
        make_publication(**cls.publication)

    def url(self, document, payment=None):
        return reverse("subscriptions:receipt_pdf", args=[(payment or document.payment).uuid, document.code])

    def download(self, document):
        self.client.force_login(document.payment.user)
        return self.client.get(self.url(document))

    def page(self, document):
        self.client.force_login(document.payment.user)
        return html.fromstring(self.client.get(document.payment.get_absolute_url()).content)


class ContentTests(PdfCase):
    def assert_shows_what_its_page_shows(self, document):
        (article,) = self.page(document).xpath(f"//article[.//*[text() = '{document.code}']]")
        content = self.download(document).getvalue()
        self.assertEqual(words_in(content), Counter(" ".join(article.itertext()).split()))
        return " ".join(PdfReader(BytesIO(content)).pages[0].extract_text().split())

    def test_an_invoice_has_number_names_amounts_and_tax(self):
        text = self.assert_shows_what_its_page_shows(make_invoice(**COMPANY | {"country": "DE", "vat_id": ""}))
        for words in (
            "Invoice R-",
            "Zoë Łęcka-Groß",
            "Łódź & Söhne GmbH",
            "Große Straße 1",
            "Café Ünal",
            "Net €8.41",
            "7% VAT €0.59",
            "Total €9.00",
        ):
            self.assertIn(words, text)

    def test_reverse_charge_and_a_small_business_give_the_reason(self):
        self.assertIn("Reverse charge", self.assert_shows_what_its_page_shows(make_invoice(**COMPANY)))
        Publication.objects.all().delete()
        make_publication(**SELLER, small_business=True, small_business_note=SCHEME)
        self.assertIn(SCHEME, self.assert_shows_what_its_page_shows(make_invoice()))

    def test_corrections_name_the_invoice(self):
        wrong = make_invoice()
        make_refund(wrong, 400)
        new = receipts.reissue(receipt=wrong, details=COMPANY)
        refund, cancellation = Receipt.objects.filter(kind="credit_note").order_by("number")
        self.assertIn(f"For invoice {wrong.code} of", self.assert_shows_what_its_page_shows(refund))
        self.assertIn("Wrong invoice cancelled", self.assert_shows_what_its_page_shows(cancellation))
        self.assertIn(f"Replaces invoice {wrong.code}", self.assert_shows_what_its_page_shows(new))
        self.assertIn(f"Cancelled by {cancellation.code}", self.assert_shows_what_its_page_shows(wrong))

    def test_the_same_document_has_the_same_bytes_and_costs_little(self):
        invoice = make_invoice(**COMPANY)
        first, start = pdf_of(invoice), process_time()
        self.assertEqual(pdf_of(Receipt.objects.get(pk=invoice.pk)), first)
        self.assertLess(process_time() - start, 0.1)

    def test_a_country_that_ends_the_address_is_printed_once(self):
        invoice = make_invoice(**COMPANY | {"address": "Höhenweg 2\n1010 Wien, Austria"})
        self.assertEqual(invoice.snapshot["buyer_country"], "")
        self.assertEqual(words_in(pdf_of(invoice))["Austria"], 1)


class DownloadTests(PdfCase):
    def test_only_the_reader_and_staff_get_it(self):
        invoice = make_invoice()
        for user, status in [
            (invoice.payment.user, 200),
            (make_user(), 404),
            (make_staff("subscriptions.view_order"), 404),
            (make_staff("subscriptions.view_payment"), 200),
        ]:
            self.client.force_login(user)
            self.assertEqual(self.client.get(self.url(invoice)).status_code, status)
        self.client.logout()
        self.assertEqual(self.client.get(self.url(invoice)).status_code, 302)

    def test_an_own_payment_does_not_lead_to_the_invoices_of_others(self):
        mine, other = make_invoice(), make_invoice()
        self.client.force_login(mine.payment.user)
        self.assertEqual(self.client.get(self.url(other, mine.payment)).status_code, 404)
        self.assertEqual(self.client.get(self.url(mine)[:-4] + "0.pdf").status_code, 404)

    def test_it_is_a_file_with_the_name_of_the_document(self):
        invoice = make_invoice()
        response = self.download(invoice)
        self.assertEqual(response["Content-Type"], "application/pdf")
        self.assertEqual(response["Content-Disposition"], f'attachment; filename="Invoice {invoice.code}.pdf"')
        self.assertIn("no-store", response["Cache-Control"])
        links = self.page(invoice).xpath("//a[contains(@href, '.pdf')]")
        self.assertEqual(
            [(link.get("href"), link.text) for link in links], [(self.url(invoice), f"Invoice {invoice.code} (PDF)")]
        )

    def test_a_name_that_the_font_lacks_is_on_the_page_and_in_no_pdf(self):
        invoice = make_invoice("Надія")
        self.assertEqual(self.download(invoice).status_code, 404)
        page = self.page(invoice)
        self.assertEqual(page.xpath("//a[contains(@href, '.pdf')]"), [])
        self.assertIn("Надія", page.text_content())


class GermanTests(PdfCase):
    publication = SELLER | {"language": "de"}

    def test_one_word_for_one_document(self):
        invoice = make_invoice()
        refund = make_refund(invoice, 400)
        file = self.download(invoice)
        self.assertEqual(file["Content-Disposition"], f'attachment; filename="Rechnung {invoice.code}.pdf"')
        self.assertIn(
            f"Rechnungskorrektur {refund.receipt.code}.pdf", self.download(refund.receipt)["Content-Disposition"]
        )
        with self.captureOnCommitCallbacks(execute=True):
            emails.receipt(invoice.payment)
            emails.refunded(refund)
        pages = [self.page(invoice).text_content(), *(f"{email.subject} {email.body}" for email in mail.outbox)]
        for text in pages:
            self.assertIn("Rechnung", text)
            self.assertNotRegex(text, "(?i)quittung|beleg|gutschrift|receipt(?!s/)")


class EmailTests(PdfCase):
    def sent(self, send, *args, **kwargs):
        with self.captureOnCommitCallbacks(execute=True):
            send(*args, **kwargs)
        return mail.outbox[-1]

    def test_the_email_about_a_payment_has_its_invoice(self):
        invoice = make_invoice()
        (attached,) = self.sent(emails.receipt, invoice.payment).attachments
        self.assertEqual(attached, (f"Invoice {invoice.code}.pdf", pdf_of(invoice), "application/pdf"))

    def test_the_email_about_a_refund_has_its_credit_note(self):
        refund = make_refund(make_invoice(), 400)
        email = self.sent(emails.refunded, refund)
        self.assertEqual([name for name, *_ in email.attachments], [f"Credit note {refund.receipt.code}.pdf"])

    def test_the_email_about_a_corrected_invoice_names_and_has_all_documents(self):
        wrong = make_invoice()
        email = self.sent(receipts.reissue, receipt=wrong, details=COMPANY)
        note, new = Receipt.objects.exclude(pk=wrong.pk).order_by("number")
        self.assertEqual(email.subject, f"Invoice {new.code} replaces invoice {wrong.code}")
        self.assertIn(f"Invoice {wrong.code} was wrong. Credit note {note.code} cancels it", email.body)
        names = [name for name, *_ in email.attachments]
        self.assertEqual(names, [f"Credit note {note.code}.pdf", f"Invoice {new.code}.pdf"])

    def test_without_a_pdf_the_email_is_sent_all_the_same(self):
        email = self.sent(emails.receipt, make_invoice("李").payment)
        self.assertEqual((email.attachments, email.to), ([], [email.to[0]]))
        self.assertIn("/account/receipts/", email.body)
