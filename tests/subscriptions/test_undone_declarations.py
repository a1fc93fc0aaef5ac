"""Withdrawals and cancellations that are undone, and those that race with payments and decisions."""

from unittest import mock

from django.urls import reverse
from django.utils import timezone

from subscriptions.models import Declaration, Gift, Grant, Order, Payment, Refund, Subscription
from subscriptions.providers.base import Unavailable
from subscriptions.services import declarations, gifts, refunds, undoing, withdrawals
from subscriptions.services.sync import mark_paid, sync_order
from tests.budget import takes_longer
from tests.factories import make_order, make_paid, make_plan, make_price, make_user
from tests.subscriptions.card_provider import Card, CardMixin
from tests.subscriptions.test_declarations import DeclarationCase
from tests.subscriptions.test_withdrawals import give, order_of
from tests.threads import at_once
from tests.transactions import TransactionTestCase


class UndoingTests(CardMixin, DeclarationCase):
    def setUp(self):
        super().setUp()
        self.reader = make_user()

    def by_card(self, price=None):
        order = make_order(self.reader, price, provider="card")
        Card().pay(order.checkout_ref)
        return sync_order(order)

    def rows(self):
        """Return all that a withdrawal and its undoing may change, apart from the log."""
        return [
            list(
                Subscription.objects.order_by("pk").values(
                    "status", "cancel_at", "period_end", "end_reason", "ended_at"
                )
            ),
            list(Grant.objects.order_by("pk").values("pk", "starts_at", "ends_at", "revoked_at", "subscription")),
            list(Gift.objects.order_by("pk").values("refunded_at", "redeemed_at")),
        ]

    def withdraw(self, order):
        with self.captureOnCommitCallbacks(execute=True):
            return withdrawals.withdraw(order=order, now=timezone.now())

    def undo(self, made):
        with self.captureOnCommitCallbacks(execute=True):
            return undoing.undo(declaration=Declaration.objects.get(pk=made.pk), now=timezone.now())

    @takes_longer("Many requests, one after the other.")
    def test_undoing_puts_back_all_that_was_changed(self):
        cases = {
            "transfer": lambda: order_of(make_paid(self.reader)),
            "card": self.by_card,
            "trial": lambda: self.by_card(make_price(make_plan(trial_days=7))),
            "gift": lambda: give(self.reader, make_price()),
            "redeemed gift": self.redeemed,
            "extension": self.extension,
        }
        for name, order in cases.items():
            with self.subTest(name):
                self.reader = make_user()
                ordered = order()
                before = self.rows()
                made = self.withdraw(ordered)
                self.assertNotEqual(self.rows(), before)
                self.assertTrue(self.undo(made))
                self.assertEqual(self.rows(), before)
                with self.assertRaises(undoing.CannotUndo):
                    self.undo(made)
                again = self.withdraw(ordered)
                self.assertNotEqual((again.pk, self.rows()), (made.pk, before))

    def redeemed(self):
        order = give(self.reader, make_price())
        gifts.redeem(code=Gift.objects.get(order=order).code, user=make_user(), now=timezone.now())
        return order

    def extension(self):
        price = make_price()
        make_paid(self.reader, price)
        order = make_order(self.reader, price, provider="manual")
        mark_paid(order=order, by="an editor")
        return Order.objects.get(pk=order.pk)

    def test_the_contract_renews_again(self):
        made = self.withdraw(self.by_card())
        ref = Subscription.objects.get().provider_ref
        self.assertEqual(Card().subscription_state(ref).status, "active")
        self.assertIsNotNone(Card().subscription_state(ref).cancel_at)
        self.undo(made)
        self.assertIsNone(Card().subscription_state(ref).cancel_at)
        self.assertTrue(Subscription.objects.get().renews)

    def test_a_provider_that_is_away_leaves_access_and_a_subscription_to_resume(self):
        made = self.withdraw(self.by_card())
        with mock.patch.object(Card, "undo_cancel", side_effect=Unavailable):
            self.assertFalse(self.undo(made))
        subscription = Subscription.objects.get()
        self.assertEqual((subscription.status, subscription.cancel_at), ("active", subscription.period_end))
        self.assertTrue(self.has_access())

    def test_money_that_was_paid_back_decides(self):
        pay_back = {
            "declaration": lambda made: withdrawals.refund(declaration=made, by="Edith"),
            "payment": lambda made: self.refund_payment(),
        }
        for name, refund in pay_back.items():
            with self.subTest(name):
                self.reader = make_user()
                made = self.withdraw(self.by_card())
                refund(made)
                with self.assertRaises(undoing.CannotUndo):
                    self.undo(made)
                self.assertFalse(Grant.objects.running(timezone.now()).filter(user=self.reader).exists())

    def refund_payment(self):
        payment = Payment.objects.filter(user=self.reader).get()
        refunds.refund(payment=payment, amount=payment.money, by="Edith")

    def test_a_refund_ends_the_contract_at_the_provider(self):
        made = self.withdraw(self.by_card())
        with self.captureOnCommitCallbacks(execute=True):
            withdrawals.refund(declaration=made, by="Edith")
        self.assertEqual(Card().subscription_state(Subscription.objects.get().provider_ref).status, "ended")

    def test_another_subscription_since_then_is_in_the_way(self):
        made = self.withdraw(order_of(make_paid(self.reader)))
        make_paid(self.reader)
        with self.assertRaisesMessage(undoing.CannotUndo, "another subscription"):
            self.undo(made)

    def test_the_account_undoes_a_withdrawal_and_a_cancellation(self):
        order = self.by_card()
        self.client.force_login(self.reader)
        self.post(reverse("subscriptions:withdrawal", args=[order.uuid]))
        made = Declaration.objects.get()
        url = reverse("subscriptions:declaration", args=[made.pk])
        self.assertContains(self.client.get("/account/"), url)
        self.assertContains(self.client.get(url), "Undo the withdrawal")
        self.assertContains(self.post(f"{url}undoing/"), "You undid it on")
        self.assertTrue(self.has_access())
        self.declare("/withdraw/", contract="nothing 1")
        self.client.logout()
        self.declare("/cancel/", email=self.reader.email)
        self.click()
        self.client.force_login(self.reader)
        cancelled = Declaration.objects.get(kind="cancellation")
        self.post(reverse("subscriptions:declaration_undoing", args=[cancelled.pk]))
        self.assertIsNone(Subscription.objects.get().cancel_at)
        cancelled.refresh_from_db()
        self.assertIsNotNone(cancelled.undone_at)
        self.assertContains(self.click(), "You undid it on")
        self.assertIsNone(Subscription.objects.get().cancel_at)


