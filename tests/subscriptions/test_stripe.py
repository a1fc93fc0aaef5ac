"""The Stripe provider: what it asks Stripe for, how it reads the answers, and what it refuses."""

import json
import time
from datetime import timedelta

import stripe
from django.core.checks import run_checks
from django.test import SimpleTestCase, TestCase, override_settings
from django.utils import timezone

from subscriptions.models import Coupon, ProviderCustomer
from subscriptions.money import Money
from subscriptions.providers import provider_named
from subscriptions.providers.base import BadWebhook, ChangedObject, ProviderError, Unavailable
from subscriptions.providers.stripe.provider import EVENTS
from subscriptions.providers.stripe.wire import from_wire, to_wire
from tests.factories import make_payment, make_plan, make_price, make_subscription, make_user
from tests.fakestripe import SECRET, FakeStripe, connected
from tests.subscriptions.test_provider_contract import order_of


class WireTests(SimpleTestCase):
    def test_amounts_as_stripe_writes_them(self):
        table = [("EUR", 900, 900), ("JPY", 900, 900), ("ISK", 900, 90_000), ("UGX", 5, 500), ("KWD", 9000, 9000)]
        for currency, minor, wire in table:
            with self.subTest(currency):
                self.assertEqual(to_wire(Money(minor, currency)), wire)
                self.assertEqual(from_wire(wire, currency.lower()), Money(minor, currency))

    def test_amounts_that_stripe_cannot_charge_or_we_cannot_represent(self):
        for convert in [
            lambda: to_wire(Money(9001, "KWD")),
            lambda: from_wire(950, "isk"),
            lambda: from_wire(1, "xxx"),
        ]:
            with self.assertRaises(ProviderError):
                convert()


class StripeTestCase(TestCase):
    options: dict = {}

    def setUp(self):
        self.fake = FakeStripe(now=int(time.time()), **self.options)
        self.enterContext(connected(self.fake))
        self.provider = provider_named("stripe")
        self.price = make_price()

    def start(self, starts_at=None, **fields):
        order = order_of(self.price, "stripe", **fields)
        return order, self.provider.start_checkout(order, key=f"{order.uuid}:1", starts_at=starts_at)

    def pay(self, started):
        self.assertEqual(self.fake.pay(started.ref), "paid")
        return self.provider.checkout_state(started.ref).subscription_ref

    def subscribe(self, **fields):
        order, started = self.start(**fields)
        ref = self.pay(started)
        return make_subscription(order.user, price=self.price, provider="stripe", provider_ref=ref)

    def state(self, subscription):
        return self.provider.subscription_state(subscription.provider_ref)

    def amounts(self, ref):
        invoices = self.provider.subscription_state(ref).invoices
        return [invoice.payment.amount.minor if invoice.payment else 0 for invoice in invoices]

    def asked(self, request):
        return [parameters for name, parameters in self.fake.requests if name == request]


