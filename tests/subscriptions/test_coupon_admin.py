"""Coupons in the newsroom: amounts as money, discounts fixed once used, archived instead of deleted."""

from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.test import TestCase
from django.urls import reverse

from subscriptions.models import Coupon
from tests.factories import make_coupon, make_editor, make_order, make_plan
from tests.subscriptions.journeys import on_demo


@on_demo
class CouponAdminTests(TestCase):
    def setUp(self):
        self.client.force_login(make_editor())

    def save(self, coupon=None, **data):
        fields = {"kind": "percent", "duration": "once", "periods": 1, "code": "spring25"}
        name = "add" if coupon is None else "change"
        url = reverse(f"admin:subscriptions_coupon_{name}", args=[coupon.pk] if coupon else [])
        return self.client.post(url, fields | data)

    def test_percentage_and_amount_are_saved(self):
        plan = make_plan()
        self.save(percent=25, plans=[plan.pk], max_uses=10)
        coupon = Coupon.objects.get(code="SPRING25")
        self.assertEqual((coupon.percent, coupon.minor, list(coupon.plans.all())), (25, None, [plan]))
        self.save(code="TWO", kind="amount", amount="2.50", currency="EUR", duration="repeating", periods=3)
        coupon = Coupon.objects.get(code="TWO")
        self.assertEqual((coupon.percent, coupon.minor, coupon.currency), (None, 250, "EUR"))
        self.assertContains(
            self.client.get(reverse("admin:subscriptions_coupon_change", args=[coupon.pk])), 'value="2.50"'
        )

    def test_kind_is_one_choice_and_plans_are_checkboxes(self):
        plan = make_plan()
        page = self.client.get(reverse("admin:subscriptions_coupon_add"))
        self.assertContains(page, 'type="radio" name="kind"', 2)
        self.assertContains(page, f'type="checkbox" name="plans" value="{plan.pk}"')
        self.assertContains(page, "Time (UTC)")

    def test_incomplete_or_impossible_coupons_are_refused(self):
        make_coupon(code="TAKEN")
        for data, reason in [
            ({}, "Enter a percentage."),
            ({"percent": 101}, "less than or equal to 100"),
            ({"kind": "amount"}, "Enter an amount."),
            ({"kind": "amount", "amount": "2"}, "Choose a currency."),
            ({"kind": "amount", "amount": "2.5", "currency": "JPY"}, "JPY has 0 decimals."),
            ({"percent": 5, "code": "taken"}, "already exists"),
            ({"percent": 5, "plans": ["9" * 40]}, "is not a valid value"),
            ({"percent": 5, "max_uses": "9" * 40}, "Ensure this value is less than or equal to"),
            ({"percent": 5, "code": "a b"}, "Use letters, digits and hyphens."),
        ]:
            with self.subTest(reason):
                self.assertContains(self.save(**data), reason)
        self.assertEqual(Coupon.objects.count(), 1)

    def test_discount_of_a_used_coupon_is_fixed_and_its_limits_are_not(self):
        coupon = make_coupon(max_uses=5)
        order = make_order(provider="manual")
        coupon.redemptions.create(user=order.user, order=order, at=order.placed_at)
        Coupon.objects.update(uses=2)
        self.save(coupon, percent=90, max_uses=2)
        coupon.refresh_from_db()
        self.assertEqual((coupon.percent, coupon.max_uses), (25, 2))
        self.assertContains(self.save(coupon, max_uses=1), "It has already been used 2 times.")

    def test_list_shows_discount_use_and_state(self):
        make_coupon(max_uses=10, uses=3, duration="repeating", periods=3)
        make_coupon(code="FIVE", kind="amount", percent=None, minor=500, currency="EUR", max_uses=1, uses=1)
        with self.assertNumQueries(5):
            page = self.client.get(reverse("admin:subscriptions_coupon_changelist"))
        for text in ["25%", "€5.00", "the first 3 payments", "?coupon=SPRING25", "not valid now"]:
            self.assertContains(page, text)

    def test_coupons_are_archived_and_not_deleted(self):
        coupon = make_coupon()
        url = reverse("admin:subscriptions_coupon_changelist")
        self.client.post(url, {"action": "archive", ACTION_CHECKBOX_NAME: coupon.pk})
        coupon.refresh_from_db()
        self.assertIsNotNone(coupon.archived_at)
        self.assertEqual(
            self.client.post(reverse("admin:subscriptions_coupon_delete", args=[coupon.pk])).status_code, 403
        )
