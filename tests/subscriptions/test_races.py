"""Uniqueness guarantees under concurrent threads, on SQLite and PostgreSQL."""

from datetime import timedelta
from threading import Barrier, Thread
from unittest import mock

from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from subscriptions.models import (
    Cart,
    CartLine,
    Grant,
    LedgerEntry,
    Order,
    Payment,
    Redemption,
    Subscription,
    SubscriptionChange,
)
from subscriptions.money import Money
from subscriptions.providers.base import PaymentState
from subscriptions.services import cart as carts
from subscriptions.services import fulfilment
from subscriptions.services.checkout import CannotOrder, place_and_start, place_order
from subscriptions.services.fulfilment import record_payment
from subscriptions.services.lifecycle import cancel, end_due
from subscriptions.services.sync import mark_paid
from tests.budget import takes_longer
from tests.factories import make_coupon, make_editor, make_order, make_paid, make_plan, make_price, make_user
from tests.subscriptions.journeys import on_demo
from tests.transactions import TransactionTestCase
from truthlytics.audit.log import AuditEntry

THREADS = 12


def race(action, count=THREADS):
    """Call `action(number)` in `count` threads at the same time. Returns what each returned or raised."""
    barrier = Barrier(count)
    outcomes: list[object] = [None] * count

    def run(number):
        barrier.wait()
        try:
            outcomes[number] = action(number)
        except Exception as error:  # noqa: BLE001 - a thread's error is its outcome
            outcomes[number] = error
        finally:
            connection.close()

    threads = [Thread(target=run, args=(number,)) for number in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return outcomes


@on_demo
class RaceTests(TransactionTestCase):
    def no_errors(self, outcomes):
        self.assertEqual([error for error in outcomes if isinstance(error, Exception)], [])

    def test_one_live_subscription_per_user(self):
        user, price, now = make_user(), make_price(), timezone.now()
        span = {"anchor": now, "period_start": now, "period_end": now + timedelta(days=30)}

        def subscribe(number):
            with transaction.atomic():
                return Subscription.objects.create(user=user, price=price, provider="demo", **span)

        outcomes = race(subscribe)
        self.assertEqual(sum(isinstance(error, IntegrityError) for error in outcomes), THREADS - 1)
        self.assertEqual(Subscription.objects.count(), 1)

    @takes_longer("Many threads use the database at once.")
    def test_two_tabs_get_one_order(self):
        user = make_user()
        carts.add(price=make_price(), token="", user=user)
        outcomes = race(lambda n: place_and_start(user=user, provider="demo", confirmed="", now=timezone.now()).pk)
        self.no_errors(outcomes)
        self.assertEqual((len(set(outcomes)), Order.objects.count(), LedgerEntry.objects.count()), (1, 1, 1))

    @takes_longer("Many threads use the database at once.")
    def test_differing_tabs_leave_one_open_order(self):
        user, ways = make_user(), ["demo", "manual"]
        carts.add(price=make_price(), token="", user=user)
        self.no_errors(
            race(lambda n: place_and_start(user=user, provider=ways[n % 2], confirmed="", now=timezone.now()).pk)
        )
        self.assertEqual(Order.objects.filter(status="open").count(), 1)

    def test_paying_in_one_tab_blocks_ordering_in_another(self):
        order, other_tab = make_order(), []

        def fulfil_while_the_other_tab_orders(*args):
            fulfil(*args)
            action = lambda n: place_and_start(user=order.user, provider="manual", confirmed="", now=timezone.now())  # noqa: E731
            other_tab.append(Thread(target=lambda: other_tab.extend(race(action, 1))))
            other_tab[0].start()
            other_tab[0].join(0.5)  # it has to wait until the payment is committed

        fulfil, state = fulfilment._fulfil, PaymentState("p", "succeeded", order.total, timezone.now())
        with mock.patch.object(fulfilment, "_fulfil", fulfil_while_the_other_tab_orders):
            record_payment(order=order, state=state, now=timezone.now())
        other_tab[0].join()
        self.assertEqual((other_tab[1], other_tab[1].status), (order, "paid"))
        self.assertEqual(Order.objects.get().status, "paid")

    @takes_longer("Many threads use the database at once.")
    def test_payment_is_recorded_once(self):
        order = make_order()
        state = PaymentState("p-1", "succeeded", order.total, timezone.now())
        self.no_errors(race(lambda n: record_payment(order=order, state=state, now=timezone.now())))
        self.assertEqual(list(Payment.objects.values_list("status", flat=True)), ["succeeded"])
        self.assertEqual((Subscription.objects.count(), Grant.objects.count()), (1, 1))

    @takes_longer("Many threads use the database at once.")
    def test_second_payment_is_surplus(self):
        order = make_order()

        def pay(number):
            state = PaymentState(f"p-{number}", "succeeded", order.total, timezone.now())
            return record_payment(order=order, state=state, now=timezone.now())

        self.no_errors(race(pay))
        statuses = list(Payment.objects.values_list("status", flat=True))
        self.assertEqual((statuses.count("succeeded"), statuses.count("surplus")), (1, THREADS - 1))
        self.assertEqual((Subscription.objects.count(), Grant.objects.count()), (1, 1))

    def test_one_grant_per_order(self):
        user, now = make_user(), timezone.now()
        span = {"level": 10, "starts_at": now, "ends_at": now + timedelta(days=1), "source": "order"}

        def grant(number):
            with transaction.atomic():
                return Grant.objects.create(user=user, source_key="same", **span)

        outcomes = race(grant)
        self.assertEqual(sum(isinstance(error, IntegrityError) for error in outcomes), THREADS - 1)

    @takes_longer("Many threads use the database at once.")
    def test_one_open_cart_with_one_line(self):
        user, prices = make_user(), [make_price(), make_price(minor=1200)]
        self.no_errors(race(lambda n: carts.add(price=prices[n % 2], token="", user=user)))
        self.assertEqual((Cart.objects.count(), CartLine.objects.count()), (1, 1))

    def test_cart_is_merged_once(self):
        user, price = make_user(), make_price()
        carts.add(price=make_price(), token="", user=user)
        token = carts.add(price=price, token="", user=None).token
        self.no_errors(race(lambda n: carts.merge_into_account(token=token, user=user)))
        self.assertEqual(CartLine.objects.get(cart__status="open", cart__user=user).price, price)

    def test_two_carts_at_two_logins_leave_one(self):
        user, price = make_user(), make_price()
        tokens = [carts.add(price=price, token="", user=None).token for _ in range(2)]
        self.no_errors(race(lambda n: carts.merge_into_account(token=tokens[n], user=user), 2))
        self.assertEqual(Cart.objects.filter(status="open", user=user).count(), 1)

    @takes_longer("Many threads use the database at once.")
    def test_two_editors_mark_paid_once(self):
        order = make_order(provider="manual")
        outcomes = race(lambda n: mark_paid(order=order, by=f"Editor {n}"))
        self.no_errors(outcomes)
        self.assertEqual((outcomes.count(True), Payment.objects.count()), (1, 1))

    @takes_longer("Many threads use the database at once.")
    def test_editors_marking_paid_at_once_write_one_audit_entry(self):
        order, editors = make_order(provider="manual"), [make_editor() for _ in range(16)]
        data = {"action": "mark_as_paid", ACTION_CHECKBOX_NAME: order.pk, "confirmed": "1"}

        clients = [Client() for _ in editors]
        for client, editor in zip(clients, editors, strict=True):
            client.force_login(editor)

        def mark(number):
            return clients[number].post(reverse("admin:subscriptions_order_changelist"), data).status_code

        self.assertEqual(race(mark, 16), [302] * 16)
        entries = AuditEntry.objects.filter(model="subscriptions.order", row_id=str(order.pk))
        self.assertEqual((entries.count(), Payment.objects.count()), (1, 1))

    @takes_longer("Many threads use the database at once.")
    def test_subscription_ends_and_cancels_once(self):
        subscription, now = make_paid(), timezone.now()
        self.no_errors(race(lambda n: cancel(subscription=subscription, now=now)))
        outcomes = race(lambda n: end_due(subscription.period_end))
        self.no_errors(outcomes)
        self.assertEqual(sum(outcomes), 1)
        events = list(SubscriptionChange.objects.values_list("event", flat=True))
        self.assertEqual(events, ["first_paid", "cancel_requested", "cancel_reached"])

    def test_wrong_amount_grants_nothing(self):
        order = make_order(provider="manual")
        for ref, amount in [("less", Money(1, "EUR")), ("dollars", Money(order.total_minor, "USD"))]:
            state = PaymentState(ref, "succeeded", amount, timezone.now())
            self.assertEqual(record_payment(order=order, state=state, now=timezone.now()).status, "surplus")
        self.assertFalse(Grant.objects.exists())

    @takes_longer("Many threads use the database at once.")
    def test_twenty_readers_get_the_last_use_of_a_coupon_once(self):
        coupon, users = make_coupon(max_uses=3, uses=2), [make_user() for _ in range(20)]
        for user in users:
            cart = carts.add(price=make_price(), token="", user=user)
            carts.set_coupon(cart=cart, coupon=coupon)

        def order(number):
            return place_and_start(user=users[number], provider="manual", confirmed="", now=timezone.now())

        outcomes = race(order, 20)
        placed = [outcome for outcome in outcomes if isinstance(outcome, Order)]
        refused = [outcome for outcome in outcomes if isinstance(outcome, CannotOrder)]
        self.assertEqual(([o.discount_minor for o in placed], len(refused)), ([225], 19))
        self.assertEqual({error.code for error in refused}, {"coupon"})
        coupon.refresh_from_db()
        self.assertEqual((coupon.uses, Redemption.objects.count(), Order.objects.count()), (3, 1, 1))

    @takes_longer("Many threads use the database at once.")
    def test_one_reader_in_many_tabs_uses_a_coupon_once(self):
        user, coupon = make_user(), make_coupon(max_uses=5)
        carts.set_coupon(cart=carts.add(price=make_price(), token="", user=user), coupon=coupon)
        outcomes = race(lambda n: place_and_start(user=user, provider="demo", confirmed="", now=timezone.now()).pk)
        self.no_errors(outcomes)
        coupon.refresh_from_db()
        self.assertEqual((len(set(outcomes)), coupon.uses, Redemption.objects.count()), (1, 1, 1))

    def test_second_click_gets_the_order_that_has_just_emptied_the_cart(self):
        user = make_user()
        carts.add(price=make_price(), token="", user=user)
        order = place_and_start(user=user, provider="manual", confirmed="", now=timezone.now())
        # The second click looks for an awaited order before the first has emptied the cart, and for lines after that.
        with mock.patch("subscriptions.services.checkout.awaited_order", side_effect=[None, order]):
            again, replaced = place_order(user=user, provider="manual", confirmed="", now=timezone.now())
        self.assertEqual((again, replaced, Order.objects.count()), (order, None, 1))

    @takes_longer("Many threads use the database at once.")
    def test_trial_by_transfer_starts_once(self):
        user = make_user()
        carts.add(price=make_price(make_plan(trial_days=14)), token="", user=user)
        outcomes = race(lambda n: place_and_start(user=user, provider="manual", confirmed="", now=timezone.now()).pk)
        self.no_errors(outcomes)
        self.assertEqual((Subscription.objects.count(), Grant.objects.count(), Order.objects.count()), (1, 1, 1))