class CheckoutTests(StripeTestCase):
    def test_address_of_the_order_is_where_the_reader_returns(self):
        order, started = self.start()
        (asked,) = self.asked("POST /v1/checkout/sessions")
        page = f"http://localhost:8000{order.get_absolute_url()}"
        self.assertEqual((asked["success_url"], asked["cancel_url"]), (f"{page}?returned=1", page))
        self.assertTrue(started.url.startswith("https://"))

    def test_a_plan_is_one_product_with_the_present_name(self):
        self.start()
        self.price.plan.name = "Reader plus"
        self.price.plan.save()
        self.start()
        (product,) = self.fake.all("product")
        self.assertEqual((product["id"], product["name"]), (f"plan-{self.price.plan.slug}", "Reader plus"))

    def test_a_reader_is_one_customer(self):
        user = make_user()
        first, _ = self.start(user=user)
        first.status = "cancelled"
        first.save()
        self.start(user=user)
        (customer,) = self.fake.all("customer")
        self.assertEqual(customer["email"], user.email)
        self.assertEqual(ProviderCustomer.objects.get().ref, customer["id"])

    def test_a_customer_deleted_at_stripe_is_replaced(self):
        user = make_user()
        ProviderCustomer.objects.create(provider="stripe", user=user, ref="cus_deleted")
        self.start(user=user)
        (customer,) = self.fake.all("customer")
        self.assertEqual(ProviderCustomer.objects.get().ref, customer["id"])

    def test_free_trial(self):
        _, started = self.start(trial_days=14)
        ref = self.pay(started)
        state = self.provider.subscription_state(ref)
        self.assertEqual(state.status, "trialing")
        (invoice,) = state.invoices
        self.assertEqual((invoice.is_trial, invoice.payment), (True, None))
        self.assertEqual(invoice.period_end - invoice.period_start, timedelta(days=14))
        self.fake.advance(days=15)
        state = self.provider.subscription_state(ref)
        self.assertEqual((state.status, self.amounts(ref)), ("active", [0, 900]))
        self.assertFalse(state.invoices[1].is_trial)

    def test_first_charge_when_the_paid_time_ends(self):
        for days, at_least in [(20, 20), (0.5, 2)]:
            with self.subTest(days):
                _, started = self.start(starts_at=timezone.now() + timedelta(days=days))
                state = self.provider.subscription_state(self.pay(started))
                waits = state.period_end - timezone.now()
                self.assertGreater(waits, timedelta(days=at_least) - timedelta(minutes=1))
                self.assertLess(waits, timedelta(days=at_least + 1.1))
                self.assertEqual(self.fake.all("charge"), [])

    def test_coupon_for_three_months(self):
        coupon = Coupon.objects.create(code="SPRING", percent=50, duration="repeating", periods=3)
        _, started = self.start(coupon=coupon)
        ref = self.pay(started)
        self.fake.advance(days=125)
        self.assertEqual(self.amounts(ref)[:4], [450, 450, 450, 900])

    def test_coupon_counts_from_the_first_charge(self):
        coupon = Coupon.objects.create(
            code="SPRING", kind="amount", minor=300, currency="EUR", duration="repeating", periods=2
        )
        for wait in (14, 45, 150):
            with self.subTest(wait):
                _, started = self.start(coupon=coupon, starts_at=timezone.now() + timedelta(days=wait))
                ref = self.pay(started)
                self.fake.advance(days=wait + 100)
                self.assertEqual(self.amounts(ref)[:4], [0, 600, 600, 900])
                self.fake.now = int(time.time())

    def test_an_edited_coupon_is_a_new_one_at_stripe(self):
        coupon = Coupon.objects.create(code="SPRING", percent=50)
        self.start(coupon=coupon)
        coupon.percent = 25
        coupon.save()
        self.start(coupon=coupon)
        self.start(coupon=coupon)
        self.assertEqual([made["percent_off"] for made in self.fake.all("coupon")], [50, 25])

    def test_promotion_codes_by_setting(self):
        with self.settings(STRIPE_PROMOTION_CODES=True):
            self.start()
            self.start(coupon=Coupon.objects.create(code="SPRING", percent=50))
        first, second = self.asked("POST /v1/checkout/sessions")
        self.assertTrue(first["allow_promotion_codes"])
        self.assertNotIn("allow_promotion_codes", second)

    def test_gift_is_one_payment(self):
        _, started = self.start(kind="gift", renews=False, total_minor=2700)
        self.fake.pay(started.ref)
        state = self.provider.checkout_state(started.ref)
        (payment,) = state.payments
        self.assertEqual((state.status, state.subscription_ref), ("complete", ""))
        self.assertEqual((payment.status, payment.amount), ("succeeded", Money(2700, "EUR")))
        self.assertEqual(payment.method, "Visa ending 4242")
        self.assertEqual(self.provider.payment_owner(payment.ref), ChangedObject("checkout", started.ref))
        self.assertEqual(self.provider.payment_owner("pi_nothing"), ChangedObject(""))

    def test_an_unfinished_request_is_repeated_with_its_key(self):
        order = order_of(self.price, "stripe")
        self.fake.fail("POST /v1/checkout/sessions", "lost", times=3)
        with self.assertRaises(Unavailable):
            self.provider.start_checkout(order, key="order:1")
        self.provider.start_checkout(order, key="order:1")
        self.assertEqual(len(self.fake.all("checkout.session")), 1)
        self.assertEqual(len(self.fake.all("customer")), 1)

    def test_expired_checkout(self):
        _, started = self.start()
        self.fake.advance(days=2)
        self.assertEqual(self.provider.checkout_state(started.ref).status, "expired")


