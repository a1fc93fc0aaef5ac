"""The cart and ordering."""

from datetime import timedelta
from unittest.mock import patch

from django.core.cache import cache
from django.test import Client, TestCase
from django.urls import reverse
from django.utils import timezone

from subscriptions.models import Cart, CartLine, Order, Price
from tests.factories import make_grant, make_paid, make_plan, make_price, make_user
from tests.subscriptions.journeys import Steps, on_demo

ODD = ["", "0", "-1", "x", "1" * 30, "9" * 19, "1.5", "1\x00", "٣", "\x00", "null", "[]"]


@on_demo
class CartTests(Steps, TestCase):
    def test_viewing_the_cart_creates_nothing(self):
        response = self.see("subscriptions:cart", text="Your cart is currently empty!")
        self.assertContains(response, reverse("subscriptions:plans"))
        self.assertFalse(Cart.objects.exists())
        self.assertNotIn("cart", response.cookies)

    def test_first_add_sets_a_secure_cookie(self):
        response = self.choose(make_price())
        cookie = response.cookies["cart"]
        self.assertEqual(cookie.value, Cart.objects.get().token)
        self.assertEqual((cookie["httponly"], cookie["samesite"]), (True, "Lax"))
        self.assertEqual(cookie["max-age"], 30 * 24 * 3600)
        self.assertFalse(self.has_session)

    def test_cart_costs_one_query_including_header_count(self):
        self.choose(make_price())
        with self.assertNumQueries(6):  # the cart, menus, sections, the agreement, and the legal pages twice
            response = self.client.get("/cart/")
        self.assertContains(
            response,
            '<button type="button" popovertarget="mini-cart">Cart <span class="mini-cart__count">1</span></button>',
            html=True,
        )
        self.assertContains(response, '<a class="cart-link" href="/cart/">Go to checkout</a>')
        self.assertContains(response, "<span>Reader, monthly</span> <b>€9.00</b>", html=True)

    def test_header_makes_no_query_without_a_cookie(self):
        with self.assertNumQueries(3):  # the menus, the legal pages, and the masthead's sections
            response = self.client.get("/cart/")
        self.assertContains(response, '<a class="cart-link" href="/cart/">View cart</a>')
        self.assertContains(response, "<p>Your cart is currently empty!</p>")

    def test_header_shows_the_cart_after_login_on_another_device(self):
        user = make_user()
        self.client.force_login(user)
        self.choose(make_price())
        elsewhere = Client()
        elsewhere.force_login(user)
        self.assertContains(elsewhere.get(reverse("subscriptions:plans")), "Go to checkout")

    def test_another_plan_replaces_the_first(self):
        first, second = make_price(), make_price(minor=9000, interval="year")
        self.choose(first)
        self.choose(second)
        self.choose(second)
        self.assertEqual(CartLine.objects.get().price, second)

    def test_plan_is_removed(self):
        self.choose(make_price())
        self.assertRedirects(self.client.post(reverse("subscriptions:cart_removal")), "/cart/")
        self.assertFalse(CartLine.objects.exists())
        self.client.post(reverse("subscriptions:cart_removal"))

    def test_invalid_price_shows_an_error(self):
        self.choose(make_price())
        for typed in ODD:
            with self.subTest(repr(typed)):
                response = self.client.post(reverse("subscriptions:cart_lines"), {"price": typed})
                self.assertContains(response, "This plan is no longer available.", status_code=422)
        self.assertEqual(CartLine.objects.count(), 1)

    def test_invalid_cookie_is_an_empty_cart(self):
        for cookie in ['"\\000"', "x" * 22, "'; --", '"aaaaaaaaaaaaaaaaaaaaa\\000"', "ü" * 22]:
            with self.subTest(cookie):
                self.client.cookies["cart"] = cookie
                self.see("subscriptions:cart", text="Your cart is currently empty!")

    def test_archived_price_shows_its_successor(self):
        price = make_price()
        self.choose(price)
        Price.objects.update(archived_at=timezone.now())
        page = self.see("subscriptions:cart", text="This plan is no longer on sale.")
        self.assertNotContains(page, "Order and pay")
        successor = make_price(price.plan, minor=1000)
        page = self.see("subscriptions:cart", text="Choose this plan for €10.00")
        self.assertContains(page, "It was €9.00")
        self.choose(successor)
        self.see("subscriptions:cart", text="€10.00")

    def test_changed_price_shows_both_amounts_and_needs_confirmation(self):
        price = make_price()
        self.choose(price)
        Price.objects.update(minor=1100)
        page = self.see("subscriptions:cart", text="It was €9.00 and is now <b>€11.00 a month</b>")
        self.assertNotContains(page, "Order and pay")
        self.log_in(make_user())
        self.assertContains(self.order(), "Your cart has changed", status_code=409)
        self.choose(price)
        self.see("subscriptions:cart", text="€11.00")

    def test_archived_price_is_not_added(self):
        price = make_price(archived_at=timezone.now())
        self.assertContains(self.choose(price), "no longer available", status_code=422)
        make_price(price.plan, minor=1000)
        self.assertContains(self.choose(price), "Reader, monthly now costs €10.00", status_code=422)

    def test_account_cart_is_not_found_by_token(self):
        self.client.force_login(make_user())
        self.choose(make_price())
        self.client.logout()
        self.client.cookies["cart"] = Cart.objects.get().token
        self.see("subscriptions:cart", text="Your cart is currently empty!")

    def test_subscribers_cart_is_kept_at_login(self):
        user = make_paid().user
        self.choose(make_price())
        self.log_in(user)
        self.assertTrue(CartLine.objects.filter(cart__status="open", cart__user=user).exists())

    def test_adding_to_the_cart_is_rate_limited(self):
        price = make_price()
        cache.clear()
        with patch("subscriptions.views.cart.allow", return_value=False):
            self.assertContains(self.choose(price), "Too many changes to your cart.", status_code=429)
        self.assertFalse(Cart.objects.exists())

    def test_old_order_page_leaves_a_new_cart_alone(self):
        user = make_user()
        self.client.force_login(user)
        self.choose(make_price())
        self.order()
        self.demo("pay")
        self.assertEqual(self.client.cookies["cart"].value, "")
        self.client.cookies["cart"] = "n" * 22
        self.client.get(Order.objects.get().get_absolute_url())
        self.assertEqual(self.client.cookies["cart"].value, "n" * 22)

    def test_reader_returns_to_the_article_after_paying(self):
        price = make_price()
        page = self.client.get("/subscribe/?next=/articles/a/")
        self.assertContains(page, '<input type="hidden" name="next" value="/articles/a/">')
        self.client.post(reverse("subscriptions:cart_lines"), {"price": price.pk, "next": "/articles/a/"})
        self.log_in(make_user())
        self.order()
        link = '<a class="button" href="/articles/a/">Continue reading</a>'
        self.assertContains(self.demo("pay"), link, html=True)

    def test_return_path_never_leaves_the_site(self):
        price = make_price()
        for odd in ["https://evil.example/", "//evil.example", "/\\evil.example", "x", "/\x00", "/" + "x" * 300, "/\n"]:
            with self.subTest(repr(odd)):
                self.assertNotContains(self.client.get("/subscribe/", {"next": odd}), 'name="next"')
                self.client.post(reverse("subscriptions:cart_lines"), {"price": price.pk, "next": odd})
                self.assertEqual(Cart.objects.get().back_to, "")

    def test_get_and_put_add_nothing(self):
        self.choose(make_price())
        for name in ["cart_lines", "cart_removal"]:
            self.assertRedirects(self.client.get(reverse(f"subscriptions:{name}")), "/cart/")
        self.assertEqual(CartLine.objects.count(), 1)
        self.assertEqual(self.client.put("/cart/").status_code, 405)


