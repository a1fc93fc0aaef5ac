"""What every payment provider must do, and what those that renew must do. Run for all of them."""

import os
import time
from contextlib import suppress
from datetime import date, timedelta
from itertools import pairwise
from unittest import SkipTest

import time_machine
from django.conf import settings
from django.test import TestCase, override_settings, tag
from django.utils import timezone

from subscriptions.models import Order, OrderLine
from subscriptions.providers import provider_named
from subscriptions.providers.base import ChangedObject, Declined, ProviderError, Unavailable
from subscriptions.providers.stripe import catalogue
from subscriptions.providers.stripe.client import api, errors
from tests.factories import make_payment, make_plan, make_price, make_subscription, make_user
from tests.fakestripe import FakeStripe, connected
from tests.subscriptions.journeys import on_demo


def order_of(price, provider, user=None, **fields):
    """Return an open order for `price` that was not started at its provider."""
    now = timezone.now()
    fields = {"total_minor": price.minor, "subtotal_minor": price.minor, "renews": True} | fields
    order = Order.objects.create(
        user=user or make_user(), currency=price.currency, provider=provider, placed_at=now, consented_at=now, **fields
    )
    OrderLine.objects.create(
        order=order, price=price, description="Reader", total_minor=price.minor, currency=price.currency
    )
    return order


class CheckoutContract:
    """`code` names the provider, which is installed by `setUp`."""

    code = ""

    def setUp(self):
        super().setUp()
        self.provider = provider_named(self.code)
        self.price = make_price()

    def start(self, **fields):
        order = order_of(self.price, self.code, **fields)
        return order, self.provider.start_checkout(order, key=f"{order.uuid}:1")

    def test_same_key_returns_the_same_checkout(self):
        order, started = self.start()
        again = self.provider.start_checkout(order, key=f"{order.uuid}:1")
        self.assertEqual((again.ref, again.url), (started.ref, started.url))
        self.assertNotEqual(self.start()[1].ref, started.ref)

    def test_open_checkout_has_no_payments(self):
        _, started = self.start()
        state = self.provider.checkout_state(started.ref)
        self.assertEqual((state.status, state.payments, state.subscription_ref), ("open", (), ""))

    def test_unknown_checkout_has_no_payments(self):
        self.assertEqual(self.provider.checkout_state("nothing").payments, ())
        self.provider.close_checkout("nothing")

    def test_closing_twice(self):
        _, started = self.start()
        for _ in range(2):
            self.provider.close_checkout(started.ref)
        self.assertEqual(self.provider.checkout_state(started.ref).status, "expired")


