"""What an order agrees to: the versions of the legal pages, and an immediate start."""

from django.core import mail
from django.test import TestCase
from django.urls import reverse
from django.utils import timezone

from articles.models import Page
from articles.services.publishing import publish, withdraw
from subscriptions.models import Gift, Order
from subscriptions.services.sync import mark_paid
from tests.factories import make_member, make_order, make_page, make_plan, make_price, make_user
from tests.html import page_of, text_of
from tests.subscriptions.card_provider import CardMixin
from tests.subscriptions.journeys import Steps
from truthlytics.publication.models import Publication


class AgreementTests(CardMixin, Steps, TestCase):
    def setUp(self):
        super().setUp()
        self.terms = make_page(
            slug="agb", purpose="terms", headline="Terms", body="<p>You pay <strong>nine</strong>.</p>"
        )
        make_page(slug="widerruf", purpose="withdrawal", headline="Withdrawal", body="<p>Within 14 days.</p>")
        self.user = make_user()
        self.client.force_login(self.user)

    def change_terms(self, text="<p>You pay ten.</p>"):
        self.terms.body = text
        self.terms.save()
        publish(item=self.terms)

    def test_each_order_leads_to_the_versions_that_were_public_then(self):
        first = make_order(self.user, provider="manual")
        self.change_terms()
        mark_paid(order=first, by="an editor")
        second = make_order(self.user, provider="manual")
        withdraw(item=self.terms)
        for order, text in [(first, "<strong>nine</strong>"), (second, "You pay ten.")]:
            page = self.client.get(order.get_absolute_url())
            url = reverse("subscriptions:order_terms", args=[order.uuid])
            self.assertContains(page, f'href="{url}"')
            self.assertContains(self.client.get(url), text)
        self.assertContains(
            self.client.get(reverse("subscriptions:order_withdrawal_notice", args=[second.uuid])), "Within 14 days."
        )
        self.client.force_login(make_member("Publisher"))
        newsroom = self.client.get(reverse("admin:subscriptions_order_change", args=[first.pk]))
        self.assertContains(newsroom, "<strong>nine</strong>")

    def test_an_order_that_awaits_a_transfer_is_confirmed_again_under_new_terms(self):
        price = make_price()

        def order():
            with self.captureOnCommitCallbacks(execute=True):
                return make_order(self.user, price, provider="manual")

        first = order()
        self.assertEqual(order(), first)
        self.assertEqual(len(mail.outbox), 1)
        self.change_terms()
        order()
        again = order()
        self.assertEqual((again, again.terms_version), (first, self.terms.versions.latest("pk")))
        self.assertEqual(len(mail.outbox), 2)
        self.assertNotIn("You pay ten.", mail.outbox[0].body)
        self.assertIn("You pay ten.", mail.outbox[1].body)

    def test_the_texts_of_an_order_are_for_its_reader_only(self):
        order = make_order(provider="manual")
        for name in ("order_terms", "order_withdrawal_notice"):
            self.assertEqual(self.client.get(reverse(f"subscriptions:{name}", args=[order.uuid])).status_code, 404)

    def test_without_such_pages_nothing_is_stored(self):
        Page.objects.update(purpose="")
        order = make_order(self.user, provider="manual")
        self.assertIsNone(order.terms_version)
        self.assertEqual(self.client.get(reverse("subscriptions:order_terms", args=[order.uuid])).status_code, 404)

    def test_texts_that_changed_meanwhile_are_shown_before_the_order(self):
        self.choose(make_price())
        confirmed = page_of(self.client.get("/cart/")).xpath("//input[@name='confirmed']/@value")[0]
        self.change_terms()
        self.assertContains(self.order("manual", confirmed=confirmed), "Your cart has changed", status_code=409)

    def test_the_order_emails_hold_the_texts(self):
        with self.captureOnCommitCallbacks(execute=True):
            order = make_order(self.user, provider="manual")
        with self.captureOnCommitCallbacks(execute=True):
            mark_paid(order=order, by="an editor")
        self.assertEqual(len(mail.outbox), 2)
        for email in mail.outbox:
            for text in ("You pay nine.", "Within 14 days."):
                self.assertIn(text, email.body)
            self.assertIn("You pay <strong>nine</strong>.", email.alternatives[0].content)