@on_demo
class OrderingTests(Steps, TestCase):
    def test_anonymous_checkout_redirects_to_signup(self):
        self.choose(make_price())
        self.assertRedirects(self.order(), "/accounts/signup/?next=%2Fcart%2F")
        self.assertRedirects(self.client.get("/checkout/"), "/cart/")

    def test_refused_orders_explain_why_and_keep_the_cart(self):
        price, grant_only = make_price(), make_user()
        make_grant(grant_only)
        table = [
            (make_user(verified=False), {}, "Confirm your email address first."),
            (make_user(), {"provider": "stripe"}, "This payment method isn’t available."),
            (make_user(), {"provider": "\x00"}, "This payment method isn’t available."),
            (make_user(), {"confirmed": "1:1:EUR"}, "Your cart has changed since you opened this page."),
        ]
        for user, data, sentence in table:
            with self.subTest(sentence):
                self.client.force_login(user)
                self.choose(price)
                self.assertContains(self.order(**data), sentence, status_code=409)
                self.assertTrue(CartLine.objects.filter(cart__user=user).exists())
        self.assertFalse(Order.objects.exists())

    def test_refused_order_keeps_the_payment_method(self):
        self.log_in(make_user())
        self.choose(make_price())
        for typed, kept in [("manual", "manual"), ("demo", "demo"), ("stripe", "demo")]:
            page = self.order(provider=typed, confirmed="1:1:EUR")
            self.assertContains(page, f'value="{kept}" checked', 1, status_code=409)

    def test_empty_cart_cannot_be_ordered(self):
        self.client.force_login(make_user())
        self.assertContains(self.order(), "Your cart is empty.", status_code=409)

    def test_no_orders_without_a_payment_provider(self):
        self.client.force_login(make_user())
        self.choose(make_price())
        with self.settings(PAYMENT_PROVIDERS=[]):
            self.see("subscriptions:cart", text="Payments aren’t available yet.")
            self.assertContains(self.order(), "Payments aren’t available yet.", status_code=409)

    def test_accepted_terms_are_stored(self):
        self.client.force_login(make_user())
        self.choose(make_price())
        page = self.client.get("/cart/")
        self.order(confirmed=page.context["confirmation"])
        order = Order.objects.get()
        self.assertContains(page, order.consent_text)
        self.assertLess(timezone.now() - order.consented_at, timedelta(minutes=1))
        self.assertEqual((order.total_minor, order.lines.get().description), (900, "Reader, monthly"))

    def test_orders_are_visible_to_their_reader_only(self):
        self.client.force_login(make_user())
        self.choose(make_price())
        self.order("manual")
        order = Order.objects.get()
        pages = ["subscriptions:order", "subscriptions:transfer", "demo:payment"]
        for who in [make_user(), make_user(is_staff=True, is_superuser=True)]:
            self.client.force_login(who)
            for name in pages:
                with self.subTest(name):
                    url = reverse(name, args=[order.uuid])
                    self.assertEqual(self.client.get(url).status_code, 404)
        self.client.logout()
        for name in pages:
            url = reverse(name, args=[order.uuid])
            self.assertRedirects(self.client.get(url), f"/accounts/login/?next={url}")

    def test_demo_payment_accepts_three_outcomes_and_no_transfers(self):
        self.client.force_login(make_user())
        self.choose(make_price())
        self.order("manual")
        self.assertEqual(self.demo("pay").status_code, 404)
        self.choose(make_price())
        self.order("demo", replace=Order.objects.get().number)
        for outcome in ["", "PAY", "\x00", "x" * 10_000]:
            self.assertEqual(self.demo(outcome).status_code, 422)
        with self.settings(DEMO=False):
            self.assertEqual(self.demo("pay").status_code, 404)

    def test_plans_are_shown_in_one_currency(self):
        plan = make_plan()
        make_price(plan)
        make_price(plan, minor=1000, currency="USD")
        make_price(plan, minor=900_000, currency="JPY", interval="year")
        for query, amount in [("", "€9.00"), ("?currency=USD", "$10.00"), ("?currency=jpy", "¥900,000")]:
            with self.subTest(query):
                page = self.client.get(f"/subscribe/{query}")
                self.assertContains(page, amount)
                self.assertEqual(len(page.context["offers"]), 1)
        for odd in ["XXX", "%00", "E" * 5000]:
            self.assertContains(
                self.client.get(f"/subscribe/?currency={odd}"), "We don’t offer prices in that currency."
            )

    def test_no_plans_on_sale(self):
        self.see("subscriptions:plans", text="No plans are on sale at the moment.")