class RaceTests(TransactionTestCase):
    def declared(self, kind="withdrawal"):
        reader = make_user(email="nadia@example.org")
        self.order = order_of(make_paid(reader))
        return Declaration.objects.create(
            kind=kind,
            name="Nadia",
            email=reader.email,
            contract=str(self.order.number),
            user=reader,
            declared_at=timezone.now(),
        )

    @takes_longer("Many threads use the database at once.")
    def test_click_login_and_decision_withdraw_once(self):
        self.race("withdrawal", "withdrawn")
        self.assertEqual(Declaration.objects.exclude(order=None).count(), 1)

    def test_click_login_and_decision_cancel_once(self):
        self.race("cancellation", "cancel_requested")

    def race(self, kind, event):
        made, now = self.declared(kind), timezone.now()
        ways = [
            lambda: declarations.confirm(declaration=made, by="email", now=now),
            lambda: declarations.confirm(declaration=made, by="account", now=now),
            lambda: self.decide(made, now),
            lambda: withdrawals.withdraw(order=self.order, now=now) if made.is_withdrawal else None,
        ]
        turns = iter(ways)
        at_once(lambda: next(turns)(), len(ways))
        self.assertEqual(Subscription.objects.get().changes.filter(event=event).count(), 1)

    def decide(self, made, now):
        if made.is_withdrawal:
            return declarations.decide_withdrawal(declaration=made, order=self.order, by="Edith", now=now)
        return declarations.decide_cancellation(declaration=made, reader=made.user, by="Edith", now=now)

    def test_undoing_and_refund_exclude_each_other(self):
        made = withdrawals.withdraw(order=order_of(make_paid()), now=timezone.now())
        ways = iter([self.undo(made), self.undo(made), lambda: withdrawals.refund(declaration=made, by="Edith")])
        at_once(lambda: next(ways)(), 3)
        made.refresh_from_db()
        has_access = Grant.objects.running(timezone.now()).exists()
        self.assertEqual(has_access, made.undone_at is not None)
        self.assertNotEqual(has_access, Refund.objects.exists())

    def undo(self, made):
        return lambda: undoing.undo(declaration=Declaration.objects.get(pk=made.pk), now=timezone.now())