class TaxTests(StripeTestCase):
    options = {"tax_percent": 20}

    def test_prices_contain_the_tax(self):
        with self.settings(STRIPE_AUTOMATIC_TAX=True):
            subscription = self.subscribe()
            _, gift = self.start(kind="gift", renews=False, total_minor=1800)
            self.fake.pay(gift.ref, country="FR")
        payment = self.state(subscription).invoices[0].payment
        self.assertEqual((payment.amount, payment.tax, payment.country), (Money(900, "EUR"), 150, "DE"))
        (given,) = self.provider.checkout_state(gift.ref).payments
        self.assertEqual((given.tax, given.country), (300, "FR"))

    def test_the_country_is_ours_to_know_without_automatic_tax(self):
        (invoice,) = self.state(self.subscribe()).invoices
        self.assertEqual((invoice.payment.tax, invoice.payment.country), (0, ""))


class ReadingTests(StripeTestCase):
    def test_failed_renewal_and_its_end(self):
        subscription = self.subscribe()
        customer = self.fake.get(subscription.provider_ref)["customer"]
        self.fake.use_card(customer, "pm_card_chargeCustomerFail")
        self.fake.advance(days=32)
        state = self.state(subscription)
        self.assertEqual((state.status, len(state.invoices)), ("past_due", 1))
        (failed,) = state.failed_payments
        self.assertEqual((failed.status, failed.amount), ("failed", Money(900, "EUR")))
        self.assertEqual(state.card, "Visa ending 0341")
        self.fake.change_card(customer, "pm_card_mastercard")
        state = self.state(subscription)
        self.assertEqual((state.status, state.failed_payments, state.card), ("active", (), "Mastercard ending 4444"))
        self.assertEqual(state.invoices[1].payment.ref, failed.ref)

    def test_unpaid_is_overdue_and_exhausted_is_ended(self):
        for outcome, status in [("unpaid", "past_due"), ("canceled", "ended")]:
            with self.subTest(outcome):
                self.fake.on_exhausted = outcome
                subscription = self.subscribe()
                self.fake.use_card(self.fake.get(subscription.provider_ref)["customer"], "pm_card_chargeDeclined")
                self.fake.advance(days=60)
                self.assertEqual(self.state(subscription).status, status)

    def test_cancelled_in_the_dashboard(self):
        subscription = self.subscribe()
        self.fake.cancel_in_dashboard(subscription.provider_ref)
        state = self.state(subscription)
        self.assertEqual(state.cancel_at, state.period_end)
        self.fake.cancel_in_dashboard(subscription.provider_ref, at_period_end=False)
        self.assertEqual(self.state(subscription).status, "ended")

    def test_refunds_and_disputes_made_at_stripe(self):
        subscription = self.subscribe()
        payment = self.state(subscription).invoices[0].payment
        self.fake.refund_in_dashboard(payment.ref, 400)
        (refund,) = self.state(subscription).invoices[0].payment.refunds
        self.assertEqual((refund.amount, refund.key), (Money(400, "EUR"), ""))
        dispute = self.fake.dispute(payment.ref)
        for status, dispute_state in [("needs_response", "open"), ("won", "won"), ("lost", "lost")]:
            self.fake.close_dispute(dispute["id"], status)
            self.assertEqual(self.state(subscription).invoices[0].payment.dispute, dispute_state)
        with self.assertRaises(ProviderError):
            self.provider.refund(make_payment(subscription, provider_ref=payment.ref), Money(100, "EUR"), key="k")

    def test_change_to_another_interval_at_renewal(self):
        subscription = self.subscribe()
        end = self.state(subscription).period_end
        yearly = make_price(self.price.plan, minor=9000, interval="year")
        self.provider.change_price(subscription, yearly, at_renewal=True, key="change:1")
        state = self.state(subscription)
        self.assertEqual((state.price_id, state.period_end), (yearly.pk, end))
        # Until then the reader has what is paid for.
        self.assertEqual({invoice.price_id for invoice in state.invoices}, {self.price.pk})
        self.fake.advance(days=32)
        last = self.state(subscription).invoices[-1]
        self.assertEqual((last.price_id, last.payment.amount.minor), (yearly.pk, 9000))
        self.assertEqual(last.period_start, end)

    def test_taking_back_a_change_of_interval(self):
        subscription = self.subscribe()
        end = self.state(subscription).period_end
        yearly = make_price(self.price.plan, minor=9000, interval="year")
        for number, price in enumerate([yearly, self.price]):
            self.provider.change_price(subscription, price, at_renewal=True, key=f"change:{number}")
        self.fake.advance(days=32)
        state = self.state(subscription)
        self.assertEqual({invoice.price_id for invoice in state.invoices}, {self.price.pk})
        self.assertEqual((state.invoices[-1].period_start, self.amounts(subscription.provider_ref)[-1]), (end, 900))

    def test_change_to_another_interval_at_once(self):
        subscription = self.subscribe()
        yearly = make_price(self.price.plan, minor=9000, interval="year")
        preview = self.provider.preview_change(subscription, yearly)
        self.provider.change_price(subscription, yearly, at_renewal=False, key="change:1")
        last = self.state(subscription).invoices[-1]
        self.assertEqual((last.period_end, last.payment.amount), (preview.next_at, preview.due_now))
        self.assertEqual(preview.amount, Money(9000, "EUR"))

    def test_change_during_a_trial_costs_nothing(self):
        subscription = self.subscribe(trial_days=14)
        dearer = make_price(make_plan(slug="patron", name="Patron"), minor=1800)
        preview = self.provider.preview_change(subscription, dearer)
        self.assertEqual((preview.due_now.minor, preview.next_at), (0, self.state(subscription).period_end))
        self.provider.change_price(subscription, dearer, at_renewal=False, key="change:1")
        self.fake.advance(days=15)
        self.assertEqual(self.amounts(subscription.provider_ref), [0, 1800])

    def test_objects_of_the_other_mode_are_refused(self):
        subscription = self.subscribe()
        self.fake.get(subscription.provider_ref)["livemode"] = True
        with self.assertRaisesRegex(ProviderError, "live mode"):
            self.state(subscription)

    def test_subscriptions_that_are_not_ours_are_left_out(self):
        subscription = self.subscribe()
        self.fake.get(subscription.provider_ref)["metadata"] = {}
        self.assertEqual(list(self.provider.live_subscriptions()), [])

    def test_outage(self):
        subscription = self.subscribe()
        self.fake.outage(requests=20)
        with self.assertRaises(Unavailable):
            self.state(subscription)


