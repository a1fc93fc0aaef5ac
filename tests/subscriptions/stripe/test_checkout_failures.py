"""Checkouts that Stripe refuses or does not answer: what the reader, the newsroom and the check are told."""

from datetime import timedelta

from django.test import SimpleTestCase, override_settings
from django.urls import reverse
from django.utils import timezone

from subscriptions.checks import provider_connections
from subscriptions.models import CheckoutFailure, Order, Payment, Refund
from subscriptions.money import Money
from subscriptions.services import refunds
from subscriptions.services.checkout_failures import unsolved_failures, without_secrets
from subscriptions.services.lifecycle import cancel
from subscriptions.services.refunds import CannotRefund
from tests.budget import takes_longer
from tests.factories import make_member
from tests.subscriptions.stripe.base import StripeCase

START = "POST /v1/checkout/sessions$"
# Stripe’s library repeats a request twice.
ATTEMPTS = 3


class CheckoutFailureTests(StripeCase):
    def setUp(self):
        super().setUp()
        self.publisher = make_member("Publisher")
        self.client.force_login(self.user)

    def try_to_pay(self, how):
        self.choose(self.month)
        self.fake.fail(START, how, times=ATTEMPTS)
        page = self.order("stripe")
        self.fake.recover()
        return page

    def dashboard(self):
        self.client.force_login(self.publisher)
        page = self.client.get(reverse("admin:index"))
        self.client.force_login(self.user)
        return page

    @takes_longer("Many requests, one after the other.")
    def test_a_wrong_key_an_outage_and_a_refusal_are_told_apart(self):
        for how, kind, words in [
            (401, "wrong_key", "Stripe does not accept the site’s key"),
            (403, "wrong_key", "Stripe does not accept the site’s key"),
            (400, "refused", "Stripe refused the checkout of order"),
            (503, "no_answer", "Stripe did not respond to the checkout of order"),
            ("timeout", "no_answer", "Stripe did not respond to the checkout of order"),
        ]:
            CheckoutFailure.objects.all().delete()
            with self.subTest(how):
                self.try_to_pay(how)
                failure = CheckoutFailure.objects.get()
                self.assertEqual((failure.kind, failure.order), (kind, Order.objects.get()))
                page = self.dashboard()
                self.assertContains(page, words)
                self.assertContains(page, reverse("admin:subscriptions_order_change", args=[failure.order_id]))

    def test_the_page_of_the_order_has_the_words_of_the_provider(self):
        self.try_to_pay(401)
        self.client.force_login(self.publisher)
        page = self.client.get(reverse("admin:subscriptions_order_change", args=[Order.objects.get().pk]))
        self.assertContains(page, "The provider does not accept our key")
        self.assertContains(page, "Injected 401")

    def test_the_reader_gets_a_sentence_without_the_reason(self):
        for how, words in [(401, "because of a fault on our side"), (503, "didn’t respond")]:
            self.try_to_pay(how)
            CheckoutFailure.objects.exclude(message__endswith=f"Injected {how}").delete()
            page = self.client.get(Order.objects.get().get_absolute_url())
            with self.subTest(how):
                self.assertContains(page, words)
                self.assertNotContains(page, "Injected")

    def test_repetitions_are_one_entry(self):
        for _ in range(3):
            self.try_to_pay(401)
        self.assertEqual(CheckoutFailure.objects.count(), 1)

    def test_a_checkout_that_works_ends_the_warning_and_keeps_the_entry(self):
        self.try_to_pay(401)
        self.order("stripe")
        self.assertIsNotNone(CheckoutFailure.objects.get().solved_at)
        self.assertContains(self.dashboard(), "No payments need attention.")

    def test_old_failures_and_removed_providers_are_not_warned_of(self):
        self.try_to_pay(401)
        self.assertEqual(len(unsolved_failures(timezone.now())), 1)
        self.assertEqual(unsolved_failures(timezone.now() + timedelta(days=8)), [])
        with override_settings(PAYMENT_PROVIDERS=["subscriptions.providers.manual.Manual"]):
            self.assertEqual(unsolved_failures(timezone.now()), [])

    def test_only_those_who_see_orders_see_it(self):
        self.try_to_pay(401)
        self.client.force_login(make_member("Editor"))
        self.assertNotContains(self.client.get(reverse("admin:index")), "does not accept the site’s key")

    def test_the_check_tells_a_wrong_key_from_an_outage(self):
        self.assertEqual(provider_connections(None), [])
        for how, code in [(401, "subscriptions.E013"), (403, "subscriptions.E013"), (503, "subscriptions.W012")]:
            self.fake.fail("GET /v1/checkout/sessions$", how, times=ATTEMPTS)
            with self.subTest(how):
                (message,) = provider_connections(None)
                self.assertEqual(message.id, code)
                self.assertIn(f"Injected {how}", message.msg)
            self.fake.recover()


class RefusedKeyTests(StripeCase):
    """A key that Stripe refuses outside a checkout: the newsroom is told, and nothing is lost."""

    def setUp(self):
        super().setUp()
        self.bought = self.buy()

    def refuse(self):
        self.fake.recover()
        self.fake.fail(".*", 401, times=100)

    def assert_told(self):
        failure = CheckoutFailure.objects.get()
        self.assertEqual((failure.order, failure.provider, failure.kind), (None, "stripe", "wrong_key"))
        self.client.force_login(make_member("Publisher"))
        page = self.client.get(reverse("admin:index"))
        self.assertContains(page, "Stripe does not accept the site’s key: renewals, cancellations and refunds wait")

    def test_a_renewal_that_tick_cannot_fetch(self):
        self.refuse()
        for _ in range(2):
            self.clock.shift(timedelta(days=32))
            self.tick()
        self.assert_told()
        self.fake.recover()
        self.tick()
        self.assertIsNotNone(CheckoutFailure.objects.get().solved_at)

    def test_a_cancellation_is_repeated(self):
        self.refuse()
        with self.committing():
            cancel(subscription=self.bought, now=timezone.now())
        self.assert_told()
        self.fake.recover()
        self.tick()
        self.assertTrue(self.fake.get(self.bought.provider_ref)["cancel_at_period_end"])

    def test_a_refund_waits_and_is_made_once(self):
        payment = Payment.objects.get()
        self.fake.fail("POST /v1/refunds$", "lost", times=ATTEMPTS)
        self.refund(payment)
        self.refuse()
        self.tick()
        refund = Refund.objects.get()
        self.assertEqual(refund.status, "requested")
        self.assertIn("Injected 401", refund.error)
        self.assert_told()
        with self.assertRaises(CannotRefund):
            self.refund(payment)
        self.fake.recover()
        self.tick()
        self.assertEqual(Refund.objects.get().status, "done")
        self.assertEqual([made["amount"] for made in self.fake.all("refund")], [500])

    def refund(self, payment):
        with self.committing():
            refunds.refund(payment=payment, amount=Money(500, "EUR"), by="Edith")


class MessageTests(SimpleTestCase):
    def test_keys_and_addresses_are_left_out(self):
        message = "Invalid API Key provided: sk_live_51H****abcd\nfor nadia.lund@example.org (whsec_abc)."
        self.assertEqual(without_secrets(message), "Invalid API Key provided: … for … (…")
        self.assertEqual(without_secrets("The price is not active."), "The price is not active.")
        self.assertEqual(len(without_secrets("x" * 1000)), 300)
