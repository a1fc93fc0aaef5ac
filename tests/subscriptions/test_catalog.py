"""Prices: ordered prices never change, and only one is current per plan, currency and period."""

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.test import TestCase
from django.utils import timezone

from subscriptions.models import Price, Tier
from subscriptions.services.cart import add
from tests.factories import make_order, make_plan, make_price, make_tier, make_user


class PriceTests(TestCase):
    def test_ordered_price_cannot_change(self):
        price = make_order(provider="manual").lines.get().price
        other = make_plan()
        changes = {"minor": 1, "currency": "USD", "interval": "year", "count": 2, "plan": other}
        for name, value in changes.items():
            with self.subTest(name):
                fresh = Price.objects.get(pk=price.pk)
                setattr(fresh, name, value)
                with self.assertRaises(ValidationError):
                    fresh.save()
        price.archived_at = timezone.now()
        price.save()

    def test_price_in_carts_only_can_change(self):
        price = make_price()
        add(price=price, token="", user=make_user())
        price.minor = 1000
        price.save()
        self.assertEqual(Price.objects.get().minor, 1000)

    def test_invalid_prices_are_rejected(self):
        plan = make_plan()
        make_price(plan)
        make_price(plan, archived_at=timezone.now())
        make_price(plan, count=3)
        for fields in [{}, {"minor": -1, "currency": "USD"}, {"count": 0}]:
            with self.subTest(fields), self.assertRaises(IntegrityError), transaction.atomic():
                make_price(plan, **fields)

    def test_second_current_price_is_rejected_with_a_message(self):
        plan = make_plan()
        make_price(plan)
        with self.assertRaisesMessage(ValidationError, "This plan already has a price"):
            Price(plan=plan, minor=1, currency="EUR", interval="month").full_clean()

    def test_current_prices_are_on_sale_and_ordered_by_plan(self):
        second, first = make_plan(position=2), make_plan(position=1)
        make_price(make_plan(archived_at=timezone.now()))
        make_price(second, archived_at=timezone.now())
        prices = [make_price(first), make_price(first, interval="year"), make_price(second)]
        self.assertEqual(list(Price.objects.current()), prices)

    def test_price_per_month(self):
        yearly = make_price(minor=9_001, interval="year")
        self.assertEqual([str(yearly.per_month), make_price().per_month], ["€7.51", None])

    def test_tier_levels_are_unique(self):
        make_tier(10)
        with self.assertRaises(IntegrityError), transaction.atomic():
            Tier.objects.create(level=10, slug="x", name="X")
