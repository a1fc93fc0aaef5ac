"""From the order button to the payment page and back: one order, one payment, nothing changed by looking."""

from datetime import timedelta
from io import StringIO

from django.core.cache import cache
from django.core.management import call_command
from django.test import TestCase
from django.urls import reverse
from django.utils import timezone

from subscriptions.models import Order, Payment, Price, Subscription
from subscriptions.services import cart as carts
from subscriptions.services.stale_orders import close_replaced, settle_open
from tests.factories import make_order, make_price, make_user
from tests.html import page_of, text_of
from tests.subscriptions.card_provider import Card, CardMixin
from tests.subscriptions.journeys import Steps
from truthlytics.publication.models import Publication


class CheckoutCase(CardMixin, Steps, TestCase):
    def setUp(self):
        super().setUp()
        cache.clear()
        self.user = make_user()
        self.client.force_login(self.user)
        self.price = make_price()

    def start(self, provider="card"):
        self.choose(self.price)
        self.response = self.order(provider)
        return Order.objects.latest("pk")

    def post(self, name, order, **options):
        return self.client.post(reverse(f"subscriptions:{name}", args=[order.uuid]), **options)


class OrderPageTests(CheckoutCase):
    def test_the_order_page_links_to_the_payment_page_once(self):
        order = self.start()
        self.assertRedirects(self.response, f"{order.get_absolute_url()}?pay=1")
        page = self.client.get(self.response.url)
        [link] = page_of(page).xpath("//a[@data-follow]")
        self.assertEqual((link.get("href"), text_of(link)), (order.checkout_url, "Pay €9.00 at Examplepay"))
        self.assertContains(page, order.checkout_url, 1)
        self.assertContains(page, "js/checkout.js")
        # Followed on the way there only, so that the Back button leads back.
        self.assertNotContains(self.client.get(order.get_absolute_url()), "data-follow")

    def test_viewing_the_order_page_asks_and_changes_nothing(self):
        order = self.start()
        Card().pay(order.checkout_ref)
        for query in ["", "?returned=1", "?pay=1"]:
            self.client.get(f"{order.get_absolute_url()}{query}")
        order.refresh_from_db()
        self.assertEqual((order.status, order.checked_at), ("open", None))
        with self.assertNumQueries(10):
            self.client.get(order.get_absolute_url())

    def test_returning_reader_is_told_that_the_payment_is_confirmed_and_never_sees_plans(self):
        order = self.start()
        Card().pay(order.checkout_ref)
        page = self.client.get(f"{order.get_absolute_url()}?returned=1")
        self.assertContains(page, "We’re confirming your payment")
        self.assertContains(page, "data-submit")
        self.assertNotContains(page, "See plans</a>.")
        paid = self.post("settle", order, follow=True)
        self.assertContains(paid, "Thank you. You’re subscribed.")
        self.assertContains(paid, "Your subscription renews on")
        self.assertEqual(Subscription.objects.get().user, self.user)

    def test_payment_that_has_not_arrived_is_said_so(self):
        order = self.start()
        page = self.post("settle", order, follow=True)
        self.assertContains(page, "We haven’t received your payment yet.")
        self.assertContains(page, "Pay €9.00 at Examplepay")
        self.assertNotContains(page, "data-submit")

    def test_provider_that_does_not_answer_keeps_order_and_cart(self):
        Card.is_away = True
        order = self.start()
        self.assertContains(self.response, "isn’t responding", status_code=503)
        self.assertContains(self.response, "Reader, monthly", status_code=503)
        self.assertEqual((order.status, order.checkout_ref), ("open", ""))
        Card.is_away = False
        self.assertEqual(self.order("card").url, f"{order.get_absolute_url()}?pay=1")
        Card.is_away = True
        self.assertContains(self.post("settle", order), "can’t check your payment", status_code=503)
        self.assertEqual(Order.objects.count(), 1)

    def test_get_of_settlement_and_restart_changes_nothing(self):
        order = self.start()
        Card().pay(order.checkout_ref)
        for name in ["settle", "restart"]:
            url = reverse(f"subscriptions:{name}", args=[order.uuid])
            self.assertRedirects(self.client.get(url), order.get_absolute_url())
        self.assertFalse(Subscription.objects.exists())

    def test_expired_payment_page_is_started_again(self):
        order = self.start()
        first_url = order.checkout_url
        Card.expired.add(order.checkout_ref)
        page = self.post("settle", order, follow=True)
        self.assertContains(page, "The payment page has expired")
        again = self.post("restart", order)
        order.refresh_from_db()
        self.assertRedirects(again, f"{order.get_absolute_url()}?pay=1")
        self.assertEqual((order.attempt, Order.objects.count()), (2, 1))
        self.assertNotEqual(order.checkout_url, first_url)

    def test_expired_order_of_an_archived_price_is_not_started_again(self):
        order = self.start()
        Card.expired.add(order.checkout_ref)
        self.post("settle", order)
        Price.objects.update(archived_at=timezone.now())
        page = self.post("restart", order, follow=True)
        self.assertContains(page, "This price is no longer offered.")
        self.assertEqual(Order.objects.get().status, "cancelled")

    def test_ordering_again_after_paying_in_another_tab_shows_the_paid_order(self):
        order = self.start()
        Card().pay(order.checkout_ref)
        self.assertRedirects(self.order("manual"), order.get_absolute_url())
        self.assertEqual(list(Order.objects.values_list("status", flat=True)), ["paid"])

    def test_price_archived_while_the_payment_page_is_open_is_still_paid(self):
        order = self.start()
        Price.objects.update(archived_at=timezone.now())
        Card().pay(order.checkout_ref)
        self.assertContains(self.post("settle", order, follow=True), "You’re subscribed")

    def test_other_readers_cannot_settle_or_restart(self):
        order = self.start()
        self.client.force_login(make_user())
        for name in ["settle", "restart"]:
            self.assertEqual(self.post(name, order).status_code, 404)


