"""Every place that shows a price says the same about its tax."""

from datetime import date

from django.core import mail
from django.test import TestCase, override_settings
from django.urls import reverse
from django.utils import translation

from subscriptions import emails
from subscriptions.models import Cart, Order, Payment, Receipt
from subscriptions.providers.base import PaymentState
from subscriptions.services.fulfilment import record_payment
from subscriptions.services.taxation import profile_of, tax_payment
from tests.factories import (
    make_article,
    make_order,
    make_paid,
    make_price,
    make_renewing,
    make_subscription,
    make_user,
)
from tests.html import page_of, text_of
from tests.subscriptions.journeys import Steps, on_demo
from tests.subscriptions.tax.test_computing import SCHEME, make_publication
from truthlytics.publication.countries import country_choices
from truthlytics.publication.current import forget_publication
from truthlytics.publication.models import Publication
from truthlytics.publication.tax_rates import TaxRate

# Pages and emails are read with plain spaces.
INCLUDED = "including 7% VAT"
TICKED = r'name="start"\s+value="1"\s+required\s+checked'
COMPANY = {"company": "Quay Ltd", "address": "1 Quay\nPortside", "vat_id": "atu 12345675"}


@on_demo
class PlacesTestCase(Steps, TestCase):
    @classmethod
    def setUpTestData(cls):
        cls.publication = make_publication(legal_address="1 Harbour Street\nHamburg", vat_id="DE123456788")
        cls.user = make_user(display_name="Nadia Lund")
        cls.price = make_price()

    def setUp(self):
        self.client.force_login(self.user)

    def page(self, url):
        return text_of(page_of(self.client.get(url)))

    def last_email(self):
        return " ".join(mail.outbox[-1].body.split())


