"""A publication in German: the account, the cart, gifts, receipts and emails of subscriptions."""

from datetime import timedelta
from unittest import mock

from django.test import Client
from django.utils import timezone, translation

from articles.services.gift_links import give
from subscriptions.models import Order, Payment, Plan
from subscriptions.services.checkout import live_subscription
from subscriptions.services.lifecycle import cancel
from tests.budget import takes_longer
from tests.factories import (
    make_coupon,
    make_grant,
    make_order,
    make_paid,
    make_plan,
    make_price,
    make_renewing,
    make_subscriber,
    make_subscription,
    make_user,
)
from tests.subscriptions.emails import samples
from tests.subscriptions.journeys import on_demo
from tests.subscriptions.test_gifts import make_gift
from tests.truthlytics.test_german import GermanTestCase
from truthlytics.publication.current import forget_publication
from truthlytics.publication.language import site_language
from truthlytics.publication.models import Publication

CARD = {"provider_ref": "sub", "card": "Visa, Endziffern 4242"}


@on_demo
class SubscriptionPageTests(GermanTestCase):
    def setUp(self):
        self.client.force_login(make_user(display_name="Nadia"))

    def read(self, *urls, status=200):
        return [self.assert_german_page(self.client.get(url), status) for url in urls][-1]

    def log_in(self, user):
        self.client = Client()
        self.client.force_login(user)
        return user

    @takes_longer("Long lists are made and read.")
    def test_account(self):
        now = timezone.now()
        soon, yearly = now + timedelta(days=2), self.price.plan.prices.get(interval="year")
        states = [
            {}, {"provider": "gift"}, CARD, CARD | {"next_price": yearly}, CARD | {"cancel_at": soon},
            CARD | {"status": "trialing"}, CARD | {"status": "trialing", "cancel_at": soon}, {"status": "trialing"},
            CARD | {"status": "past_due"}, {"provider_ref": "sub", "status": "past_due"},
            CARD | {"status": "pending"}, CARD | {"period_end": now}, CARD | {"card_expires_on": now.date()},
        ]  # fmt: skip
        for number, fields in enumerate(states):
            unique = {"provider_ref": f"sub_{number}"} if "provider_ref" in fields else {}
            make_subscription(self.log_in(make_user(display_name="Nadia")), price=self.price, **fields | unique)
            self.read("/account/")
        make_grant(self.log_in(make_user(display_name="Nadia")), source="gift")
        self.assertContains(self.read("/account/"), "der Zugang ist ein Geschenk")

    def test_cart_with_a_coupon_and_a_trial(self):
        Plan.objects.update(trial_days=14)
        make_coupon(code="HERBST", percent=25, duration="repeating", periods=3)
        make_coupon(code="ALT", percent=25, ends_at=timezone.now() - timedelta(days=1))
        self.client.post("/cart/lines/", {"price": self.price.pk})
        self.read("/cart/")
        for code, status in {"ALT": 422, "NIE": 422, "HERBST": 200}.items():
            self.assert_german_page(self.client.post("/cart/coupon/", {"coupon": code}, follow=True), status)
        self.read("/subscribe/")
        self.assertContains(self.read("/cart/"), "verringert die ersten 3 Zahlungen um je 2,25")
        self.assertContains(self.read("/cart/"), "14 Tage kostenlos, dann")

    def test_carts_of_subscribers(self):
        soon = timezone.now() + timedelta(days=2)
        for fields in ({}, CARD | {"provider_ref": "sub_1"}, CARD | {"cancel_at": soon}):
            user = self.log_in(make_user(display_name="Nadia"))
            make_subscription(user, price=self.price, **fields)
            self.read("/subscribe/", "/cart/")
            self.client.post("/cart/lines/", {"price": self.price.pk})
            self.read("/cart/")

    @takes_longer("Long lists are made and read.")
    def test_orders_in_each_state(self):
        user = self.log_in(make_user(display_name="Nadia"))
        with site_language():
            order = make_order(user, self.price)
        self.read("/account/", order.get_absolute_url(), f"{order.get_absolute_url()}?returned=1")
        demo_page = f"{order.get_absolute_url()}demo/"
        for outcome in ("decline", "wait", "pay"):
            self.read(order.get_absolute_url())
            self.assert_german_page(self.client.post(demo_page, {"outcome": outcome}, follow=True))
        self.read("/account/", "/account/payments/", f"{order.get_absolute_url()}demo/subscription/")
        payment = Payment.objects.get(status="succeeded")
        self.assertEqual(payment.method, "Demo •••• 4242")
        self.assertContains(self.read(payment.get_absolute_url()), "Demo •••• 4242")
        with site_language():
            cancelled = make_order(self.log_in(make_user(display_name="Bo")), self.price)
        Order.objects.filter(pk=cancelled.pk).update(status="cancelled")
        self.read(cancelled.get_absolute_url())

    def test_names_of_methods_and_plans_are_recorded_in_german_from_the_newsroom(self):
        with translation.override("en-gb"):
            make_paid(make_user(display_name="Nadia"), self.price)
        payment = Payment.objects.get()
        self.assertEqual((payment.method, payment.description), ("Überweisung", "Lesen, monatlich"))
        self.assertIn(" bis ", payment.receipts.get().snapshot["period"])

    def test_change_of_plan_and_card(self):
        with site_language():
            user = self.log_in(make_renewing(make_user(display_name="Nadia"), self.price).user)
        other = make_price(make_plan(self.price.plan.tier, name="Fördern"), minor=1900)
        self.read("/account/plan/", f"/account/plan/{other.pk}/")
        token = self.read(f"/account/plan/{other.pk}/").context["option"].token
        data = {"token": token, "when": "renewal"}
        self.assert_german_page(self.client.post(f"/account/plan/{other.pk}/", data, follow=True))
        self.read("/account/plan/", "/account/")
        cancel(subscription=live_subscription(user), now=timezone.now())
        self.read("/account/plan/", "/account/cancellation/")

    def test_cancellation(self):
        self.client.logout()
        self.read("/cancel/", "/cancel/sent/")
        self.read("/cancel/expired-token/", status=410)
        self.assert_german_page(self.client.post("/cancel/", {"email": "x"}), 422)
        for number, fields in enumerate(({}, {}, {"status": "trialing"}, {"status": "past_due"})):
            user = self.log_in(make_user(display_name="Nadia"))
            make_subscription(user, price=self.price, **fields, provider_ref=f"sub_{number}" if number else "")
            page = self.read("/account/cancellation/")
        self.assertContains(page, "Sie haben „Lesen, monatlich“.")

    @takes_longer("Long lists are made and read.")
    def test_gifts(self):
        self.read("/give/", "/account/gifts/")
        self.assert_german_page(self.client.post("/give/", {"deliver_on": "2020-01-01"}), 422)
        giver = self.log_in(make_user(display_name="Nadia"))
        with site_language():
            gifts = [
                make_gift(giver=giver, price=self.price),
                make_gift(giver=giver, price=self.price, recipient_name="Ada", recipient_email="ada@example.org"),
            ]
        self.read("/account/gifts/", *(gift.get_absolute_url() for gift in gifts), gifts[0].order.get_absolute_url())
        self.client.logout()
        self.read("/give/", gifts[1].get_absolute_url())
        self.log_in(make_user(display_name="Bo"))
        self.read(gifts[1].get_absolute_url())
        self.assert_german_page(self.client.post(gifts[1].get_absolute_url(), follow=True))
        self.read(gifts[1].get_absolute_url(), "/account/")

    def test_gift_links(self):
        page = f"{self.gated.get_absolute_url()}gift-link/"
        self.read(page)
        user = self.log_in(make_subscriber(display_name="Nadia"))
        self.read(page, "/account/gift-links/")
        link = give(article=self.gated, giver=user, level=10, now=timezone.now())
        self.read(page, "/account/gift-links/")
        self.client.logout()
        self.read(link.get_absolute_url())


class SubscriptionEmailTests(GermanTestCase):
    @takes_longer("Many pages are read word by word.")
    def test_every_email(self):
        Publication.objects.update(contact_email="redaktion@example.org")
        forget_publication()
        consent = "Ich bestelle das Abonnement. Ich kann jederzeit kündigen."
        with (
            site_language(),
            mock.patch.dict(samples.CARD, card="Visa, Endziffern 4242"),
            mock.patch.object(samples, "CONSENT", consent),
            self.captureOnCommitCallbacks(execute=True),
        ):
            labels = samples.send_all(text="Alles Gute!")
        self.check_emails(at_least=len(labels))

    def test_links_to_cancel(self):
        make_subscription(make_user(email="nadia@example.org"), price=self.price)
        with self.captureOnCommitCallbacks(execute=True):
            for address in ("nadia@example.org", "niemand@example.org"):
                self.client.post("/cancel/", {"email": address, "link": "1"})
        self.check_emails()
