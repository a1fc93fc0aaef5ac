"""Where new subscriptions began: a campaign in the address of a page, which says nothing about the reader."""

from datetime import timedelta

from django.core.cache import cache
from django.test import TestCase
from django.urls import reverse
from django.utils import timezone

from subscriptions import reports
from subscriptions.models import Cart, Order
from subscriptions.services import cart as carts
from subscriptions.services.sync import mark_paid
from tests.factories import make_order, make_payment, make_price, make_user
from tests.html import page_of
from tests.subscriptions.journeys import Steps

CAMPAIGN = "weekly-2026-11-29"
GARBAGE = ["", "x" * 101, "inés", "a b", "reader@example.org", "a/b", "<b>", "\x00", "a\n", "٣"]


class CampaignCase(Steps, TestCase):
    @classmethod
    def setUpTestData(cls):
        cls.price = make_price()

    def setUp(self):
        cache.clear()  # rate limits

    def plans(self, query="", referrer=""):
        return self.client.get(f"{reverse('subscriptions:plans')}{query}", headers={"referer": referrer})

    def campaign_in(self, page):
        return [field.get("value") for field in page_of(page).xpath("//form//input[@name='campaign']")]


class PlansTests(CampaignCase):
    def test_plans_pass_on_the_campaign_of_their_own_address(self):
        page = self.plans(f"?campaign={CAMPAIGN}")
        self.assertEqual(self.campaign_in(page), [CAMPAIGN])
        self.assertNotIn("cart", page.cookies)
        self.assertFalse(self.has_session)

    def test_plans_take_it_from_the_page_whose_link_led_there(self):
        article = f"http://testserver/articles/a/?campaign={CAMPAIGN}"
        for query, referrer, expected in [
            ("", article, [CAMPAIGN]),
            ("?next=/articles/a/", article, [CAMPAIGN]),
            ("?campaign=other", article, ["other"]),
            ("?campaign=", article, []),
            ("", f"https://other.example/?campaign={CAMPAIGN}", []),
            ("", "http://testserver/articles/a/", []),
            ("", "http://[x/?campaign=a", []),
            ("", "", []),
        ]:
            with self.subTest(query=query, referrer=referrer):
                self.assertEqual(self.campaign_in(self.plans(query, referrer)), expected)

    def test_other_currencies_keep_it(self):
        make_price(currency="USD")
        self.assertContains(self.plans(f"?campaign={CAMPAIGN}"), f"?currency=USD&amp;campaign={CAMPAIGN}")

    def test_only_slugs_are_taken(self):
        for text in GARBAGE:
            with self.subTest(repr(text)):
                page = self.client.get(reverse("subscriptions:plans"), {"campaign": text})
                self.assertEqual(self.campaign_in(page), [])
                self.client.post(reverse("subscriptions:cart_lines"), {"price": self.price.pk, "campaign": text})
                self.assertEqual(Cart.objects.get().campaign, "")


class CartTests(CampaignCase):
    def add(self, **data):
        self.client.post(reverse("subscriptions:cart_lines"), {"price": self.price.pk, **data})
        return Cart.objects.get()

    def test_the_order_keeps_the_campaign_of_a_visitor_who_then_logs_in(self):
        self.assertEqual(self.add(campaign=CAMPAIGN).campaign, CAMPAIGN)
        self.log_in(make_user())
        self.order("manual")
        self.assertEqual(Order.objects.get().campaign, CAMPAIGN)

    def test_another_plan_keeps_it_and_an_emptied_cart_does_not(self):
        self.add(campaign=CAMPAIGN)
        self.assertEqual(self.add().campaign, CAMPAIGN)
        self.assertEqual(self.add(campaign="other").campaign, "other")
        self.client.post(reverse("subscriptions:cart_removal"))
        self.assertEqual(self.add().campaign, "")


class ReportTests(CampaignCase):
    def place(self, campaign=CAMPAIGN, user=None, **fields):
        user = user or make_user()
        carts.add(price=self.price, token="", user=user, campaign=campaign)
        order = make_order(user, self.price, provider="manual")
        Order.objects.filter(pk=order.pk).update(**fields)
        return order

    def paid(self, *args, **fields):
        order = self.place(*args, **fields)
        mark_paid(order=order, by="an editor")
        return order

    def test_only_paid_subscriptions_of_the_campaign_count(self):
        self.paid()
        self.paid()
        self.paid("other")
        self.place()
        now, user = timezone.now(), make_user()
        values = {"placed_at": now, "consented_at": now, "paid_at": now, "provider": "demo", "currency": "EUR"}
        gift = Order.objects.create(kind="gift", campaign=CAMPAIGN, status="paid", total_minor=900, user=user, **values)
        make_payment(order=gift, user=user)
        # A free trial that its provider charges later: an order without a payment.
        Order.objects.create(campaign=CAMPAIGN, status="paid", total_minor=0, user=make_user(), **values)
        self.assertEqual(reports.new_subscriptions(CAMPAIGN), 2)
        self.assertEqual([reports.new_subscriptions(name) for name in ("other", "none", "")], [1, 0, 0])

    def test_renewed_and_extended_subscriptions_are_not_new(self):
        user = make_user()
        order = self.paid(user=user)
        subscription = user.subscriptions.get()
        make_payment(subscription, paid_at=timezone.now() + timedelta(days=30))
        extension = self.paid(user=user)
        extension.refresh_from_db()
        self.assertEqual((extension.kind, extension.campaign), ("extension", CAMPAIGN))
        self.assertNotEqual(extension.pk, order.pk)
        self.assertEqual(reports.new_subscriptions(CAMPAIGN), 1)
