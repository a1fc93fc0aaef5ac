"""Withdrawing from a contract within 14 days, in the account and without a login."""

from datetime import UTC, datetime, timedelta

from django.core import mail
from django.core.cache import cache
from django.db import IntegrityError, transaction
from django.test import TestCase
from django.urls import reverse
from django.utils import timezone

from subscriptions.models import Declaration, Gift, Grant, Order, Payment, Refund, Subscription
from subscriptions.services import gift_orders, gifts, refunds, withdrawals
from subscriptions.services.sync import mark_paid, sync_order
from subscriptions.services.withdrawals import CannotWithdraw, refunds_due, withdraw, withdrawal_ends
from tests.factories import make_member, make_order, make_paid, make_plan, make_price, make_user
from tests.subscriptions.card_provider import Card, CardMixin
from tests.threads import at_once
from tests.transactions import TransactionTestCase
from truthlytics.publication.models import Publication


def order_of(subscription):
    return Order.objects.get(payments__subscription=subscription)


def age(order, days):
    """Let `order` be paid `days` ago."""
    shift = timedelta(days=days)
    Order.objects.filter(pk=order.pk).update(placed_at=order.placed_at - shift, paid_at=order.paid_at - shift)
    for payment in order.payments.all():
        payment.period_start, payment.period_end = payment.period_start - shift, payment.period_end - shift
        payment.save()
    order.refresh_from_db()
    return order


def give(giver, price):
    details = gift_orders.GiftDetails(price=price, deliver_at=timezone.now())
    order = gift_orders.place_and_start(user=giver, details=details, provider="manual", now=timezone.now())
    mark_paid(order=order, by="an editor")
    return Order.objects.get(pk=order.pk)


class PeriodTests(TestCase):
    def test_fourteen_days_do_not_count_the_day_of_the_contract(self):
        # A Tuesday, and the Tuesday two weeks later is the last day.
        self.assertEqual(withdrawal_ends(datetime(2026, 3, 3, 15, tzinfo=UTC)), datetime(2026, 3, 18, tzinfo=UTC))

    def test_a_last_day_at_the_weekend_moves_to_monday(self):
        for day in (7, 8):  # Saturday and Sunday
            concluded = datetime(2026, 3, day, 9, tzinfo=UTC)
            self.assertEqual(withdrawal_ends(concluded), datetime(2026, 3, 24, tzinfo=UTC))

    def test_days_are_those_of_the_publication(self):
        with timezone.override("Europe/Berlin"):
            ends = withdrawal_ends(datetime(2026, 3, 2, 23, 30, tzinfo=UTC))
        self.assertEqual(ends.isoformat(), "2026-03-18T00:00:00+01:00")


