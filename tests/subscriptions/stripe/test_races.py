"""Twenty threads do the same with Stripe at once; it happens once."""

import random
import time
from unittest import mock

from django.core import mail
from django.utils import timezone

from subscriptions.models import Grant, Order, Payment, Receipt, Subscription
from subscriptions.providers.base import Unavailable
from subscriptions.providers.stripe import Stripe
from subscriptions.services import cart, lifecycle
from subscriptions.services.checkout import place_and_start
from subscriptions.services.sync import sync_order, sync_subscription
from tests.budget import takes_longer
from tests.factories import make_price, make_user
from tests.fakestripe import connected, poster
from tests.subscriptions.stripe.base import GuardedStripe
from tests.subscriptions.test_races import race
from tests.transactions import TransactionTestCase

THREADS = 20


class StripeRaceTests(TransactionTestCase):
    def setUp(self):
        self.fake = GuardedStripe(now=int(time.time()))
        self.enterContext(connected(self.fake))
        self.user, self.price = make_user(), make_price()
        cart.add(price=self.price, token="", user=self.user)

    def tearDown(self):
        self.assertEqual(self.fake.inside, [])

    def place(self):
        return place_and_start(user=self.user, provider="stripe", confirmed="", now=timezone.now())

    def no_errors(self, outcomes):
        """Nothing fails, except that a webhook may be asked for again while many others are applied."""
        errors = [outcome for outcome in outcomes if isinstance(outcome, Exception)]
        self.assertEqual([error for error in errors if not isinstance(error, Unavailable)], [])
        self.assertLess(len(errors), len(outcomes))

    def subscription(self):
        return Subscription.objects.get()

    def buy(self):
        order = self.place()
        self.fake.pay(order.checkout_ref)
        sync_order(order)
        return self.subscription()

    @takes_longer("Many threads use the database at once.")
    def test_checkout_is_started_once(self):
        outcomes = race(lambda n: self.place().checkout_ref, THREADS)
        self.no_errors(outcomes)
        self.assertEqual((len(set(outcomes)), Order.objects.count()), (1, 1))
        self.assertEqual((len(self.fake.all("checkout.session")), len(self.fake.all("customer"))), (1, 1))

    @takes_longer("Many threads use the database at once.")
    def test_purchase_is_recorded_once(self):
        order = self.place()
        self.fake.pay(order.checkout_ref)
        ways = [lambda: self.fake.deliver(poster(), limit=3), lambda: sync_order(order)]
        self.no_errors(race(lambda n: ways[n % 2](), THREADS))
        self.assertEqual((Subscription.objects.count(), Grant.objects.count()), (1, 1))
        self.assertEqual((Payment.objects.count(), Receipt.objects.count(), len(mail.outbox)), (1, 1, 1))

    @takes_longer("Many threads use the database at once.")
    def test_renewal_is_recorded_once(self):
        ref = self.buy().provider_ref
        self.fake.advance(days=31)
        self.no_errors(race(lambda n: sync_subscription("stripe", ref), THREADS))
        self.assertEqual((Payment.objects.count(), Grant.objects.count(), Receipt.objects.count()), (2, 2, 2))
        self.assertEqual(list(self.subscription().changes.values_list("event", flat=True)), ["first_paid", "renewed"])

    @takes_longer("Many threads use the database at once.")
    def test_overlapping_fetches_leave_the_last_state(self):
        ref, fetch = self.buy().provider_ref, Stripe.subscription_state

        def fetch_slowly(provider, ref):
            state = fetch(provider, ref)
            time.sleep(random.random() / 50)
            return state

        def change_and_sync(number):
            with self.fake.lock:
                self.fake.update_subscription(ref, cancel_at_period_end=number % 2 == 0)
            return sync_subscription("stripe", ref)

        with mock.patch.object(Stripe, "subscription_state", fetch_slowly):
            outcomes = race(change_and_sync, THREADS)
        self.no_errors(outcomes)
        if any(isinstance(outcome, Exception) for outcome in outcomes):
            sync_subscription("stripe", ref)  # as Stripe repeats its webhook
        self.assertEqual(self.subscription().cancel_at is not None, self.fake.get(ref)["cancel_at_period_end"])

    @takes_longer("Many threads use the database at once.")
    def test_cancelling_in_twenty_tabs_while_webhooks_arrive(self):
        bought = self.buy()
        ways = [
            lambda: lifecycle.cancel(subscription=bought, now=timezone.now()),
            lambda: self.fake.deliver(poster(), limit=2),
        ]
        self.no_errors(race(lambda n: ways[n % 2](), THREADS))
        self.assertEqual(self.subscription().changes.filter(event="cancel_requested").count(), 1)
        self.assertFalse(self.subscription().changes.filter(event="cancel_undone").exists())
        self.assertTrue(self.fake.get(bought.provider_ref)["cancel_at_period_end"])

    @takes_longer("Many threads use the database at once.")
    def test_two_checkouts_paid_at_once_leave_one_contract(self):
        first = self.place()
        Order.objects.filter(pk=first.pk).update(status="cancelled")
        second = self.place()
        for order in (first, second):
            self.fake.pay(order.checkout_ref)
        orders = [first, second]
        race(lambda n: sync_order(orders[n % 2]), THREADS)
        for order in orders:
            sync_order(order)
        self.assertEqual(Subscription.objects.live().count(), 1)
        statuses = sorted(contract["status"] for contract in self.fake.all("subscription"))
        self.assertEqual(statuses, ["active", "canceled"])
        self.assertEqual(sorted(Payment.objects.values_list("status", flat=True)), ["succeeded", "surplus"])
        self.assertEqual(Grant.objects.count(), 1)
