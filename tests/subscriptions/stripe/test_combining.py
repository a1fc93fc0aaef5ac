"""Cards beside transfers and gifts: nobody pays for the same days twice, and nobody loses paid ones."""

from datetime import timedelta

from django.utils import timezone

from subscriptions.models import Gift, Order, Payment, SentEmail, Subscription
from subscriptions.services import gift_orders, gifts, refunds
from subscriptions.services.access import access_for
from subscriptions.services.checkout import CannotOrder
from tests.factories import make_order, make_paid, make_user
from tests.subscriptions.stripe.base import StripeCase


class TransferToCardTests(StripeCase):
    def setUp(self):
        super().setUp()
        self.paid = make_paid(self.user, self.month)
        order = self.place(self.supporter)
        self.assertEqual((order.kind, order.renews), ("extension", True))
        self.fake.pay(order.checkout_ref)
        self.deliver()
        self.card = Subscription.objects.live().get()

    def level_at(self, time):
        return access_for(self.user, time).level

    def test_card_is_charged_when_the_transfer_has_run_out(self):
        self.assertEqual(self.payments(), [900])
        self.assertEqual((self.card.status, self.card.period_end), ("active", self.paid.period_end))
        self.paid.refresh_from_db()
        self.assertEqual((self.paid.status, self.paid.end_reason), ("ended", "replaced"))
        self.assertFalse(SentEmail.objects.filter(kind__in=["trial_started", "ended"]).exists())
        self.pass_period()
        self.assertEqual((self.payments(), self.level()), ([900, 1500], 20))
        self.assert_agrees()

    def test_access_has_no_gap_and_the_next_plan_does_not_begin_early(self):
        end = self.paid.period_end
        times = [timezone.now(), end - timedelta(minutes=1), end + timedelta(hours=5)]
        self.assertEqual([self.level_at(time) for time in times], [10, 10, 20])
        self.assertEqual(self.level_at(end + timedelta(days=3)), 1)

    def test_cancelled_before_the_first_charge(self):
        self.client.force_login(self.user)
        with self.committing():
            self.client.post("/account/cancellation/")
        self.pass_period()
        self.assertEqual((self.payments(), self.level(), self.card.changes.latest("pk").became), ([900], 1, "ended"))
        self.assert_agrees()


class GiftTests(StripeCase):
    def give(self):
        giver, now = make_user(), timezone.now()
        details = gift_orders.GiftDetails(price=self.year, deliver_at=now)
        with self.committing():
            order = gift_orders.place_and_start(user=giver, details=details, provider="stripe", now=now)
        self.fake.pay(order.checkout_ref)
        self.deliver(copies=2)
        return Gift.objects.get(order=order)

    def redeem(self, gift):
        with self.committing():
            gifts.redeem(code=gift.code, user=self.user, now=timezone.now())

    def test_gift_is_paid_once_and_redeemed_once(self):
        gift = self.give()
        self.assertEqual((self.payments(), Order.objects.get().status), ([9000], "paid"))
        self.redeem(gift)
        with self.assertRaises(gifts.CannotRedeem):
            self.redeem(gift)
        self.assertEqual(self.level(), 10)

    def test_gift_postpones_the_charge_of_a_card(self):
        self.buy()
        end = self.subscription.period_end
        self.redeem(self.give())
        self.deliver()
        self.assertEqual(self.subscription.status, "active")
        self.assertGreater(self.subscription.period_end, end + timedelta(days=360))
        self.pass_time(to=int(end.timestamp()) + 3 * 24 * 3600)
        self.deliver()
        self.assertEqual((sorted(self.payments()), self.level()), ([900, 9000], 10))
        self.pass_period()
        self.assertEqual((sorted(self.payments()), self.level()), ([900, 900, 9000], 10))

    def test_refunded_gift_cannot_be_redeemed(self):
        gift = self.give()
        payment = Payment.objects.get()
        with self.committing():
            self.assertEqual(refunds.refund(payment=payment, amount=payment.money, by="Edith").status, "done")
        self.deliver()
        with self.assertRaises(gifts.CannotRedeem):
            self.redeem(gift)

    def test_gift_that_is_charged_back_cannot_be_redeemed(self):
        gift = self.give()
        self.fake.dispute(Payment.objects.get().provider_ref)
        self.deliver()
        with self.assertRaises(gifts.CannotRedeem):
            self.redeem(gift)

    def test_card_buyer_with_an_open_transfer_pays_once(self):
        transfer = make_order(self.user, self.month, provider="manual")
        with self.assertRaisesMessage(CannotOrder, "waiting for your transfer"):
            self.place()
        self.assertEqual(Order.objects.get(status="open"), transfer)