class SentenceTests(PlacesTestCase):
    def test_plans_say_it_with_each_price(self):
        self.assertIn(f"€9.00 a month, {INCLUDED}", self.page("/subscribe/"))

    def test_the_gate_says_it(self):
        self.client.logout()
        article = make_article(required_level=10)
        self.assertIn(f"€9.00 a month, {INCLUDED}.", self.page(article.get_absolute_url()))

    def test_the_gate_ends_with_one_full_stop(self):
        self.client.logout()
        article = make_article(required_level=10)
        Publication.objects.update(small_business=True, small_business_note=SCHEME)
        forget_publication()
        page = self.page(article.get_absolute_url())
        self.assertIn(f"€9.00 a month. {SCHEME}", page)
        self.assertNotIn(f"{SCHEME}.", page)

    def test_the_cart_has_net_tax_and_gross(self):
        self.choose(self.price)
        page = self.page("/cart/")
        for words in ("Net €8.41", "7% VAT €0.59", "Total including VAT €9.00", "Order and pay"):
            self.assertIn(words, page)

    def test_orders_transfers_and_their_email_say_it(self):
        with self.captureOnCommitCallbacks(execute=True):
            order = make_order(self.user, self.price, provider="manual")
        self.assertEqual((order.net.minor, order.tax_minor, order.tax_rate, order.country), (841, 59, 700, "DE"))
        for words in ("Net €8.41", "7% VAT €0.59"):
            self.assertIn(words, self.page(order.get_absolute_url()))
        self.assertIn(f"€9.00 {INCLUDED}", self.page(order.checkout_url))
        self.assertIn(f"Amount: €9.00 ({INCLUDED})", self.last_email())
        self.assertIn(f"For: {self.price.description}", self.last_email())

    def test_receipts_and_their_email_have_net_rate_and_tax(self):
        with self.captureOnCommitCallbacks(execute=True):
            make_paid(self.user, self.price)
        payment = Payment.objects.get()
        self.assertEqual((payment.net.minor, payment.tax_minor, payment.tax_rate), (841, 59, 700))
        receipt = Receipt.objects.get()
        self.assertEqual(
            (receipt.gross_minor, receipt.tax_minor, receipt.tax_rate, receipt.country), (900, 59, 700, "DE")
        )
        page = self.page(payment.get_absolute_url())
        for words in ("Invoice R-", "1 at €8.41 net", "Net €8.41", "7% VAT €0.59", "Total €9.00"):
            self.assertIn(words, page)
        for words in ("Net: €8.41", "7% VAT: €0.59", "Paid: €9.00"):
            self.assertIn(words, self.last_email())

    def test_the_account_and_changes_of_plan_say_it(self):
        subscription = make_subscription(self.user, price=self.price, provider_ref="sub")
        yearly = make_price(self.price.plan, minor=9000, interval="year")
        self.assertIn(f"€9.00 a month, {INCLUDED}", self.page("/account/"))
        self.assertIn(f"€90.00 a year, {INCLUDED}", self.page("/account/plan/"))
        page = self.page(reverse("subscriptions:change_to", args=[yearly.pk]))
        for words in ("The price includes 7% VAT.", "for €90.00 a year"):
            self.assertIn(words, page)
        with self.captureOnCommitCallbacks(execute=True):
            emails.renewal_ahead(subscription)
        self.assertIn("The price includes 7% VAT.", self.last_email())

    def test_gifts_say_it(self):
        page = self.page(reverse("subscriptions:give"))
        for words in (f"€9.00 {INCLUDED}", "The price includes 7% VAT.", "Order and pay"):
            self.assertIn(words, page)

    def test_under_the_small_business_scheme_its_sentence_stands_everywhere(self):
        self.publication.small_business, self.publication.small_business_note = True, SCHEME
        self.publication.save()
        self.choose(self.price)
        make_paid(make_user(), self.price)
        with self.captureOnCommitCallbacks(execute=True):
            order = make_order(self.user, self.price, provider="manual")
        self.choose(self.price)
        self.client.force_login(Payment.objects.get().user)
        receipt = self.page(Payment.objects.get().get_absolute_url())
        self.client.force_login(self.user)
        pages = [self.page(url) for url in ("/subscribe/", "/cart/", order.get_absolute_url(), order.checkout_url)]
        for page in [*pages, receipt, self.last_email()]:
            self.assertIn(SCHEME, page)
            self.assertNotIn("including", page)
        self.assertEqual((order.tax_minor, order.tax_rate, order.tax_kind), (0, None, "small_business"))

    def test_in_german(self):
        self.publication.language = "de"
        self.publication.save()
        self.assertIn("9,00 € im Monat, inkl. 7 % MwSt.", self.page("/subscribe/"))
        self.choose(self.price)
        for words in ("Netto 8,41 €", "7 % MwSt. 0,59 €"):
            self.assertIn(words, self.page("/cart/"))

    def test_a_later_change_of_the_rate_changes_nothing_that_was_sold(self):
        make_paid(self.user, self.price)
        url = Payment.objects.get().get_absolute_url()
        before = self.page(url)
        self.publication.tax_rate = 19
        self.publication.save()
        self.assertEqual(self.page(url), before)
        self.assertEqual(Order.objects.get().tax_text, INCLUDED)


