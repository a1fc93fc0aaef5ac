"""Contracts as readers and publishers meet them: consent, versions of the terms, withdrawing, cancelling."""

import re

from django.core import mail
from django.test import override_settings
from playwright.sync_api import expect

from articles.models import Page
from articles.services.publishing import publish
from subscriptions.models import Declaration, Order, Receipt
from subscriptions.services.sync import mark_paid
from tests.browser.base import BrowserTestCase
from tests.factories import make_member, make_order, make_page, make_price, make_renewing, make_user
from tests.subscriptions.journeys import on_demo
from tests.subscriptions.tax.test_invoices import COMPANY, SELLER
from truthlytics.publication.models import Publication

REVERSE_CHARGE = "Reverse charge: the recipient of the service owes the VAT."


@on_demo
class ContractTests(BrowserTestCase):
    def setUp(self):
        super().setUp()
        self.enterContext(override_settings(SITE_URL=self.live_server_url))
        self.publication = Publication.objects.create(name="The Harbour Review", country="DE")
        self.terms = make_page(slug="agb", purpose="terms", headline="Terms", body="<p>A month costs nine euros.</p>")
        make_page(slug="widerruf", purpose="withdrawal", headline="Withdrawal", body="<p>Within 14 days.</p>")
        self.price, self.user = make_price(), make_user(email="nadia@example.org", display_name="Nadia Lund")
        self.main = self.page.locator("main")

    def press(self, name, **options):
        self.page.get_by_role("button", name=name, **options).click()

    def chooses(self):
        self.page.goto("/subscribe/")
        self.press(re.compile("^Choose"))

    def orders_with_consent(self):
        """Order and pay what is in the cart; the box has to be ticked."""
        self.press(re.compile("^Order and pay"))
        expect(self.page.get_by_role("alert")).to_contain_text("Tick the box to start straight away")
        self.screenshot("consent")
        self.page.get_by_label(re.compile("^Start my subscription now")).check()
        self.press(re.compile("^Order and pay"))
        self.press("Pay", exact=True)
        expect(self.main).to_contain_text("You’re subscribed.")

    def reads_terms(self, order, text):
        self.page.goto(order.get_absolute_url())
        self.main.get_by_role("link", name="Terms").click()
        expect(self.main).to_contain_text(text)
        self.screenshot("terms-of-an-order")

    def withdraws(self):
        self.page.goto("/account/")
        self.screenshot("account")
        self.main.get_by_role("link", name="Withdraw from this contract").click()
        expect(self.main).to_contain_text("We’ll pay back €9.00 within 14 days.")
        self.screenshot("withdrawal")
        self.press("Confirm withdrawal")
        expect(self.page.get_by_text("You have withdrawn from order")).to_be_visible()

    def test_two_orders_with_consent_lead_to_their_own_terms_and_one_is_withdrawn_from(self):
        self.expected = ["409 (Conflict)"]  # An order without consent is refused.
        self.log_in(self.user)
        self.chooses()
        self.orders_with_consent()
        first = Order.objects.get()
        self.assertIn("Start my subscription now", first.start_text)
        self.withdraws()
        self.terms.body = "<p>A month costs ten euros.</p>"
        self.terms.save()
        publish(item=self.terms)
        self.chooses()
        self.orders_with_consent()
        self.reads_terms(first, "nine euros")
        self.reads_terms(Order.objects.latest("pk"), "ten euros")

    def sees(self, *texts):
        for text in texts:
            expect(self.main).to_contain_text(text)

    def test_a_company_abroad_orders_with_consent_and_owes_the_tax(self):
        self.expected = ["409 (Conflict)"]  # An order without consent is refused.
        self.publication.tax_rate = 7
        for name, value in SELLER.items():
            setattr(self.publication, name, value)
        self.publication.save()
        self.log_in(self.user)
        self.chooses()
        self.sees("7% VAT €0.59", "Total including VAT €9.00")
        self.main.get_by_text("Invoice to a company").click()
        for name in ("company", "address", "vat_id"):
            self.main.locator(f"#id_{name}").fill(COMPANY[name])
        self.press("Save these details and show the tax")
        self.sees(f"0% VAT {REVERSE_CHARGE} €0.00", "Total €9.00")
        self.screenshot("company-cart")
        self.orders_with_consent()
        self.sees(REVERSE_CHARGE, "Start my subscription now")
        self.page.goto("/account/payments/")
        self.main.get_by_role("link", name=re.compile("^Invoice")).click()
        self.sees("Invoice R-", "Quay Ltd", "Portside", "Austria", "VAT ID ATU12345675", "VAT ID DE123456788")
        self.sees("Net €9.00", "0% VAT €0.00", "Total €9.00", REVERSE_CHARGE)
        self.screenshot("company-invoice")
        self.assertEqual(Receipt.objects.get().missing_fields, [])

    def fills_in(self, email, contract):
        self.page.get_by_label("Your name").fill("Nadia Lund")
        self.page.locator("#id_email").fill(email)
        self.page.get_by_label(re.compile("[Oo]rder reference")).fill(contract)

    def confirms(self, button):
        """Open the link in the newest confirmation, and press the button of who sent the declaration."""
        links = [re.search(r"https?://\S+/confirmation/", email.body) for email in mail.outbox]
        self.page.goto([found[0] for found in links if found][-1])
        self.screenshot("confirmation")
        self.press(button)

    def test_withdrawing_and_cancelling_without_a_login(self):
        self.publication.immediate_start = "never"
        self.publication.save()
        order = make_order(self.user, self.price, provider="manual")
        mark_paid(order=order, by="an editor")
        self.page.goto("/")
        self.page.get_by_role("link", name="Withdraw from a contract").click()
        self.fills_in("nadia@example.org", order.number)
        self.screenshot("withdraw")
        self.press("Confirm withdrawal")
        expect(self.main).to_contain_text("We have received your withdrawal")
        self.screenshot("declared")
        self.confirms("I sent this: withdraw")
        self.sees("You have withdrawn from order")
        subscription = make_renewing(make_user(email="ada@example.org"))
        self.page.goto("/cancel/")
        self.fills_in("ada@example.org", "monthly")
        self.screenshot("cancel")
        self.press("Cancel now")
        expect(self.main).to_contain_text("We have received your cancellation")
        subscription.refresh_from_db()
        self.assertIsNone(subscription.cancel_at)
        self.confirms("I sent this: cancel")
        self.sees("Your subscription is cancelled.")
        subscription.refresh_from_db()
        self.assertIsNotNone(subscription.cancel_at)
        self.assertEqual(Declaration.objects.exclude(user=None).count(), 2)

    def test_a_page_with_a_placeholder_is_not_published(self):
        page = make_page(slug="impressum", purpose="imprint", published=False, body="<p>[Name and address.]</p>")
        self.log_in(make_member("Publisher"))
        self.page.goto("/admin/")
        expect(self.main).to_contain_text("Pages you need to sell")
        self.screenshot("dashboard")
        self.page.goto(f"/admin/articles/page/{page.pk}/publish/")
        expect(self.main).to_contain_text("is an instruction to you")
        self.screenshot("placeholder")
        expect(self.page.get_by_role("button", name="Publish", exact=True)).to_have_count(0)
        self.assertFalse(Page.objects.published().filter(pk=page.pk).exists())
