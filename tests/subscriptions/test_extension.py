"""A subscriber whose subscription does not renew orders the next period before it ends."""

from datetime import timedelta

from django.core.cache import cache
from django.test import TestCase
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format

from subscriptions.models import Grant, Order, Subscription
from subscriptions.periods import add_intervals
from subscriptions.services.access import access_for
from subscriptions.services.lifecycle import cancel
from subscriptions.services.sync import mark_paid
from tests.factories import make_paid, make_plan, make_price, make_subscription, make_tier, make_user
from tests.subscriptions.card_provider import Card, CardMixin
from tests.subscriptions.journeys import Steps


class ExtensionTests(CardMixin, Steps, TestCase):
    def setUp(self):
        super().setUp()
        cache.clear()
        self.user, self.price = make_user(), make_price()
        self.subscription = make_paid(self.user, self.price)
        self.end = self.subscription.period_end
        self.client.force_login(self.user)

    def extend(self, provider="manual", price=None):
        self.choose(price or self.price)
        self.response = self.order(provider)
        return Order.objects.latest("pk")

    def day(self, time):
        return date_format(timezone.localtime(time), "DATE_FORMAT")

    def test_plans_and_cart_say_when_it_begins(self):
        self.see("subscriptions:plans", text=f"until {self.day(self.end)}. What you order now begins on that day.")
        self.choose(self.price)
        page = self.see("subscriptions:cart", text=f"Adds one month from {self.day(self.end)}.")
        self.assertContains(page, "when my current period ends")

    def test_new_period_begins_where_the_old_one_ends(self):
        order = self.extend()
        self.assertEqual((order.kind, order.renews), ("extension", False))
        mark_paid(order=order, by="Edith")
        grant = Grant.objects.get(source_key=str(order.uuid))
        extended = Subscription.objects.get()
        self.assertEqual(grant.starts_at, self.end)
        self.assertEqual(extended.period_end, add_intervals(self.subscription.anchor, "month", 2))
        self.assertEqual(access_for(self.user, self.end + timedelta(days=20)).level, 10)
        page = self.see("subscriptions:order", order.uuid, text="Thank you for staying with us")
        self.assertContains(page, f"runs until {self.day(extended.period_end)}")

    def test_another_plan_begins_with_the_new_period(self):
        supporter = make_price(make_plan(make_tier(20)), minor=1800)
        mark_paid(order=self.extend(price=supporter), by="Edith")
        levels = [access_for(self.user, self.end + timedelta(days=days)).level for days in (-2, 2)]
        self.assertEqual(levels, [10, 20])

    def test_cancelled_subscription_can_be_extended_and_then_continues(self):
        cancel(subscription=self.subscription, now=timezone.now())
        mark_paid(order=self.extend(), by="Edith")
        extended = Subscription.objects.get()
        self.assertEqual((extended.cancel_at, extended.status), (None, "active"))
        self.assertGreater(extended.period_end, self.end)

    def test_paying_by_card_charges_for_the_first_time_when_the_period_ends(self):
        order = self.extend("card")
        self.assertEqual(
            (order.kind, order.renews, order.total_minor, order.subtotal_minor), ("extension", True, 0, 900)
        )
        self.assertEqual(Card.starts, [self.end])
        self.assertIn(f"It begins on {self.day(self.end)}", order.consent_text)
        page = self.client.get(order.get_absolute_url())
        self.assertContains(page, "Continue at Examplepay")
        Card().pay(order.checkout_ref)
        paid = self.client.post(reverse("subscriptions:settle", args=[order.uuid]), follow=True)
        self.assertContains(paid, "Thank you for staying with us")
        self.assertEqual(Subscription.objects.live().get().provider, "card")
        self.assertEqual(access_for(self.user, self.end - timedelta(days=1)).level, 10)

    def test_subscription_whose_period_is_over_is_not_extended(self):
        Subscription.objects.update(period_end=timezone.now() - timedelta(hours=1))
        self.choose(self.price)
        page = self.see("subscriptions:cart", text="A single payment for one month.")
        self.order("manual", confirmed=page.context["confirmation"])
        self.assertEqual(Order.objects.latest("pk").kind, "subscription")

    def test_a_period_can_be_added_twice(self):
        for _ in range(2):
            mark_paid(order=self.extend(), by="Edith")
        self.assertEqual(Subscription.objects.get().period_end, add_intervals(self.subscription.anchor, "month", 3))

    def test_card_subscription_that_was_cancelled_is_resumed_in_the_account(self):
        user = make_user()
        make_subscription(user, provider="card", provider_ref="sub_1", cancel_at=timezone.now() + timedelta(days=5))
        self.client.force_login(user)
        self.choose(self.price)
        page = self.see("subscriptions:cart", text="Resume it in your account")
        self.assertContains(page, f'href="{reverse("subscriptions:account")}">Your account</a></p>')
        self.assertContains(self.order("manual"), "Resume it in your account", status_code=409)

    def test_gift_subscription_is_extended(self):
        user = make_user()
        end = make_subscription(user, provider="gift").period_end
        self.client.force_login(user)
        order = self.extend()
        mark_paid(order=order, by="Edith")
        self.assertEqual(Grant.objects.get(source_key=str(order.uuid)).starts_at, end)
