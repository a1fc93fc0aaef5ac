"""Figures about subscribers and revenue."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import time_machine
from django.test import SimpleTestCase, TestCase
from django.utils import timezone

from subscriptions import periods, reports
from subscriptions.models import Order, SubscriptionChange
from subscriptions.services import lifecycle, receipts
from tests.factories import make_grant, make_payment, make_plan, make_price, make_subscription, make_user
from tests.subscriptions.test_receipts import make_refund

MARCH, APRIL, MAY = (date(2026, month, 1) for month in (3, 4, 5))


def on(month, day=10):
    return datetime(2026, month, day, 12, tzinfo=UTC)


class MonthsTests(TestCase):
    def months(self, first=MARCH, last=MAY, currency="EUR"):
        return {month.first: month for month in reports.months(currency, first=first, last=last)}

    def pay(self, at, **fields):
        payment = make_payment(**{"paid_at": at, "recorded_at": at, "minor": 900} | fields)
        with time_machine.travel(at, tick=False):
            receipts.issue(payment=payment)
        return payment

    def test_revenue_counts_refunds_in_the_month_in_which_they_happen(self):
        self.pay(on(3))
        refunded = self.pay(on(4))
        self.pay(on(4), minor=2000)
        self.pay(on(4), currency="USD")
        make_payment(paid_at=on(4), status="surplus")
        with time_machine.travel(on(5), tick=False):
            receipts.issue_credit_note(refund=make_refund(refunded, 400))
        months = self.months()
        self.assertEqual((months[MARCH].revenue, months[APRIL].revenue, months[MAY].revenue), (900, 2900, -400))
        self.assertEqual((months[APRIL].refunded, months[MAY].refunded), (0, 400))

    def test_lost_chargeback_counts_as_refunded_once(self):
        lost = self.pay(on(4), dispute="lost")
        self.pay(on(4), dispute="won")
        self.pay(on(4), dispute="open")
        with time_machine.travel(on(4, 20), tick=False):
            receipts.issue_credit_note(refund=make_refund(lost, 300))
            receipts.issue_chargeback_note(payment=lost)
        self.assertEqual(self.months()[APRIL].refunded, 900)

    def test_receipt_that_was_issued_again_counts_once(self):
        with time_machine.travel(on(4), tick=False):
            receipts.reissue(receipt=receipts.issue(payment=make_payment()), details={"company": "Quay Ltd"})
        self.assertEqual((self.months()[APRIL].received, self.months()[APRIL].refunded), (900, 0))

    def test_failed_attempts_count_in_the_month_they_were_made(self):
        for at in (on(3), on(4), on(4, 20)):
            self.pay(at, status="failed", paid_at=None)
        months = self.months()
        self.assertEqual([months[month].failed for month in (MARCH, APRIL, MAY)], [1, 2, 0])

    def test_months_begin_at_midnight_in_the_publications_time_zone(self):
        with timezone.override("Europe/Berlin"):
            self.pay(datetime(2026, 4, 1, 0, 30, tzinfo=ZoneInfo("Europe/Berlin")))
            self.assertEqual(self.months()[APRIL].received, 900)

    def test_life_of_a_subscription_adds_and_removes_its_monthly_revenue(self):
        yearly = make_price(minor=12_000, interval="year")
        subscription = make_subscription(price=yearly, status="pending")
        lifecycle.apply_event(subscription=subscription, event="first_paid", at=on(3), actor="test")
        dearer = make_price(make_plan(), minor=1500)
        lifecycle.apply_event(subscription=subscription, event="plan_changed", at=on(4), actor="test", price=dearer)
        lifecycle.apply_event(subscription=subscription, event="ended_by_editor", at=on(5), actor="test")
        months = self.months()
        self.assertEqual([months[month].mrr for month in (MARCH, APRIL, MAY)], [1000, 1500, 0])
        self.assertEqual([months[month].new for month in (MARCH, APRIL, MAY)], [1, 0, 0])
        self.assertEqual([months[month].churned for month in (MARCH, APRIL, MAY)], [0, 0, 1])
        later = self.months(first=MAY)
        self.assertEqual(later[MAY].mrr, 0)

    def test_replaced_subscription_is_neither_new_nor_churned(self):
        old, new = make_subscription(), make_subscription(status="pending")
        self.log(old, "first_paid", 900, on(3))
        self.log(old, "replaced", -900, on(4))
        self.log(new, "first_paid", 900, on(4))
        april = self.months()[APRIL]
        self.assertEqual((april.new, april.churned, april.mrr), (0, 0, 900))

    def test_trials_and_gifts_are_neither_new_nor_churned(self):
        for event, at in (("trial_started", on(3)), ("cancel_reached", on(4)), ("first_paid", on(4))):
            self.log(make_subscription(), event, 0, at)
        months = self.months().values()
        self.assertEqual(sum(month.new + month.churned for month in months), 0)

    def log(self, subscription, event, minor, at):
        SubscriptionChange.objects.create(
            subscription=subscription,
            event=event,
            was="active",
            became="active",
            at=at,
            mrr_minor=minor,
            currency="EUR",
            actor="test",
        )

    def test_number_of_queries_is_constant(self):
        with self.assertNumQueries(4):
            self.months(first=date(2022, 1, 1))


class SubscribersTests(TestCase):
    def test_readers_are_counted_by_how_they_have_access(self):
        for number, fields in enumerate([{}, {"status": "trialing"}, {"status": "past_due"}, {"provider": "gift"}]):
            make_subscription(**{"provider_ref": f"sub_{number}"} | fields)
        make_subscription(status="ended", ended_at=timezone.now())
        make_subscription(price=make_price(currency="USD"))
        reader = make_user()
        for _ in range(2):
            make_grant(reader)
        make_grant(make_user(), days=-1)
        counted = reports.subscribers("EUR", timezone.now())
        self.assertEqual(counted, reports.Subscribers(paying=1, trial=1, past_due=1, gift=1, complimentary=1))


class ConversionTests(TestCase):
    def order(self, path, **fields):
        values = {
            "status": Order.Status.PAID,
            "paid_at": on(4),
            "placed_at": on(4),
            "consented_at": on(4),
            "currency": "EUR",
            "total_minor": 900,
            "provider": "demo",
            "came_from": path,
        }
        return Order.objects.create(user=make_user(), **values | fields)

    def test_paid_orders_are_counted_by_article(self):
        for path in ("/articles/a/", "/articles/b/", "/articles/a/", ""):
            self.order(path)
        self.order("/articles/a/", status=Order.Status.OPEN, paid_at=None)
        self.order("/articles/a/", paid_at=on(5))
        self.order("/articles/a/", currency="USD")
        rows = reports.conversions("EUR", start=on(4, 1), end=on(5, 1), limit=5)
        found = [(row.path, row.orders, row.minor) for row in rows]
        self.assertEqual(found, [("/articles/a/", 2, 1800), ("/articles/b/", 1, 900)])


class MonthArithmeticTests(SimpleTestCase):
    def test_months_are_counted_over_the_turn_of_the_year(self):
        self.assertEqual(periods.months_before(date(2026, 2, 1), 11), date(2025, 3, 1))
        self.assertEqual(periods.months_before(date(2026, 12, 31), 0), date(2026, 12, 1))
        self.assertEqual(periods.next_month(date(2026, 1, 31)), date(2026, 2, 1))
        self.assertEqual(periods.next_month(date(2026, 12, 5)), date(2027, 1, 1))