class ReplacedOrderTests(CheckoutCase):
    def test_checkout_at_the_other_provider_is_closed(self):
        first = self.start("card")
        second = self.start("manual")
        first.refresh_from_db()
        self.assertEqual((first.status, second.status), ("cancelled", "open"))
        self.assertEqual(Card.closed, [first.checkout_ref])
        self.assertIsNotNone(first.checkout_closed_at)

    def test_checkout_that_could_not_be_closed_is_closed_by_tick(self):
        first = self.start("card")
        Card.is_away = True
        self.start("manual")
        first.refresh_from_db()
        self.assertEqual((first.status, first.checkout_closed_at), ("cancelled", None))
        self.assertEqual(close_replaced(timezone.now()), 0)
        Card.is_away = False
        self.assertEqual(close_replaced(timezone.now()), 1)
        self.assertEqual(close_replaced(timezone.now()), 0)
        self.assertEqual(Card.closed, [first.checkout_ref])

    def test_payment_of_a_replaced_order_is_surplus_and_its_contract_ended(self):
        first = self.start("card")
        Card.is_away = True
        self.start("manual")
        Card.is_away = False
        Card().pay(first.checkout_ref)
        close_replaced(timezone.now())
        self.assertEqual(list(Payment.objects.values_list("status", flat=True)), ["surplus"])
        self.assertFalse(Subscription.objects.live().exists())

    def test_changed_price_needs_a_new_click(self):
        self.choose(self.price)
        shown = self.client.get("/cart/").context["confirmation"]
        Price.objects.update(minor=1100)
        self.choose(self.price)  # in another tab
        page = self.order("card", confirmed=shown)
        self.assertContains(page, "Your cart has changed", status_code=409)
        self.assertContains(page, "€11.00", status_code=409)
        self.assertFalse(Order.objects.exists())


class OpenOrderTests(CheckoutCase):
    def test_tick_settles_an_order_whose_reader_closed_the_tab(self):
        order = self.start()
        Card().pay(order.checkout_ref)
        self.assertEqual(settle_open(timezone.now()), 0)  # its reader is still on the way
        self.assertEqual(settle_open(timezone.now() + timedelta(hours=1)), 1)
        self.assertEqual(Subscription.objects.get().user, self.user)

    def test_open_order_is_asked_about_less_often_later(self):
        order, now = self.start(), timezone.now()
        for checked, placed, asked in [(20, 1, True), (5, 1, False), (60, 48, False), (60 * 13, 48, True)]:
            with self.subTest(checked=checked, placed=placed):
                before = now - timedelta(minutes=checked)
                Order.objects.update(checked_at=before, placed_at=now - timedelta(hours=placed))
                settle_open(now)
                order.refresh_from_db()
                self.assertEqual(order.checked_at != before, asked)

    def test_provider_that_does_not_answer_stops_no_other_order(self):
        self.start()
        make_order(provider="manual")
        Card.is_away = True
        settle_open(timezone.now() + timedelta(hours=1))
        self.assertEqual(Order.objects.exclude(checked_at=None).get().provider, "manual")

    def test_abandoned_order_is_cancelled_once_its_checkout_has_expired(self):
        order, now = self.start(), timezone.now()
        settle_open(now + timedelta(days=4))
        self.assertEqual(Order.objects.get().status, "open")
        Card.expired.add(order.checkout_ref)
        settle_open(now + timedelta(days=6))
        self.assertEqual(Order.objects.get().status, "cancelled")
        page = self.client.get(order.get_absolute_url())
        self.assertContains(page, "This order was cancelled")

    def test_tick_settles_open_and_closes_replaced_orders(self):
        first = self.start("card")
        Order.objects.update(status="cancelled")
        second = self.start("card")
        Order.objects.filter(pk=second.pk).update(placed_at=timezone.now() - timedelta(hours=1))
        Card().pay(second.checkout_ref)
        call_command("tick", stdout=StringIO())
        self.assertEqual(Card.closed, [first.checkout_ref])
        self.assertEqual(Order.objects.get(pk=second.pk).status, "paid")


class TermsTests(CheckoutCase):
    def test_cart_says_what_happens_with_each_payment_method(self):
        self.choose(self.price)
        page = self.client.get("/cart/")
        self.assertContains(page, "Renews monthly for €9.00 until you cancel.")
        self.assertContains(page, "A single payment for one month. Does not renew.")
        self.assertContains(page, "Order and pay")

    def test_nothing_is_said_of_tax_by_publishers_without_a_rate(self):
        Publication.objects.create(tax_id="GB 123")
        self.choose(self.price)
        for page in ("/cart/", "/subscribe/"):
            self.assertNotIn(" tax", self.client.get(page).content.decode())

    def test_cart_costs_few_queries_for_a_reader(self):
        self.choose(self.price)
        with self.assertNumQueries(12):  # one of them about the agreement, two about legal pages
            self.client.get("/cart/")

    def test_order_stores_what_was_accepted(self):
        order = self.start()
        self.assertEqual((order.renews, order.total_minor, order.kind), (True, 900, "subscription"))
        self.assertIn("It costs €9.00 a month and renews until I cancel.", order.consent_text)
        order = self.start("manual")
        self.assertFalse(order.renews)
        self.assertIn("It does not renew, and I won’t be charged again.", order.consent_text)

    def test_order_remembers_the_article_that_the_reader_came_from(self):
        carts.add(price=self.price, token="", user=self.user, back_to="/articles/a/")
        self.order("card")
        self.assertEqual(Order.objects.get().came_from, "/articles/a/")
