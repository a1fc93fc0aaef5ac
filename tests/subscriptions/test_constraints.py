"""What must never happen is refused by the database itself, whatever the code does."""

from datetime import timedelta

from django.db import IntegrityError, transaction
from django.test import TestCase
from django.utils import timezone

from subscriptions.models import (
    Cart,
    CartLine,
    Coupon,
    Gift,
    Grant,
    Order,
    Payment,
    Price,
    ProviderCustomer,
    Receipt,
    Redemption,
    Refund,
    SentEmail,
    Subscription,
    TrialUse,
)
from tests.factories import make_plan, make_price, make_user

NOW = timezone.now()
LATER = NOW + timedelta(days=30)


class ConstraintTests(TestCase):
    @classmethod
    def setUpTestData(cls):
        cls.user, cls.other, cls.price = make_user(), make_user(), make_price()
        cls.coupon = Coupon.objects.create(code="SPRING", percent=50, max_uses=1, uses=1)
        cls.order = cls.new_order(cls, status="paid")
        cls.payment = cls.new_payment(cls, order=cls.order, invoice_ref="in_1", provider_ref="pay_1")

    def new_order(self, **fields):
        defaults = {"user": self.user, "provider": "stripe", "placed_at": NOW, "consented_at": NOW}
        return Order.objects.create(**defaults | {"total_minor": 900, "currency": "EUR"} | fields)

    def new_payment(self, **fields):
        defaults = {"user": self.user, "provider": "stripe", "status": "succeeded", "minor": 900, "currency": "EUR"}
        return Payment.objects.create(**defaults | {"recorded_at": NOW, "paid_at": NOW} | fields)

    def new_subscription(self, **fields):
        span = {"anchor": NOW, "period_start": NOW, "period_end": LATER}
        defaults = {"user": self.user, "price": self.price, "provider": "stripe", "status": "active"}
        return Subscription.objects.create(**defaults | span | fields)

    def new_grant(self, **fields):
        defaults = {"user": self.user, "level": 10, "starts_at": NOW, "ends_at": LATER, "source": "invoice"}
        return Grant.objects.create(**defaults | {"source_key": "in_1"} | fields)

    def new_refund(self, **fields):
        return Refund.objects.create(**{"payment": self.payment, "minor": 100, "requested_at": NOW} | fields)

    def new_receipt(self, **fields):
        fields = {"payment": self.payment, "year": 2026, "number": 1, "issued_at": NOW} | fields
        return Receipt.objects.create(**{"currency": "EUR", "gross_minor": 900} | fields)

    def new_credit_note(self, **fields):
        return self.new_receipt(**{"kind": "credit_note", "corrects": self.receipt, "gross_minor": -900} | fields)

    def new_gift(self, **fields):
        terms = {"price": self.price, "deliver_at": NOW, "redeem_by": LATER}
        return Gift.objects.create(**terms | {"order": self.order} | fields)

    def new_redemption(self, **fields):
        return Redemption.objects.create(**{"coupon": self.coupon, "user": self.user, "at": NOW} | fields)

    def assert_impossible(self, *actions):
        """The last of the actions is refused by the database."""
        *allowed, impossible = actions
        for action in allowed:
            action()
        with self.assertRaises(IntegrityError), transaction.atomic():
            impossible()

    def test_two_live_subscriptions_of_a_reader(self):
        self.new_subscription(status="ended", ended_at=NOW)
        self.assert_impossible(self.new_subscription, lambda: self.new_subscription(status="past_due"))

    def test_two_open_orders_of_a_reader(self):
        self.assert_impossible(self.new_order, lambda: self.new_order(kind="extension"))

    def test_two_open_gift_orders_of_a_reader(self):
        self.new_order()
        self.assert_impossible(lambda: self.new_order(kind="gift"), lambda: self.new_order(kind="gift"))

    def test_payment_recorded_twice(self):
        self.assert_impossible(lambda: self.new_payment(provider_ref="pay_1", status="failed"))

    def test_order_paid_twice(self):
        self.new_payment(order=self.order, provider_ref="pay_2", status="surplus")
        self.assert_impossible(lambda: self.new_payment(order=self.order, provider_ref="pay_3"))

    def test_invoice_paid_twice(self):
        self.assert_impossible(lambda: self.new_payment(invoice_ref="in_1", provider_ref="pay_2"))

    def test_contract_recorded_twice(self):
        ended = {"status": "ended", "ended_at": NOW, "provider_ref": "sub_1"}
        self.assert_impossible(
            lambda: self.new_subscription(**ended), lambda: self.new_subscription(user=self.other, **ended)
        )

    def test_ended_without_a_date_or_live_with_one(self):
        self.assert_impossible(lambda: self.new_subscription(status="ended"))
        self.assert_impossible(lambda: self.new_subscription(ended_at=NOW))

    def test_access_granted_twice(self):
        self.assert_impossible(self.new_grant, lambda: self.new_grant(user=self.other))

    def test_access_that_ends_before_it_starts(self):
        self.assert_impossible(lambda: self.new_grant(ends_at=NOW - timedelta(days=1)))

    def test_coupon_used_more_often_than_allowed(self):
        self.assert_impossible(lambda: Coupon.objects.update(uses=2))

    def test_coupon_with_two_discounts_or_none(self):
        self.assert_impossible(lambda: Coupon.objects.update(minor=100, currency="EUR"))
        self.assert_impossible(lambda: Coupon.objects.update(percent=None))
        self.assert_impossible(lambda: Coupon.objects.update(percent=101))

    def test_coupon_used_twice_by_a_reader(self):
        second = self.new_order()
        released = lambda: self.new_redemption(order=second, state="released")  # noqa: E731
        first = lambda: self.new_redemption(order=self.order, state="used")  # noqa: E731
        self.assert_impossible(released, first, lambda: self.new_redemption(order=second))

    def test_two_coupons_for_an_order(self):
        other = Coupon.objects.create(code="OTHER", percent=10)
        self.assert_impossible(
            lambda: self.new_redemption(order=self.order),
            lambda: self.new_redemption(order=self.order, user=self.other, coupon=other),
        )

    def test_discount_above_the_price(self):
        self.assert_impossible(lambda: self.new_order(subtotal_minor=900, discount_minor=901))

    def test_refund_of_more_than_was_paid(self):
        self.assert_impossible(lambda: Payment.objects.update(refunded_minor=901))
        self.assert_impossible(lambda: Payment.objects.update(refunded_minor=-1))

    def test_refund_recorded_twice(self):
        self.assert_impossible(
            lambda: self.new_refund(provider_ref="re_1"), lambda: self.new_refund(provider_ref="re_1")
        )
        key = Refund.objects.get().key
        self.assert_impossible(lambda: self.new_refund(key=key))

    def test_refund_of_nothing(self):
        self.assert_impossible(lambda: self.new_refund(minor=0))

    def test_receipt_number_given_twice(self):
        self.receipt = self.new_receipt(number=9)
        refund = self.new_refund()
        self.assert_impossible(lambda: self.new_receipt(edition=2), lambda: self.new_credit_note(refund=refund))

    def test_two_receipts_for_a_payment_or_a_refund(self):
        refund = self.new_refund()
        self.receipt = self.new_receipt()
        self.assert_impossible(lambda: self.new_receipt(number=2, edition=2), lambda: self.new_receipt(number=3))
        for fields in ({"refund": refund}, {"reason": "chargeback"}, {"reason": "cancellation"}):
            with self.subTest(fields):
                first = 10 + 2 * len(fields["reason"]) if "reason" in fields else 5
                self.assert_impossible(
                    lambda fields=fields, first=first: self.new_credit_note(number=first, **fields),
                    lambda fields=fields, first=first: self.new_credit_note(number=first + 1, **fields),
                )

    def test_email_sent_twice(self):
        send = lambda: SentEmail.objects.create(user=self.user, kind="receipt", key="1", sent_at=NOW)  # noqa: E731
        self.assert_impossible(send, send)

    def test_two_open_carts_of_a_reader(self):
        self.assert_impossible(lambda: Cart.objects.create(user=self.user), lambda: Cart.objects.create(user=self.user))

    def test_two_plans_in_a_cart(self):
        cart = Cart.objects.create(user=self.user)
        add = lambda: CartLine.objects.create(cart=cart, price=self.price, quoted_minor=900)  # noqa: E731
        self.assert_impossible(add, add)

    def test_two_current_prices_for_a_period(self):
        plan = make_plan()
        terms = {"plan": plan, "minor": 900, "currency": "EUR", "interval": "month"}
        Price.objects.create(**terms, archived_at=NOW)
        self.assert_impossible(
            lambda: Price.objects.create(**terms), lambda: Price.objects.create(**terms | {"minor": 1})
        )

    def test_gift_redeemed_without_a_reader_or_refunded_as_well(self):
        gift = self.new_gift()
        self.assert_impossible(lambda: Gift.objects.update(redeemed_at=NOW))
        Gift.objects.filter(pk=gift.pk).update(redeemed_at=NOW, redeemed_by=self.other)
        self.assert_impossible(lambda: Gift.objects.update(refunded_at=NOW))

    def test_two_gifts_of_an_order(self):
        self.assert_impossible(self.new_gift, self.new_gift)

    def test_trial_used_twice(self):
        use = lambda: TrialUse.objects.create(fingerprint="same", started_at=NOW)  # noqa: E731
        self.assert_impossible(use, use)

    def test_two_customers_for_a_reader_or_two_readers_for_a_customer(self):
        ProviderCustomer.objects.create(provider="stripe", user=self.user, ref="cus_1")
        for user, ref in [(self.user, "cus_2"), (self.other, "cus_1")]:
            self.assert_impossible(
                lambda user=user, ref=ref: ProviderCustomer.objects.create(provider="stripe", user=user, ref=ref)
            )

    def test_negative_amounts(self):
        self.assert_impossible(lambda: self.new_payment(provider_ref="pay_9", minor=-1))
        self.assert_impossible(lambda: self.new_order(total_minor=-1))
        self.assert_impossible(lambda: Price.objects.update(minor=-1))