class PortalTests(StripeTestCase):
    def test_one_configuration_for_card_and_invoices_only(self):
        subscription = self.subscribe()
        for _ in range(2):
            url = self.provider.manage_url(subscription, back="https://site.example/account/")
            self.assertIn("/portal/", url)
        (configuration,) = self.fake.all("billing_portal.configuration")
        enabled = {name for name, feature in configuration["features"].items() if feature["enabled"]}
        self.assertEqual(enabled, {"payment_method_update", "invoice_history"})
        session = self.fake.all("billing_portal.session")[0]
        self.assertEqual(session["return_url"], "https://site.example/account/")

    def test_the_card_that_the_portal_replaces_is_the_one_charged(self):
        subscription = self.subscribe()
        self.assertTrue(self.fake.get(subscription.provider_ref)["default_payment_method"])
        self.provider.manage_url(subscription, back="https://site.example/account/")
        self.assertIsNone(self.fake.get(subscription.provider_ref)["default_payment_method"])
        self.assertEqual(self.state(subscription).card, "Visa ending 4242")
        self.fake.change_card(self.fake.get(subscription.provider_ref)["customer"], "pm_card_mastercard")
        self.assertEqual(self.state(subscription).card, "Mastercard ending 4444")


class WebhookTests(StripeTestCase):
    def read(self, event, **signing):
        body = event if isinstance(event, str) else json.dumps(event)
        return self.provider.read_webhook(body.encode(), {"Stripe-Signature": self.fake.sign(body, **signing)})

    def test_events_say_which_object_to_fetch(self):
        subscription = self.subscribe()
        ref = subscription.provider_ref
        payment = self.state(subscription).invoices[0].payment.ref
        self.fake.refund_in_dashboard(payment, 100)
        self.fake.dispute(payment)
        found = {event["type"]: self.read(event) for event in self.fake.events}
        table = {
            "checkout.session.completed": ChangedObject("checkout", self.fake.all("checkout.session")[0]["id"]),
            "customer.subscription.created": ChangedObject("subscription", ref),
            "invoice.paid": ChangedObject("subscription", ref),
            "charge.refunded": ChangedObject("payment", payment),
            "refund.created": ChangedObject("payment", payment),
            "charge.dispute.created": ChangedObject("payment", payment),
            "charge.succeeded": ChangedObject(""),
            "customer.created": ChangedObject(""),
        }
        self.assertEqual({name: found[name] for name in table}, table)

    def test_events_of_older_versions(self):
        old = {"object": "event", "livemode": False, "type": "invoice.paid"}
        for invoice, kind in [({"subscription": "sub_1"}, "subscription"), ({"subscription": None}, ""), ({}, "")]:
            with self.subTest(invoice):
                event = {**old, "data": {"object": {"object": "invoice", "id": "in_1", **invoice}}}
                self.assertEqual(self.read(event).kind, kind)

    def test_forged_and_malformed_messages_are_refused(self):
        self.subscribe()
        event = self.fake.events[-1]
        old = int(time.time()) - 3600
        with self.settings(STRIPE_WEBHOOK_SECRET=""), self.assertRaises(BadWebhook):
            self.read(event)
        for body, signing in [(event, {"secret": "whsec_other"}), (event, {"at": old}), ("{", {})]:
            with self.subTest(body=body, signing=signing), self.assertRaises(BadWebhook):
                self.read(body, **signing)
        not_events = [
            "[]",
            "17",
            '"x"',
            "null",
            "{}",
            '{"data": []}',
            '{"data": {"object": 1}}',
            "[" * 99_999,
            "\ufeff",
        ]
        for body in [*not_events, json.dumps({"data": {"object": {}}, "livemode": False})]:
            with self.subTest(body[:40]), self.assertRaises(BadWebhook):
                self.read(body)
        with self.assertRaises(BadWebhook):
            self.provider.read_webhook(b"{}", {})
        for signature in ["", "t=1", "nonsense", "t=x,v1=y"]:
            with self.subTest(signature), self.assertRaises(BadWebhook):
                self.provider.read_webhook(b"{}", {"Stripe-Signature": signature})

    def test_events_of_the_other_mode_are_refused(self):
        self.subscribe()
        with self.assertRaises(BadWebhook):
            self.read({**self.fake.events[-1], "livemode": True})

    def test_events_since_a_time(self):
        subscription = self.subscribe()
        since = timezone.now() - timedelta(hours=1)
        changed = list(self.provider.changed_since(since))
        self.assertIn(ChangedObject("subscription", subscription.provider_ref), changed)
        self.assertEqual(len(changed), len(set(changed)))
        self.fake.now += 7200
        self.assertEqual(list(self.provider.changed_since(timezone.now() + timedelta(hours=1))), [])


