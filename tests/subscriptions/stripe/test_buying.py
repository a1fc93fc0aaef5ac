"""Buying with a card: what the reader pays is what they get, whatever happens between the two pages."""

from unittest import mock

from django.urls import reverse

from subscriptions.models import Grant, Order, Payment, Receipt, Subscription
from tests.subscriptions.stripe.base import StripeCase


class BuyingTests(StripeCase):
    def test_buy_with_a_card(self):
        subscription = self.buy()
        self.assertEqual((subscription.status, subscription.card, self.level()), ("active", "Visa ending 4242", 10))
        payment = Payment.objects.get()
        self.assertEqual((payment.minor, payment.order, payment.method), (900, Order.objects.get(), "Visa ending 4242"))
        self.assertEqual((Receipt.objects.get().payment, len(self.subjects())), (payment, 1))
        self.assert_agrees()

    def test_decline_then_pay(self):
        order = self.place()
        self.assertEqual(self.fake.pay(order.checkout_ref, card="pm_card_chargeDeclined"), "declined")
        self.deliver()
        self.assertEqual((self.level(), Order.objects.get().status), (1, "open"))
        self.fake.pay(order.checkout_ref)
        self.deliver()
        self.assertEqual((self.level(), Order.objects.get().status), (10, "paid"))
        self.assert_agrees()

    def test_reader_closes_the_tab_before_returning_and_the_webhook_is_lost(self):
        order = self.place()
        self.fake.pay(order.checkout_ref)
        self.fake.lose()
        self.tick()
        self.assertEqual(self.level(), 1)
        self.pass_time(days=0.02)
        self.tick()
        self.assertEqual((self.level(), Order.objects.get().status), (10, "paid"))
        self.assert_agrees()

    def test_return_settles_the_order_and_looking_at_it_does_not(self):
        order = self.place()
        self.fake.pay(order.checkout_ref)
        self.client.force_login(self.user)
        self.client.get(order.get_absolute_url() + "?returned=1")
        self.assertFalse(Payment.objects.exists())
        with self.committing():
            self.client.post(reverse("subscriptions:settle", args=[order.uuid]))
        self.assertEqual(self.level(), 10)
        self.assert_agrees()

    def test_webhook_before_the_return_and_after_it(self):
        order = self.place()
        self.fake.pay(order.checkout_ref)
        self.deliver(only="checkout.*")
        self.client.force_login(self.user)
        with self.committing():
            self.client.post(reverse("subscriptions:settle", args=[order.uuid]))
        self.deliver(copies=3)
        self.assertEqual((self.payments(), Grant.objects.count(), len(self.subjects())), ([900], 1, 1))
        self.assert_agrees()

    def test_a_wrong_key_does_not_look_like_an_outage(self):
        self.client.force_login(self.user)
        self.choose(self.month)
        for status, answer, level, words in (
            (401, 502, "error", "because of a fault on our side"),
            (503, 503, "warning", "isn’t responding"),
        ):
            self.fake.fail("POST /v1/checkout/sessions$", status, times=3)
            with self.subTest(status), mock.patch("subscriptions.services.checkout_failures.logger") as logger:
                page = self.order("stripe")
                self.assertContains(page, words, status_code=answer)
                (call,) = getattr(logger, level).mock_calls
                self.assertIn("Injected", str(call.args[-1]))
                self.assertEqual((call.args[1], Order.objects.get()), ("stripe", call.args[-2]))
            self.fake.recover()

    def test_two_tabs_lead_to_one_checkout(self):
        first, second = self.place(), self.place()
        self.assertEqual((first.pk, first.checkout_ref), (second.pk, second.checkout_ref))
        self.assertEqual(len(self.fake.all("checkout.session")), 1)

    def test_tab_with_another_plan_closes_the_first_checkout(self):
        first, second = self.place(), self.place(self.year)
        self.assertEqual(self.fake.get(first.checkout_ref)["status"], "expired")
        self.fake.pay(second.checkout_ref)
        self.deliver()
        self.assertEqual(self.payments(), [9000])
        self.assert_agrees()

    def test_first_checkout_is_paid_while_the_second_is_placed(self):
        first = self.place()
        self.fake.fail("POST /v1/checkout/sessions/.*/expire", 503, times=3)
        self.fake.fail("GET /v1/checkout/sessions", 503, times=3)
        second = self.place(self.year)
        self.assertNotEqual(first.pk, second.pk)
        self.fake.pay(first.checkout_ref)
        self.fake.pay(second.checkout_ref)
        self.deliver()
        self.tick()
        self.assertEqual((self.payments(), self.payments("surplus")), ([9000], [900]))
        self.assertEqual(Subscription.objects.live().get().price, self.year)
        statuses = [contract["status"] for contract in self.fake.all("subscription")]
        self.assertEqual(sorted(statuses), ["active", "canceled"])

    def test_two_providers(self):
        order = self.place()
        self.assertEqual(order.provider, "stripe")
        self.client.force_login(self.user)
        self.choose(self.month)
        with self.committing():
            self.client.post(reverse("subscriptions:checkout"), {"provider": "manual"})
        transfer = Order.objects.get(status="open")
        self.assertEqual((transfer.provider, self.fake.get(order.checkout_ref)["status"]), ("manual", "expired"))

    def test_price_archived_meanwhile_is_sold_as_ordered(self):
        order = self.place()
        self.month.archived_at = order.placed_at
        self.month.save()
        self.fake.pay(order.checkout_ref)
        self.deliver()
        self.assertEqual((self.payments(), self.level()), ([900], 10))
        self.pass_period()
        self.assertEqual(self.payments(), [900, 900])
        self.assert_agrees()

    def test_expired_checkout_gets_a_new_attempt(self):
        order = self.place()
        self.pass_time(days=2)
        self.deliver()
        order.refresh_from_db()
        self.assertEqual((order.checkout_ref, order.attempt, order.status), ("", 2, "open"))
        again = self.place()
        self.fake.pay(again.checkout_ref)
        self.deliver()
        self.assertEqual((again.pk, self.payments()), (order.pk, [900]))
        self.assert_agrees()