class BillingTests(PlacesTestCase):
    def buy(self, **details):
        self.choose(self.price)
        return self.order("manual", **details)

    def test_companies_abroad_get_a_reverse_charge_without_a_word_about_countries(self):
        self.choose(self.price)
        self.assertNotContains(self.client.get("/cart/"), 'name="country"')
        self.buy(**COMPANY)
        order = Order.objects.get()
        self.assertEqual((order.company, order.vat_id, order.country), ("Quay Ltd", "ATU12345675", "AT"))
        self.assertEqual((order.total_minor, order.tax_minor, order.tax_kind), (900, 0, "reverse_charge"))
        self.assertIn("Reverse charge", self.page(order.get_absolute_url()))

    def test_the_country_is_asked_where_the_table_needs_it(self):
        TaxRate.objects.create(country="FR", rate="5.50", valid_from=date(2026, 1, 1))
        self.choose(self.price)
        self.assertContains(self.client.get("/cart/"), '<option value="DE" selected>Germany</option>')
        self.buy(country="FR", company="", address="", vat_id="")
        order = Order.objects.get()
        self.assertEqual((order.country, order.tax_rate, order.tax_minor), ("FR", 550, 47))
        self.assertIn("including 5.5% VAT", self.page("/subscribe/"))

    def test_wrong_details_are_refused_and_kept(self):
        for details, error in [
            ({"vat_id": "ATU1"}, "This is not a valid VAT ID (Austria)"),
            ({"vat_id": "12345"}, "begins with the two letters"),
            ({"vat_id": "DE12345678é"}, "begins with the two letters"),
            ({"address": ""}, "Enter the address of the company"),
            ({"company": ""}, "Enter the name of the company"),
        ]:
            with self.subTest(details):
                response = self.buy(**COMPANY | details)
                self.assertContains(response, error, status_code=422)
                self.assertContains(
                    response, "Portside" if details.get("address", "x") else "Quay Ltd", status_code=422
                )
        self.assertFalse(Order.objects.exists())
        self.assertIsNone(profile_of(self.user))

    def test_a_country_other_than_that_of_the_vat_id_is_refused(self):
        TaxRate.objects.create(country="FR", rate="5.50", valid_from=date(2026, 1, 1))
        self.assertContains(self.buy(country="FR", **COMPANY), "The VAT ID is of another country", status_code=422)

    def test_details_can_be_saved_alone_and_change_the_tax_in_the_cart(self):
        self.choose(self.price)
        response = self.client.post("/account/billing/", COMPANY | {"next": "/cart/"})
        self.assertRedirects(response, "/cart/")
        page = self.page("/cart/")
        self.assertIn("0% VAT", page)
        self.assertIn("Reverse charge", page)
        self.assertContains(self.client.get("/account/"), "Quay Ltd")

    def test_saving_the_details_in_the_cart_keeps_what_was_chosen(self):
        self.publication.immediate_start = Publication.ImmediateStart.ALWAYS
        self.publication.save()
        self.choose(self.price)
        response = self.client.post("/cart/billing/", COMPANY | {"provider": "manual", "start": "1"})
        self.assertIn("Reverse charge", text_of(page_of(response)))
        self.assertRegex(response.text, TICKED)
        self.assertEqual(profile_of(self.user).vat_id, "ATU12345675")
        response = self.client.post("/cart/billing/", COMPANY | {"vat_id": "ATU1", "start": "1"})
        self.assertContains(response, "This is not a valid VAT ID", status_code=422)
        self.assertRegex(response.text, TICKED)

    def test_visitors_enter_a_company_before_they_have_an_account(self):
        self.client.logout()
        self.choose(self.price)
        response = self.client.post("/cart/billing/", COMPANY)
        self.assertIn("Reverse charge", text_of(page_of(response)))
        self.assertIn("Reverse charge", self.page("/cart/"))
        self.log_in(self.user)
        self.assertEqual(profile_of(self.user).company, "Quay Ltd")
        self.assertEqual(Cart.objects.get().company, "")
        self.order("manual")
        self.assertEqual(Order.objects.get().tax_kind, "reverse_charge")

    def test_what_a_visitor_entered_is_kept_when_they_order(self):
        self.client.logout()
        self.choose(self.price)
        self.assertEqual(self.order("manual", **COMPANY | {"vat_id": "ATU1"}).status_code, 422)
        self.assertRedirects(self.order("manual", **COMPANY), "/accounts/signup/?next=%2Fcart%2F")
        self.assertEqual(Cart.objects.get().company, "Quay Ltd")
        self.log_in(self.user)
        self.assertContains(self.client.get("/cart/"), "Quay Ltd")

    def test_a_document_is_called_the_same_everywhere(self):
        make_paid(self.user, self.price)
        receipt = Receipt.objects.get()
        self.assertEqual(receipt.title, f"Invoice {receipt.code}")
        for url in ("/account/", "/account/payments/", receipt.payment.get_absolute_url()):
            self.assertIn(receipt.title, self.page(url))
        with self.captureOnCommitCallbacks(execute=True):
            emails.receipt(receipt.payment)
        self.assertIn(receipt.title, self.last_email())

    def test_an_open_order_follows_the_details(self):
        self.buy()
        self.assertEqual(Order.objects.get().tax_minor, 59)
        self.buy(**COMPANY)
        order = Order.objects.get()
        self.assertEqual((order.tax_minor, order.company), (0, "Quay Ltd"))

    def test_renewals_have_the_details_of_their_day(self):
        subscription = make_renewing(self.user, self.price)
        self.client.post("/account/billing/", COMPANY)
        order = Order.objects.get()
        state = PaymentState("later", "succeeded", order.total, paid_at=order.paid_at)
        payment = Payment(
            user=self.user, subscription=subscription, minor=900, currency="EUR", recorded_at=order.paid_at
        )
        tax_payment(payment, order, reported=state.tax)
        self.assertEqual((payment.company, payment.tax_kind), ("Quay Ltd", "reverse_charge"))
        self.assertEqual(Payment.objects.get().tax_kind, "rate")

    def test_gifts_take_the_details_too(self):
        data = {"price": self.price.pk, "provider": "manual", **COMPANY}
        self.client.post(reverse("subscriptions:give"), data)
        self.assertEqual(Order.objects.get().company, "Quay Ltd")
        response = self.client.post(reverse("subscriptions:give"), data | {"vat_id": "ATU1", "recipient_name": "Per"})
        self.assertContains(response, "This is not a valid VAT ID", status_code=422)
        self.assertContains(response, "Per", status_code=422)

    def test_nothing_is_asked_before_a_tax_is_configured(self):
        self.publication.tax_rate, self.publication.country = None, ""
        self.publication.save()
        self.choose(self.price)
        self.assertNotContains(self.client.get("/cart/"), "Invoice to a company")
        self.assertEqual(self.client.get("/account/billing/").status_code, 404)

    def test_coupons_reduce_net_and_tax(self):
        order = make_order(self.user, self.price, provider="manual")
        order.total_minor = 600
        state = PaymentState(order.checkout_ref, "succeeded", order.total, paid_at=order.placed_at)
        Order.objects.filter(pk=order.pk).update(total_minor=600, discount_minor=300)
        payment = record_payment(order=order, state=state, now=order.placed_at)
        self.assertEqual((payment.net.minor, payment.tax_minor), (561, 39))
        snapshot = Receipt.objects.get().snapshot
        self.assertEqual((snapshot["net"], snapshot["unit_net"], snapshot["discount"]), ("€5.61", "€8.41", "−€3.00"))


@override_settings(STRIPE_AUTOMATIC_TAX=True)
class AutomaticTaxTests(PlacesTestCase):
    def test_the_figure_of_the_provider_wins(self):
        order = make_order(self.user, self.price)
        self.assertEqual((order.tax_text, order.tax_minor), ("including tax", 0))
        state = PaymentState(order.checkout_ref, "succeeded", order.total, paid_at=order.placed_at, tax=144)
        payment = record_payment(order=order, state=state, now=order.placed_at)
        self.assertEqual((payment.tax_kind, payment.tax_minor, payment.tax_rate), ("provider", 144, None))

    def test_bank_transfers_claim_nothing(self):
        order = make_order(self.user, self.price, provider="manual")
        self.assertEqual((order.tax_text, order.tax_minor), ("", 0))
        self.assertNotIn("including", self.page(order.checkout_url))


class WordingTests(TestCase):
    def test_german_names_of_countries_sort_without_accents(self):
        with translation.override("de"):
            names = [name for _code, name in country_choices()]
        self.assertLess(names.index("Österreich"), names.index("Panama"))
