"""Coupons: who can use them, what they reduce, and that each use is counted once."""

from datetime import timedelta

from django.core.cache import cache
from django.db import IntegrityError, transaction
from django.test import TestCase
from django.urls import reverse
from django.utils import timezone

from subscriptions.models import Coupon, LedgerContract, Order, Redemption
from subscriptions.money import Money
from subscriptions.services import coupons
from subscriptions.services.coupons import CouponRefused
from subscriptions.services.stale_orders import cancel_order
from subscriptions.services.sync import mark_paid
from tests.budget import takes_longer
from tests.factories import make_coupon, make_payment, make_plan, make_price, make_subscription, make_user
from tests.subscriptions.card_provider import Card, CardMixin
from tests.subscriptions.journeys import Steps


class FindTests(TestCase):
    @classmethod
    def setUpTestData(cls):
        cls.user, cls.price = make_user(), make_price()

    def refusal(self, code="SPRING25", user=None, price=None):
        with self.assertRaises(CouponRefused) as raised:
            coupons.find(code, user=user or self.user, price=price or self.price, now=timezone.now())
        return str(raised.exception)

    def test_code_is_found_in_any_case(self):
        coupon = make_coupon()
        for typed in ["SPRING25", "spring25", " Spring25 "]:
            self.assertEqual(coupons.find(typed, user=None, price=self.price, now=timezone.now()), coupon)

    def test_refusals_say_why(self):
        now = timezone.now()
        for fields, reason in [
            ({"archived_at": now}, "We don’t know this coupon."),
            ({"starts_at": now + timedelta(days=1)}, "can’t be used yet"),
            ({"ends_at": now - timedelta(days=1)}, "has expired"),
            ({"max_uses": 1, "uses": 1}, "has been used up"),
            ({"kind": "amount", "percent": None, "minor": 100, "currency": "USD"}, "isn’t for prices in EUR"),
        ]:
            with self.subTest(reason):
                coupon = make_coupon(**fields)
                self.assertIn(reason, self.refusal())
                coupon.delete()

    def test_odd_codes_are_unknown(self):
        for odd in ["", "\x00", "x" * 100_000, "ü☃", "'; --"]:
            with self.subTest(odd[:9]):
                self.assertIn("We don’t know this coupon.", self.refusal(odd))

    def test_coupon_for_other_plans_is_refused(self):
        make_coupon().plans.add(make_plan())
        self.assertIn("isn’t for this plan", self.refusal())

    def test_coupon_for_new_subscribers_is_refused_after_a_payment(self):
        make_coupon(first_time_only=True)
        coupons.find("SPRING25", user=self.user, price=self.price, now=timezone.now())
        make_payment(user=self.user)  # for a gift
        coupons.find("SPRING25", user=self.user, price=self.price, now=timezone.now())
        make_payment(make_subscription(self.user))
        self.assertIn("for new subscribers only", self.refusal())

    def test_discount_is_never_more_than_the_price(self):
        much = make_coupon(kind="amount", percent=None, minor=100_000, currency="EUR")
        self.assertEqual(coupons.discount(much, self.price), Money(900, "EUR"))
        self.assertEqual(coupons.discount(None, self.price), Money(0, "EUR"))


class CouponCase(CardMixin, Steps, TestCase):
    def setUp(self):
        super().setUp()
        cache.clear()
        self.user, self.price = make_user(), make_price()
        self.client.force_login(self.user)

    def enter(self, code, **options):
        return self.client.post(reverse("subscriptions:coupon"), {"coupon": code}, **options)

    def buy(self, provider="manual", code="SPRING25", **data):
        self.choose(self.price)
        if code:
            self.enter(code)
        self.order(provider, **data)
        return Order.objects.latest("pk")

    def counts(self):
        states = list(Redemption.objects.order_by("pk").values_list("state", flat=True))
        return Coupon.objects.get().uses, states


class CartCouponTests(CouponCase):
    def test_discount_is_shown_in_cart_terms_and_order(self):
        make_coupon()
        self.choose(self.price)
        page = self.enter("spring25", follow=True)
        self.assertContains(page, "Coupon SPRING25 is applied.")
        self.assertContains(page, "−€2.25")
        self.assertContains(page, "<td>€6.75</td>", html=True)
        self.order("manual")
        order = Order.objects.get()
        self.assertEqual((order.subtotal_minor, order.discount_minor, order.total_minor), (900, 225, 675))
        self.assertIn("The coupon SPRING25 reduces this payment by €2.25.", order.consent_text)
        self.assertContains(self.client.get(order.get_absolute_url()), "−€2.25")

    def test_error_keeps_cart_and_typed_code(self):
        self.choose(self.price)
        page = self.enter("SUMMER")
        self.assertContains(page, "We don’t know this coupon.", status_code=422)
        self.assertContains(page, 'value="SUMMER"', status_code=422)
        self.assertContains(page, "<td>€9.00</td>", status_code=422, html=True)

    def test_coupon_is_removed(self):
        make_coupon()
        self.choose(self.price)
        self.enter("SPRING25")
        self.assertContains(self.enter("", follow=True), "<td>€9.00</td>", html=True)

    def test_coupon_that_expires_in_the_cart_is_said_so_before_ordering(self):
        make_coupon()
        self.choose(self.price)
        shown = self.enter("SPRING25", follow=True).context["confirmation"]
        Coupon.objects.update(ends_at=timezone.now())
        page = self.order("manual", confirmed=shown)
        self.assertContains(page, "has expired", status_code=409)
        self.assertFalse(Order.objects.exists())
        self.order("manual", confirmed=page.context["confirmation"])  # the price that this page shows
        self.assertEqual(Order.objects.get().total_minor, 900)

    def test_visitor_keeps_the_coupon_at_login(self):
        make_coupon()
        self.client.logout()
        self.choose(self.price)
        self.enter("SPRING25")
        self.log_in(self.user)
        self.see("subscriptions:cart", text="Coupon SPRING25 is applied.")

    def test_trying_codes_is_rate_limited(self):
        self.choose(self.price)
        statuses = [self.enter(f"CODE{number}").status_code for number in range(21)]
        self.assertEqual((statuses[19], statuses[20]), (422, 429))

    def test_without_a_cart_nothing_happens(self):
        self.assertRedirects(self.enter("SPRING25"), "/cart/")