class WithdrawalTests(CardMixin, TestCase):
    def setUp(self):
        super().setUp()
        self.user = make_user()

    def withdraw(self, order, **fields):
        with self.captureOnCommitCallbacks(execute=True):
            return withdraw(order=order, now=timezone.now(), **fields)

    def test_access_ends_at_once_and_the_refund_is_prepared(self):
        subscription = make_paid(self.user)
        made = self.withdraw(order_of(subscription))
        subscription.refresh_from_db()
        self.assertEqual((subscription.status, subscription.end_reason), ("ended", "withdrawn"))
        self.assertFalse(Grant.objects.running(timezone.now()).exists())
        self.assertEqual([str(due.amount) for due in refunds_due(made)], ["€9.00"])
        self.assertIsNone(made.handled_at)
        email = mail.outbox[-1]
        self.assertEqual((email.to, email.subject), ([self.user.email], "We have received your withdrawal"))
        self.assertIn(f"{timezone.localtime(made.declared_at):%H:%M}", email.body)
        self.assertIn("We’ll pay back what you paid within 14 days", email.body)

    def test_days_used_are_deducted_if_the_settings_say_so_and_the_reader_asked_to_begin(self):
        Publication.objects.create(withdrawal_refund="unused")
        for start, asked in [("", False), ("Begin now.", True)]:
            with self.subTest(start):
                order = age(order_of(make_paid(make_user())), 10)
                at = timezone.now() if asked else None
                Order.objects.filter(pk=order.pk).update(start_text=start, start_agreed_at=at)
                payment = order.payments.get()
                days = (payment.period_end.date() - payment.period_start.date()).days
                minor = 900 - 900 * 10 // days if asked else 900
                self.assertEqual([due.amount.minor for due in refunds_due(self.withdraw(order))], [minor])

    def test_a_second_withdrawal_is_the_first(self):
        order = order_of(make_paid(self.user))
        first = self.withdraw(order)
        self.assertEqual(self.withdraw(order), first)
        self.assertEqual(len(mail.outbox), 1)
        with self.assertRaises(IntegrityError), transaction.atomic():
            Declaration.objects.create(kind="withdrawal", order=order, declared_at=timezone.now())

    def test_after_the_period_it_is_refused_and_an_editor_may_accept_it(self):
        order = age(order_of(make_paid(self.user)), 20)
        with self.assertRaisesMessage(CannotWithdraw, "14 days to withdraw from this order are over"):
            self.withdraw(order)
        self.assertIsNotNone(self.withdraw(order, accepts_late=True).order)

    def test_an_unpaid_transfer_is_cancelled_and_owes_nothing(self):
        order = make_order(self.user, provider="manual")
        made = self.withdraw(order)
        order.refresh_from_db()
        self.assertEqual((order.status, made.handled_by), ("cancelled", "site"))
        self.assertNotIn("pay back", mail.outbox[-1].body)

    def test_a_free_trial_ends_without_a_charge(self):
        order = make_order(self.user, make_price(make_plan(trial_days=7)), provider="manual")
        self.withdraw(order)
        self.assertEqual(Subscription.objects.get().end_reason, "withdrawn")
        self.assertFalse(Grant.objects.running(timezone.now()).exists())

    def test_a_refunded_order_cannot_be_withdrawn_from(self):
        order = order_of(make_paid(self.user))
        payment = order.payments.get()
        refund = refunds.refund(payment=payment, amount=payment.money, by="an editor")
        refunds.mark_transferred(refund=refund, by="an editor")
        with self.assertRaisesMessage(CannotWithdraw, "already refunded"):
            self.withdraw(order)

    def test_what_was_refunded_before_is_not_paid_back_again(self):
        order = order_of(make_paid(self.user))
        payment = order.payments.get()
        amount = payment.money.__class__(400, "EUR")
        refunds.refund(payment=payment, amount=amount, by="an editor")
        self.assertEqual([due.amount.minor for due in refunds_due(self.withdraw(order))], [500])

    def test_a_gift_can_be_withdrawn_from_by_its_giver(self):
        order = give(self.user, make_price())
        made = self.withdraw(order)
        self.assertIsNotNone(Gift.objects.get().refunded_at)
        self.assertEqual([due.amount.minor for due in refunds_due(made)], [900])

    def test_the_extension_of_a_subscription_leaves_what_was_paid_before(self):
        price = make_price()
        subscription = make_paid(self.user, price)
        first_end = subscription.period_end
        extension = make_order(self.user, price, provider="manual")
        mark_paid(order=extension, by="an editor")
        self.withdraw(Order.objects.get(pk=extension.pk))
        subscription.refresh_from_db()
        self.assertEqual((subscription.status, subscription.period_end), ("active", first_end))

    def test_a_card_is_not_charged_again(self):
        order = make_order(self.user, provider="card")
        Card().pay(order.checkout_ref)
        order = sync_order(order)
        self.withdraw(order)
        subscription = Subscription.objects.get()
        self.assertEqual((subscription.status, subscription.end_reason), ("ended", "withdrawn"))
        self.assertEqual(Payment.objects.count(), 1)

    def test_a_gift_that_was_to_follow_begins_at_once(self):
        reader, price = make_user(), make_price()
        order = make_order(reader, price, provider="card")
        Card().pay(order.checkout_ref)
        sync_order(order)
        given = Gift.objects.get(order=give(make_user(), make_price(interval="year")))
        gifts.redeem(code=given.code, user=reader, now=timezone.now())
        grant = Grant.objects.get(source="gift")
        length = grant.ends_at - grant.starts_at
        self.assertGreater(grant.starts_at, timezone.now())
        with self.captureOnCommitCallbacks(execute=True):
            self.withdraw(order)
        grant.refresh_from_db()
        self.assertLessEqual(grant.starts_at, timezone.now())
        self.assertEqual((grant.ends_at - grant.starts_at, grant.revoked_at), (length, None))
        subscription = Subscription.objects.get(user=reader)
        self.assertEqual((subscription.status, subscription.end_reason), ("ended", "withdrawn"))
        self.assertIsNotNone(Card().subscription_state(subscription.provider_ref).cancel_at)
        self.assertEqual(list(Grant.objects.running(timezone.now()).filter(user=reader)), [grant])