class RenewalContract(CheckoutContract):
    """`pay(started)` pays a checkout, `advance(days)` lets time pass at the provider."""

    def subscribe(self, **fields):
        """Return our row of a subscription that was paid for."""
        order, started = self.start(**fields)
        ref = self.pay(started)
        return make_subscription(order.user, price=self.price, provider=self.code, provider_ref=ref)

    def state(self, subscription):
        return self.provider.subscription_state(subscription.provider_ref)

    def test_paid_checkout_starts_a_subscription(self):
        order, started = self.start()
        ref = self.pay(started)
        state = self.provider.subscription_state(ref)
        self.assertEqual((state.ref, state.status, state.order), (ref, "active", str(order.uuid)))
        self.assertEqual(state.price_id, self.price.pk)
        (invoice,) = state.invoices
        self.assertEqual((invoice.payment.status, invoice.payment.amount), ("succeeded", self.price.money))
        self.assertEqual((invoice.price_id, invoice.is_trial), (self.price.pk, False))
        self.assertEqual((invoice.period_start, invoice.period_end), (state.period_start, state.period_end))
        self.assertIn("4242", state.card)

    def test_cancel_and_undo(self):
        subscription = self.subscribe()
        self.provider.cancel(subscription, key="cancel:1")
        self.provider.cancel(subscription, key="cancel:1")
        state = self.state(subscription)
        self.assertEqual((state.status, state.cancel_at), ("active", state.period_end))
        self.provider.undo_cancel(subscription, key="undo:1")
        self.assertIsNone(self.state(subscription).cancel_at)
        self.provider.cancel(subscription, key="cancel:2")
        self.assertIsNotNone(self.state(subscription).cancel_at)

    def test_end_twice(self):
        subscription = self.subscribe()
        for number in range(2):
            self.provider.end(subscription, key=f"end:{number}")
        state = self.state(subscription)
        self.assertEqual(state.status, "ended")
        self.assertIsNotNone(state.ended_at)
        with self.assertRaises(ProviderError):
            self.provider.undo_cancel(subscription, key="undo:1")

    def test_change_at_renewal_costs_nothing_now(self):
        subscription = self.subscribe()
        dearer = make_price(make_plan(slug="patron", name="Patron"), minor=1800)
        self.provider.change_price(subscription, dearer, at_renewal=True, key="change:1")
        state = self.state(subscription)
        self.assertEqual(state.price_id, dearer.pk)
        self.assertEqual([invoice.price_id for invoice in state.invoices], [self.price.pk])

    def test_change_at_once_charges_what_the_preview_said(self):
        subscription = self.subscribe()
        dearer = make_price(make_plan(slug="patron", name="Patron"), minor=1800)
        preview = self.provider.preview_change(subscription, dearer)
        self.assertEqual((preview.amount, preview.next_at), (dearer.money, self.state(subscription).period_end))
        self.provider.change_price(subscription, dearer, at_renewal=False, key="change:1")
        charged = self.state(subscription).invoices[-1]
        self.assertEqual(charged.price_id, dearer.pk)
        self.assertEqual(charged.period_end, preview.next_at)
        self.assertAlmostEqual(charged.payment.amount.minor, preview.due_now.minor, delta=1)

    def test_refund_in_parts(self):
        subscription = self.subscribe()
        paid = self.state(subscription).invoices[0].payment
        payment = make_payment(subscription, provider_ref=paid.ref, minor=paid.amount.minor)
        part = type(paid.amount)(400, "EUR")
        first = self.provider.refund(payment, part, key="refund-1")
        self.assertEqual(self.provider.refund(payment, part, key="refund-1"), first)
        self.provider.refund(payment, type(part)(500, "EUR"), key="refund-2")
        with self.assertRaises(ProviderError):
            self.provider.refund(payment, part, key="refund-3")
        refunds = self.state(subscription).invoices[0].payment.refunds
        self.assertEqual([(r.amount.minor, r.key) for r in refunds], [(400, "refund-1"), (500, "refund-2")])

    def test_payment_leads_to_its_subscription(self):
        subscription = self.subscribe()
        ref = self.state(subscription).invoices[0].payment.ref
        self.assertEqual(self.provider.payment_owner(ref), ChangedObject("subscription", subscription.provider_ref))
        self.assertEqual(list(self.provider.live_subscriptions()), [subscription.provider_ref])

    def test_renewals_have_one_invoice_each(self):
        subscription = self.subscribe()
        for _ in range(3):
            self.advance(31)
        invoices = self.state(subscription).invoices
        self.assertEqual(len({invoice.payment.ref for invoice in invoices}), len(invoices))
        self.assertGreaterEqual(len(invoices), 3)
        for earlier, later in pairwise(invoices):
            self.assertEqual(earlier.period_end, later.period_start)

    def test_postponing(self):
        subscription = self.subscribe()
        until = self.state(subscription).period_end + timedelta(days=20)
        self.provider.postpone(subscription, until, key="postpone:1")
        self.advance(35)
        paid = [invoice for invoice in self.state(subscription).invoices if invoice.payment]
        self.assertEqual(len(paid), 1)
        self.advance(20)
        paid = [invoice for invoice in self.state(subscription).invoices if invoice.payment]
        self.assertEqual((len(paid), paid[-1].period_start), (2, until))