class CheckTests(SimpleTestCase):
    def found(self, **changes):
        defaults = {"STRIPE_SECRET_KEY": "sk_live_x", "STRIPE_WEBHOOK_SECRET": SECRET, "DEBUG": False}
        providers = {"PAYMENT_PROVIDERS": ["subscriptions.providers.stripe.Stripe"]}
        with override_settings(**defaults | providers | changes):
            return {message.id for message in run_checks() if message.id.startswith("subscriptions.")}

    def test_misconfiguration_is_reported(self):
        table = [
            ({}, set()),
            ({"STRIPE_SECRET_KEY": "pk_live_x"}, {"subscriptions.E010"}),
            ({"STRIPE_SECRET_KEY": ""}, {"subscriptions.E010"}),
            ({"DEMO": True}, {"subscriptions.E011"}),
            ({"STRIPE_API_BASE": "http://127.0.0.1:1"}, {"subscriptions.E012"}),
            ({"STRIPE_SECRET_KEY": "sk_test_x"}, {"subscriptions.W010"}),
            ({"STRIPE_SECRET_KEY": "rk_test_x", "DEMO": True}, set()),
            ({"STRIPE_WEBHOOK_SECRET": ""}, {"subscriptions.W011"}),
        ]
        for changes, ids in table:
            with self.subTest(changes):
                self.assertEqual(self.found(**changes), ids)


class LibraryTests(SimpleTestCase):
    def test_events_asked_for_are_known_to_the_library(self):
        known = str(stripe.params.WebhookEndpointCreateParams.__annotations__)
        for event in EVENTS:
            with self.subTest(event):
                self.assertIn(f"'{event}'", known)