class RedemptionTests(CouponCase):
    def test_use_is_reserved_by_the_order_and_counted_when_paid(self):
        make_coupon(max_uses=1)
        order = self.buy()
        self.assertEqual(self.counts(), (1, ["reserved"]))
        mark_paid(order=order, by="Edith")
        self.assertEqual(self.counts(), (1, ["used"]))
        self.choose(self.price)
        self.assertContains(self.enter("SPRING25"), "You have already used the coupon", status_code=422)

    def test_reserved_last_use_is_still_the_readers(self):
        make_coupon(max_uses=1)
        self.buy("card")
        again = self.buy("card")
        self.assertEqual((self.counts(), Order.objects.count()), ((1, ["reserved"]), 1))
        self.assertEqual(again.discount_minor, 225)

    def test_cancelled_order_gives_the_use_back_once(self):
        make_coupon(max_uses=1)
        order = self.buy()
        self.assertTrue(cancel_order(order))
        self.assertFalse(cancel_order(order))
        coupons.release(order)
        self.assertEqual(self.counts(), (0, ["released"]))

    def test_replacing_the_order_reserves_again(self):
        make_coupon(max_uses=1)
        self.buy("card")
        self.buy("manual")
        self.assertEqual(self.counts(), (1, ["released", "reserved"]))

    def test_another_reader_is_refused_the_last_use(self):
        make_coupon(max_uses=1)
        self.buy()
        self.client.force_login(make_user())
        self.choose(self.price)
        self.assertContains(self.enter("SPRING25"), "has been used up", status_code=422)

    def test_database_allows_one_redemption_for_a_reader_and_an_order(self):
        order = self.buy(code="")
        coupon, other = make_coupon(), make_coupon(code="OTHER")
        fields = {"user": self.user, "order": order, "at": timezone.now()}
        Redemption.objects.create(coupon=coupon, **fields)
        for second in [coupon, other]:
            with self.assertRaises(IntegrityError), transaction.atomic():
                Redemption.objects.create(coupon=second, **fields)

    def test_database_holds_the_limit(self):
        coupon = make_coupon(max_uses=1, uses=1)
        with self.assertRaises(IntegrityError), transaction.atomic():
            Coupon.objects.filter(pk=coupon.pk).update(uses=2)


class DurationTests(CouponCase):
    def totals(self, count):
        """Pay `count` orders by transfer, the first with the coupon, and return their totals."""
        for number in range(count):
            mark_paid(order=self.buy(code="" if number else "SPRING25"), by="Edith")
        return list(Order.objects.order_by("pk").values_list("total_minor", flat=True))

    def test_coupon_for_one_payment_reduces_the_first_transfer(self):
        make_coupon()
        self.assertEqual(self.totals(2), [675, 900])

    @takes_longer("Many requests, one after the other.")
    def test_coupon_for_three_payments_reduces_three_transfers(self):
        make_coupon(duration="repeating", periods=3)
        self.assertEqual(self.totals(5), [675, 675, 675, 900, 900])
        self.assertEqual(self.counts(), (1, ["used"]))

    def test_coupon_for_ever_reduces_every_transfer(self):
        make_coupon(duration="forever")
        self.assertEqual(self.totals(3), [675, 675, 675])

    def test_provider_that_renews_counts_the_payments_itself(self):
        make_coupon(duration="repeating", periods=3)
        order = self.buy("card")
        self.assertIn("The coupon SPRING25 reduces the first 3 payments by €2.25.", order.consent_text)
        Card().pay(order.checkout_ref)
        self.client.post(reverse("subscriptions:settle", args=[order.uuid]))
        self.assertEqual(Redemption.objects.get().periods_left, 0)
        self.assertEqual(LedgerContract.objects.get().discounts_left, 2)

    def test_order_that_a_coupon_makes_free_is_paid_at_once(self):
        make_coupon(percent=100)
        order = self.buy()
        self.assertEqual((order.total_minor, order.status), (0, "paid"))
        self.see("subscriptions:order", order.uuid, text="You’re subscribed")