class ImmediateStartTests(CardMixin, Steps, TestCase):
    ASKED = "Start my subscription now, before the 14-day withdrawal period ends."

    @classmethod
    def setUpTestData(cls):
        cls.publication = Publication.objects.create(country="DE")
        cls.price, cls.user = make_price(), make_user()

    def setUp(self):
        super().setUp()
        self.client.force_login(self.user)
        self.choose(self.price)

    def test_a_visitor_ticks_the_box_once_and_orders_once(self):
        self.settings(immediate_start="always")
        self.client.logout()
        self.client.post("/cart/lines/", {"price": make_price().pk})
        cart = self.client.get("/cart/")
        self.assertContains(cart, "Continue to your account")
        self.assertNotIn("Order and pay", [text_of(button) for button in page_of(cart).iter("button")])
        provider = cart.context["chosen"]
        self.client.post("/checkout/", {"provider": provider, "confirmed": cart.context["confirmation"], "start": "1"})
        self.assertFalse(Order.objects.exists())
        self.client.force_login(make_user())
        self.choose(self.price)
        self.assertRegex(self.client.get("/cart/").text, r'name="start"[^>]*checked')
        self.settings(immediate_start_text="Another sentence.")
        self.assertNotRegex(self.client.get("/cart/").text, r'name="start"[^>]*checked')

    def settings(self, **fields):
        for name, value in fields.items():
            setattr(self.publication, name, value)
        self.publication.save()

    def test_it_is_asked_in_the_eu_unless_the_settings_say_otherwise(self):
        for fields, asked in [
            ({}, True),
            ({"country": "CH"}, False),
            ({"immediate_start": "always"}, True),
            ({"country": "DE", "immediate_start": "never"}, False),
            ({"country": "", "immediate_start": "eu"}, False),
        ]:
            with self.subTest(fields):
                self.settings(**fields)
                self.assertIs(self.ASKED in self.client.get("/cart/").content.decode(), asked)

    def test_an_order_without_it_is_refused_and_one_with_it_stores_sentence_and_time(self):
        refused = self.order("manual")
        self.assertContains(refused, "Tick the box to start straight away", status_code=409)
        self.assertContains(refused, "Tick this box to order.", status_code=409)
        self.assertFalse(Order.objects.exists())
        before = timezone.now()
        with self.captureOnCommitCallbacks(execute=True):
            self.order("manual", start="1")
        order = Order.objects.get()
        self.assertEqual(order.start_text, self.ASKED)
        self.assertGreaterEqual(order.start_agreed_at, before)
        self.assertIn(self.ASKED, mail.outbox[-1].body)

    def test_the_sentence_and_what_it_costs_are_settings(self):
        self.settings(withdrawal_refund="unused")
        self.assertContains(self.client.get("/cart/"), "If I withdraw, I pay for the days until then.")
        self.settings(immediate_start_text="Begin now.")
        self.assertContains(self.client.get("/cart/"), "Begin now.")

    def test_a_gift_is_ordered_with_it_too(self):
        data = {"price": self.price.pk, "provider": "card"}
        response = self.client.post(reverse("subscriptions:give"), data)
        self.assertContains(response, "Tick the box to start straight away.", status_code=422)
        self.client.post(reverse("subscriptions:give"), data | {"start": "on"})
        self.assertEqual(Gift.objects.get().order.start_text, self.ASKED)

    def test_publishers_change_it_in_the_browser(self):
        self.client.force_login(make_member("Publisher"))
        url = reverse("admin:truthlytics_contractsettings_change", args=[1])
        data = {"immediate_start": "always", "immediate_start_text": "Start  it.", "withdrawal_refund": "unused"}
        data["cancellation_notice"] = "month"
        self.assertContains(self.client.post(url, data, follow=True), "Your settings are saved and live.")
        self.publication.refresh_from_db()
        self.assertEqual(self.publication.immediate_start_text, "Start it.")

    def test_a_free_trial_is_asked_too(self):
        self.choose(make_price(make_plan(trial_days=7)))
        self.assertContains(self.order("card"), "Tick the box", status_code=409)
