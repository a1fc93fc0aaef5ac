"""Journeys from choosing a plan to reading and cancelling."""

from datetime import timedelta

from django.core import mail
from django.core.cache import cache
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format

from subscriptions.models import Cart, CartLine, Grant, Order, Payment, Subscription, User
from subscriptions.services import cart as carts
from subscriptions.services.access import access_for
from subscriptions.services.lifecycle import end_due
from subscriptions.services.sync import mark_paid
from tests.factories import make_paid, make_price, make_user
from tests.subscriptions.journeys import Steps, emails_to, on_demo
from tests.transactions import TransactionTestCase


@on_demo
class JourneyTests(Steps, TransactionTestCase):
    def setUp(self):
        cache.clear()

    def test_a_visitor_becomes_a_subscriber(self):
        price = make_price()
        self.see("subscriptions:plans", text="€9.00")
        self.assertRedirects(self.choose(price), "/cart/")
        self.see("subscriptions:cart", text="Continue to your account")
        self.assertRedirects(self.order(), "/accounts/signup/?next=%2Fcart%2F")
        self.sign_up()
        self.assertRedirects(self.confirm(), "/cart/", fetch_redirect_response=False)
        self.see("subscriptions:cart", text="a confirmation to nadia@example.org")
        order_page = self.order().url
        order = Order.objects.get()
        self.assertEqual(order_page, order.checkout_url)
        self.assertContains(self.client.get(order_page), "Pay")
        paid = self.demo("pay")
        self.assertContains(paid, "Thank you. You’re subscribed.")
        self.assertNotContains(paid, ">Choose<")
        self.assertContains(paid, reverse("mfa_add_webauthn"))
        for step in ("Start reading", "Add a passkey", "Recommend Truthlytics by email"):
            self.assertContains(paid, step)
        user = User.objects.get()
        self.assertEqual((access_for(user, timezone.now()).level, user.display_name), (10, "Nadia Lund"))
        self.see("subscriptions:account", text="Renews on")
        self.assertRegex(
            emails_to(user.email)[-1].subject, r"^Welcome to Truthlytics, with your invoice R-\d{4}-00001$"
        )
        self.see("subscriptions:cart", text="Your cart is currently empty!")

    def start(self, provider="demo"):
        user = make_user()
        self.client.force_login(user)
        self.choose(make_price())
        self.order(provider)
        return user

    def test_declined_payment_then_paid(self):
        user = self.start()
        declined = self.demo("decline")
        self.assertContains(declined, "The payment was declined")
        self.assertNotContains(declined, "Choose")
        self.assertEqual(access_for(user, timezone.now()).level, 1)
        self.see("subscriptions:cart", text="€9.00")
        self.assertContains(self.demo("pay"), "You’re subscribed")
        self.assertEqual(sorted(Payment.objects.values_list("status", flat=True)), ["failed", "succeeded"])

    def test_pending_payment_is_confirmed_later(self):
        user = self.start()
        waiting = self.demo("wait")
        self.assertContains(waiting, "We’re confirming your payment")
        self.assertContains(waiting, 'http-equiv="refresh"')
        self.assertEqual(access_for(user, timezone.now()).level, 1)
        self.assertContains(self.demo("pay"), "You’re subscribed")
        self.assertEqual(Payment.objects.get().status, "succeeded")

    def test_transfer_is_marked_paid(self):
        user = self.start("manual")
        order = Order.objects.get()
        email = emails_to(user.email)[-1]
        self.assertIn(order.number, email.body)
        self.assertIn("DE89", email.body)
        self.see("subscriptions:transfer", order.uuid, text=order.number)
        self.see("subscriptions:order", order.uuid, text="We’re waiting for your transfer")
        self.see("subscriptions:account", text="We’re waiting for your transfer")
        self.assertTrue(mark_paid(order=order, by="Edith"))
        self.assertFalse(mark_paid(order=order, by="Moritz"))
        self.assertEqual(Payment.objects.get().status, "succeeded")
        self.see("subscriptions:order", order.uuid, text="You’re subscribed")

    def test_cancel_and_resume(self):
        user = self.start()
        self.demo("pay")
        subscription = Subscription.objects.get()
        self.see("subscriptions:cancellation", text="you won’t be charged again")
        self.client.post(reverse("subscriptions:cancellation"))
        self.client.post(reverse("subscriptions:cancellation"))
        self.see("subscriptions:account", text="Nothing more will be charged.")
        self.assertEqual(Grant.objects.get().ends_at, subscription.period_end)
        self.assertEqual(len([m for m in emails_to(user.email) if m.subject == mail.outbox[-1].subject]), 1)
        self.client.post(reverse("subscriptions:undoing"))
        self.see("subscriptions:account", text="Renews on")
        self.assertGreater(Grant.objects.get().ends_at, subscription.period_end)
        events = list(subscription.changes.values_list("event", flat=True))
        self.assertEqual(events, ["first_paid", "cancel_requested", "cancel_undone"])

    def test_lapsed_reader_buys_again_at_once(self):
        user = make_user()
        make_paid(user)
        self.client.force_login(user)
        Subscription.objects.update(period_end=timezone.now() - timedelta(hours=1))
        self.see("subscriptions:account", text="Your subscription ended on")
        self.choose(make_price())
        self.order()
        self.assertContains(self.demo("pay"), "You’re subscribed")
        self.assertEqual(sorted(user.subscriptions.values_list("status", flat=True)), ["active", "ended"])
        self.assertIn("Your subscription has ended", [email.subject for email in emails_to(user.email)])

    def test_tick_ends_due_subscriptions_once(self):
        user = make_user()
        end = make_paid(user).period_end
        self.assertEqual(end_due(end + timedelta(hours=35)), 0)
        self.assertEqual(end_due(end + timedelta(days=9)), 1)
        self.assertEqual(end_due(end + timedelta(days=9)), 0)
        ended = Subscription.objects.get()
        self.assertEqual((ended.status, ended.end_reason, ended.ended_at), ("ended", "term_over", end))
        self.assertEqual(access_for(user, end + timedelta(hours=36)).level, 1)

    def test_a_reader_whose_subscription_renews_changes_the_plan_instead(self):
        user = self.start()
        self.demo("pay")
        price = make_price(minor=1200)
        self.assertRedirects(self.choose(price), reverse("subscriptions:change"))
        self.assertFalse(CartLine.objects.filter(cart__status="open").exists())
        carts.add(price=price, token="", user=user)  # chosen before the login, on another device
        self.see("subscriptions:cart", text=f'href="{reverse("subscriptions:change")}"')
        self.assertContains(self.order(), "Your subscription renews automatically.", status_code=409)
        self.assertEqual(Order.objects.count(), 1)

    def test_another_plan_replaces_an_order_without_payment_details(self):
        self.start()
        first = Order.objects.get()
        self.choose(make_price(minor=1200))
        self.order()
        self.assertEqual(Order.objects.get(pk=first.pk).status, "cancelled")
        self.see("subscriptions:order", first.uuid, text="This order was cancelled")

    def test_an_order_by_transfer_empties_the_cart(self):
        self.start("manual")
        order = Order.objects.get()
        page = self.see("subscriptions:cart", text=f"Order {order.number} for €9.00 is waiting for your transfer.")
        self.assertContains(page, order.get_absolute_url())
        self.assertEqual(self.client.cookies["cart"].value, "")
        self.assertEqual(self.order("manual").url, order.checkout_url)
        self.assertEqual(Order.objects.count(), 1)

    def test_the_same_order_again_empties_the_cart_again(self):
        self.start("manual")
        order = Order.objects.get()
        self.choose(order.lines.get().price)
        self.assertEqual(self.order("manual").url, order.checkout_url)
        self.see("subscriptions:cart", text="Your cart is currently empty!")

    def test_an_order_awaiting_a_transfer_is_kept_or_replaced_by_choice(self):
        user = self.start("manual")
        first = Order.objects.get()
        self.choose(make_price(minor=1200))
        self.see("subscriptions:cart", text=f"Keep order {first.number}")
        self.assertContains(self.order("manual"), f"Keep order {first.number}", status_code=409)
        self.assertEqual(Order.objects.get().status, "open")
        kept = self.client.post("/cart/removal/", {"next": first.get_absolute_url()})
        self.assertRedirects(kept, first.get_absolute_url())
        self.choose(make_price(minor=1200))
        self.order("manual", replace=first.number)
        self.assertEqual(Order.objects.get(pk=first.pk).status, "cancelled")
        self.assertEqual(Order.objects.get(status="open").total_minor, 1200)
        self.assertIn(f"Order {first.number} was replaced", [email.subject for email in emails_to(user.email)])
        mark_paid(order=first, by="Edith")
        self.assertEqual(Payment.objects.get().status, "surplus")
        self.assertFalse(Subscription.objects.exists())

    def test_a_subscriber_with_a_filled_cart_logs_in(self):
        user = make_user()
        end = make_paid(user).period_end
        self.choose(make_price())
        page = self.client.get(self.log_in(user, next_url="/cart/").url)
        self.assertContains(page, "Reader, monthly")
        self.assertContains(page, f"Adds one month from {date_format(timezone.localtime(end), 'DATE_FORMAT')}")

    def test_double_click_creates_one_order(self):
        self.start()
        again = self.order()
        self.assertEqual(again.url, Order.objects.get().checkout_url)
        self.assertEqual(Cart.objects.count(), 1)