@on_demo
class ManualTests(CheckoutContract, TestCase):
    code = "manual"


@on_demo
class DemoTests(RenewalContract, TestCase):
    code = "demo"

    def setUp(self):
        super().setUp()
        traveller = time_machine.travel(timezone.now(), tick=False)
        self.clock = traveller.start()
        self.addCleanup(traveller.stop)

    def pay(self, started):
        self.assertTrue(self.provider.pay(started.ref))
        return self.provider.checkout_state(started.ref).subscription_ref

    def advance(self, days):
        self.clock.shift(timedelta(days=days))


class FakeStripeContract:
    code = "stripe"

    def setUp(self):
        self.fake = FakeStripe(now=int(time.time()))
        self.enterContext(connected(self.fake))
        super().setUp()

    def pay(self, started):
        self.assertEqual(self.fake.pay(started.ref), "paid")
        state = self.provider.checkout_state(started.ref)
        self.assertEqual(state.status, "complete")
        return state.subscription_ref

    def advance(self, days):
        self.fake.advance(days=days)


class StripeTests(FakeStripeContract, RenewalContract, TestCase):
    """Stripe, as far as the fake is like it."""

    def test_unanswered_requests_are_unavailable_and_can_be_repeated(self):
        subscription = self.subscribe()
        for how in ("timeout", "lost", 503):
            with self.subTest(how):
                price = make_price(minor=1800)
                self.fake.fail("POST /v1/subscriptions", how, times=3)
                with self.assertRaises(Unavailable):
                    self.provider.change_price(subscription, price, at_renewal=False, key=f"change:{price.pk}")
                self.provider.change_price(subscription, price, at_renewal=False, key=f"change:{price.pk}")
                self.assertEqual(self.state(subscription).price_id, price.pk)
        self.assertEqual(len(self.state(subscription).invoices), 4)

    def test_card_is_known_with_its_expiry(self):
        state = self.state(self.subscribe())
        self.assertEqual((state.card, state.card_expires_on), ("Visa ending 4242", date(2034, 12, 31)))

    def test_declined_change_changes_nothing(self):
        subscription = self.subscribe()
        self.fake.use_card(self.fake.get(subscription.provider_ref)["customer"], "pm_card_chargeCustomerFail")
        dearer = make_price(make_plan(slug="patron", name="Patron"), minor=1800)
        with self.assertRaises(Declined):
            self.provider.change_price(subscription, dearer, at_renewal=False, key="change")
        self.assertEqual(self.state(subscription).price_id, self.price.pk)


@tag("live")
@override_settings(PAYMENT_PROVIDERS=["subscriptions.providers.stripe.Stripe"])
class LiveStripeTests(RenewalContract, TestCase):
    """Stripe itself in test mode: `./run test --live` with a test key in STRIPE_SECRET_KEY.

    Checkout's page can't be paid by a program, so the subscription is started through the API, with the data that the
    checkout would have used.
    """

    code = "stripe"

    @classmethod
    def setUpClass(cls):
        if not os.environ.get("LIVE_TESTS") or "_test_" not in settings.STRIPE_SECRET_KEY:
            raise SkipTest("Set a test key of Stripe in STRIPE_SECRET_KEY and use ./run test --live.")
        super().setUpClass()

    def pay(self, started):
        session = api().checkout.sessions.retrieve(started.ref)
        card = api().payment_methods.attach("pm_card_visa", {"customer": session.customer})
        created = api().subscriptions.create(
            {
                "customer": session.customer,
                "default_payment_method": card.id,
                "items": [{"price_data": catalogue.price_data(self.price)}],
                "metadata": session.metadata.to_dict(),
            }
        )
        self.addCleanup(self.end, created.id)
        self.provider.close_checkout(started.ref)
        return created.id

    def end(self, ref):
        with suppress(ProviderError), errors():
            api().subscriptions.cancel(ref)

    def advance(self, days):
        self.skipTest("The clock of Stripe’s test mode can’t be moved here.")