class WithdrawalPageTests(TestCase):
    def setUp(self):
        cache.clear()
        self.user = make_user()
        self.order = order_of(make_paid(self.user))
        self.url = reverse("subscriptions:withdrawal", args=[self.order.uuid])

    def post(self, url, data=None, **extra):
        with self.captureOnCommitCallbacks(execute=True):
            return self.client.post(url, data or {}, **extra)

    def test_the_account_shows_the_contract_with_its_button(self):
        self.client.force_login(self.user)
        self.assertContains(self.client.get("/account/"), f'href="{self.url}"')
        self.assertContains(self.client.get(self.url), "We’ll pay back €9.00 within 14 days.")
        Payment.objects.update(refunded_minor=200)
        self.assertContains(self.client.get(self.url), "We’ll pay back €7.00 within 14 days.")
        Payment.objects.update(refunded_minor=0)
        self.assertContains(self.post(self.url, follow=True), "You have withdrawn from order")
        self.assertNotContains(self.client.get("/account/"), f'href="{self.url}"')
        self.post(self.url)
        self.assertEqual(Declaration.objects.count(), 1)

    def test_getting_the_page_withdraws_nothing_and_orders_of_others_are_not_found(self):
        self.client.force_login(self.user)
        self.client.get(self.url)
        self.assertFalse(Declaration.objects.exists())
        self.client.force_login(make_user())
        self.assertEqual(self.client.post(self.url).status_code, 404)


class NewsroomTests(TestCase):
    def setUp(self):
        self.order = order_of(make_paid())
        self.support = make_member("Support")
        self.client.force_login(self.support)

    def url(self, name, declaration):
        return reverse(f"admin:subscriptions_declaration_{name}", args=[declaration.pk])

    def test_one_click_refunds_a_withdrawal_once(self):
        made = withdraw(order=self.order, now=timezone.now())
        self.assertContains(self.client.get("/admin/"), "1 withdrawal or cancellation to settle")
        self.assertContains(self.client.get(self.url("change", made)), "€9.00")
        page = self.client.get(self.url("refund", made))
        self.assertContains(page, "you transfer it to the reader’s bank account afterwards")
        self.assertContains(page, "can’t undo the declaration afterwards")
        self.assertFalse(Refund.objects.exists())
        for _ in range(2):
            self.client.post(self.url("refund", made))
        refund = Refund.objects.get()
        self.assertEqual((refund.minor, refund.reason), (900, "Withdrawal"))
        page = self.client.get(reverse("admin:subscriptions_refund_change", args=[refund.pk]))
        transferred = reverse("admin:subscriptions_payment_transferred", args=[refund.payment_id, refund.pk])
        self.assertContains(page, f'action="{transferred}"')
        self.client.post(transferred)
        self.assertNotContains(self.client.get(page.request["PATH_INFO"]), f'action="{transferred}"')
        self.assertNotContains(self.client.get("/admin/"), "to settle")

    def test_an_unrecognised_withdrawal_is_given_its_order(self):
        made = Declaration.objects.create(
            kind="withdrawal", declared_at=timezone.now(), name="Nadia", email="other@example.org"
        )
        url = self.url("assignment", made)
        self.assertContains(self.client.get(url), "Withdraw from this order")
        self.assertContains(
            self.client.post(url, {"found": "1"}), "There is no order with this number.", status_code=422
        )
        self.client.post(url, {"found": self.order.number})
        made.refresh_from_db()
        self.assertEqual((made.order, made.user), (self.order, self.order.user))
        self.assertFalse(Grant.objects.running(timezone.now()).exists())

    def test_others_are_marked_as_done(self):
        made = Declaration.objects.create(kind="cancellation", declared_at=timezone.now(), email="a@example.org")
        self.client.post(self.url("done", made))
        made.refresh_from_db()
        self.assertEqual(made.handled_by, str(self.support))


class WithdrawalRaceTests(TransactionTestCase):
    def test_two_clicks_withdraw_once(self):
        order = order_of(make_paid())
        at_once(lambda: withdraw(order=order, now=timezone.now()), 3)
        self.assertEqual(Declaration.objects.count(), 1)
        self.assertEqual(Subscription.objects.get().changes.filter(event="withdrawn").count(), 1)

    def test_two_clicks_refund_once(self):
        made = withdraw(order=order_of(make_paid()), now=timezone.now())
        at_once(lambda: withdrawals.refund(declaration=made, by="an editor"), 3)
        self.assertEqual(Refund.objects.count(), 1)
