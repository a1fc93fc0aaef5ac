"""The provider contract; no provider is called inside a transaction."""

from unittest.mock import patch

from django.core.checks import run_checks
from django.db import connection
from django.test import TestCase, override_settings
from django.urls import reverse

from subscriptions.checks import payment_method
from subscriptions.models import LedgerEntry, Order
from subscriptions.providers import ProviderError, all_providers, provider_named
from subscriptions.providers.base import CheckoutStart, Unavailable
from subscriptions.services.sync import mark_paid
from tests.factories import make_order, make_price, make_renewing, make_user
from tests.subscriptions.journeys import Steps, emails_to, on_demo
from tests.transactions import TransactionTestCase
from truthlytics.tools.demo.provider import Demo

ASKED = ["start_checkout", "checkout_state", "close_checkout", "cancel", "undo_cancel"]


class UnresponsiveProvider(Demo):
    """A provider that raises Unavailable."""

    code = "demo"

    def start_checkout(self, order, *, key, starts_at=None):
        raise Unavailable("no answer")

    def cancel(self, subscription, *, key):
        raise Unavailable("no answer")


class ForeignProvider(Demo):
    code = "foreign"

    def start_checkout(self, order, *, key, starts_at=None):
        return CheckoutStart(ref=f"f-{key}", url="https://pay.example/x")

    def checkout_state(self, ref):
        raise Unavailable("no answer")


@on_demo
class TransactionTests(Steps, TransactionTestCase):
    def test_no_provider_is_called_inside_a_transaction(self):
        asked = []

        def spy(name, method):
            def call(provider, *args, **kwargs):
                asked.append((name, connection.in_atomic_block))
                return method(provider, *args, **kwargs)

            return call

        with patch.multiple(Demo, **{name: spy(name, getattr(Demo, name)) for name in ASKED}):
            self.client.force_login(make_user())
            self.choose(make_price())
            self.order("demo")
            self.order("manual")
            self.choose(make_price())
            self.order("demo", replace=Order.objects.get(status="open").number)
            self.demo("pay")
            self.client.post("/account/cancellation/")
            self.client.post("/account/cancellation/undoing/")
        self.assertEqual({name for name, _ in asked}, set(ASKED))
        self.assertEqual([name for name, inside in asked if inside], [])

    @override_settings(PAYMENT_PROVIDERS=["tests.subscriptions.test_providers.UnresponsiveProvider"])
    def test_unresponsive_provider_keeps_order_and_cart(self):
        self.client.force_login(make_user())
        self.choose(make_price())
        self.assertContains(self.order(), "isn’t responding", status_code=503)
        order = Order.objects.get()
        self.see("subscriptions:order", order.uuid, text="We’ve saved your order")
        with on_demo:
            self.assertEqual(self.order().url, reverse("demo:payment", args=[order.uuid]))
            self.assertContains(self.demo("pay"), "You’re subscribed")

    @override_settings(PAYMENT_PROVIDERS=["tests.subscriptions.test_providers.ForeignProvider"])
    def test_order_page_survives_an_unresponsive_provider(self):
        self.client.force_login(make_user())
        self.choose(make_price())
        self.order("foreign")
        order = Order.objects.get()
        self.see("subscriptions:order", order.uuid, text='href="https://pay.example/x"')
        page = self.client.post(reverse("subscriptions:settle", args=[order.uuid]))
        self.assertContains(page, "The payment service isn’t responding.", status_code=503)

    def test_cancellation_is_recorded_if_the_provider_fails(self):
        subscription = make_renewing()
        self.client.force_login(subscription.user)
        with self.settings(PAYMENT_PROVIDERS=["tests.subscriptions.test_providers.UnresponsiveProvider"]):
            self.client.post("/account/cancellation/")
        self.see("subscriptions:account", text="Nothing more will be charged.")
        subscription.refresh_from_db()
        self.assertEqual(subscription.provider_request, "cancel")
        self.assertEqual(emails_to(subscription.user.email)[-1].subject[:22], "Subscription cancelled")


@on_demo
class ContractTests(TestCase):
    def test_same_key_returns_the_same_checkout(self):
        for provider in all_providers():
            with self.subTest(provider.code):
                order = make_order(provider=provider.code)
                key = f"{order.uuid}:1"
                self.assertEqual(provider.start_checkout(order, key=key).ref, order.checkout_ref)
                self.assertEqual(LedgerEntry.objects.filter(provider=provider.code).count(), 1)

    def test_unknown_checkout_has_no_payments(self):
        for provider in all_providers():
            self.assertEqual(provider.checkout_state("nothing").payments, ())
            provider.close_checkout("nothing")

    def test_closed_checkout_accepts_no_payment(self):
        order, demo = make_order(), Demo()
        demo.close_checkout(order.checkout_ref)
        demo.decline(order.checkout_ref)
        demo.wait(order.checkout_ref)
        self.assertEqual(demo.checkout_state(order.checkout_ref).payments, ())

    def test_unknown_providers_and_foreign_orders_are_refused(self):
        with self.assertRaises(ProviderError):
            provider_named("nobody")
        with self.assertRaises(ProviderError):
            mark_paid(order=make_order(provider="demo"), by="Edith")


class CheckTests(TestCase):
    def found(self, **changes):
        with self.settings(**changes):
            return {message.id for message in run_checks() if message.id.startswith("subscriptions.")}

    def test_misconfiguration_is_reported(self):
        demo = "truthlytics.tools.demo.provider.Demo"
        bank = {"holder": "", "iban": "", "bic": ""}
        table = [
            ({}, set()),
            ({"PAYMENT_PROVIDERS": [demo]}, {"subscriptions.E001"}),
            ({"PAYMENT_PROVIDERS": [demo], "DEMO": True}, set()),
            ({"PAYMENT_PROVIDERS": [demo], "DEBUG": True}, set()),
            ({"PAYMENT_PROVIDERS": ["subscriptions.nowhere.Nobody"]}, {"subscriptions.E002"}),
            ({"PAYMENT_PROVIDERS": [demo, demo], "DEMO": True}, {"subscriptions.E003"}),
            ({"DEFAULT_CURRENCY": "XXX"}, {"subscriptions.E004"}),
            ({"BANK_TRANSFER": bank}, set()),
        ]
        for changes, ids in table:
            with self.subTest(changes):
                self.assertEqual(self.found(**changes), ids)

    def test_a_deployment_without_a_way_to_pay_is_reported(self):
        for iban, ids in [("", ["subscriptions.W001"]), ("DE89 3704 0044 0532 0130 00", [])]:
            with self.subTest(iban), self.settings(BANK_TRANSFER={"holder": "", "iban": iban, "bic": ""}):
                self.assertEqual([message.id for message in payment_method(None)], ids)
