"""Reminders are sent when they are due, once, and only if they are true."""

from datetime import timedelta
from io import StringIO

import time_machine
from django.core import mail
from django.core.management import call_command
from django.test import TestCase
from django.utils import timezone

from subscriptions.models import EmailKind, EmailOptOut, SentEmail, Subscription
from subscriptions.services.lifecycle import cancel, end_due
from subscriptions.services.reminders import send_due
from tests.budget import takes_longer
from tests.factories import make_price
from tests.subscriptions.emails.samples import CARD, NOW, YEAR, make_payment, make_subscription
from tests.subscriptions.test_races import race
from tests.transactions import TransactionTestCase
from truthlytics.publication.models import Publication


def days(number):
    return timedelta(days=number)


def sent():
    """The kinds of the emails sent, with what follows the id in their keys."""
    rows = SentEmail.objects.order_by("pk").values_list("kind", "key")
    return [":".join([kind, *key.split(":")[1:]]) for kind, key in rows]


@time_machine.travel(NOW, tick=False)
class ReminderTests(TestCase):
    def remind(self, *, after=0):
        with time_machine.travel(NOW + days(after), tick=False), self.captureOnCommitCallbacks(execute=True):
            return send_due(timezone.now())

    def test_paid_periods_end_with_three_reminders(self):
        make_subscription(left=days(20.25))
        self.assertEqual([day for day in range(22) if self.remind(after=day)], [6, 17, 20])
        self.assertEqual(sent(), [f"ending_soon:2026-12-16:{left}" for left in (14, 3, 0)])
        self.assertEqual([email.subject for email in mail.outbox][-1], "Your subscription ends today")

    def test_tick_sends_them(self):
        make_subscription(left=days(3))
        with self.captureOnCommitCallbacks(execute=True):
            call_command("tick", stdout=StringIO())
        self.assertEqual(sent(), ["ending_soon:2026-11-29:3"])

    def test_nothing_is_sent_twice(self):
        make_subscription(left=days(14))
        make_subscription(**CARD, price=make_price(interval="year"), left=days(7))
        self.assertEqual([self.remind(), self.remind(), self.remind(after=0.5)], [2, 0, 0])

    def test_a_missed_week_sends_only_the_last_reminder(self):
        make_subscription(left=days(16))
        self.assertEqual((self.remind(), self.remind(after=14), self.remind(after=14)), (0, 1, 0))
        self.assertEqual(sent(), ["ending_soon:2026-12-12:3"])

    def test_nothing_is_sent_after_the_end(self):
        make_subscription(left=days(14))
        self.assertEqual(self.remind(after=15), 0)

    def test_an_extension_starts_the_reminders_again(self):
        subscription = make_subscription(left=days(3))
        self.remind()
        Subscription.objects.update(period_end=subscription.period_end + days(31))
        self.assertEqual([self.remind(), self.remind(after=20)], [0, 1])
        self.assertEqual(sent(), ["ending_soon:2026-11-29:3", "ending_soon:2026-12-30:14"])

    def test_gifts_are_reminded_too(self):
        make_subscription(provider="gift", left=days(14))
        self.assertEqual(self.remind(), 1)

    def test_cancelled_and_ended_subscriptions_get_none(self):
        yearly = make_price(interval="year")
        for fields in ({}, CARD, CARD | {"status": "trialing"}):
            make_subscription(price=yearly, left=days(2), cancel_at=NOW + days(2), **fields)
            make_subscription(**fields | {"price": yearly, "left": days(2), "status": "ended", "ended_at": NOW})
        self.assertEqual(self.remind(), 0)

    def test_long_periods_by_card_are_announced_a_week_ahead(self):
        yearly, monthly = make_price(interval="year", minor=9000), make_price()
        make_subscription(**CARD, price=yearly, left=days(10))
        for fields in ({"left": days(7)}, {"left": days(7), "next_price": yearly}):
            subscription = make_subscription(**CARD, price=monthly, **fields)
            make_payment(subscription.user, monthly, subscription=subscription)
        self.assertEqual([self.remind(), self.remind(after=2), self.remind(after=3)], [1, 0, 1])
        self.assertEqual(sent(), ["renewal_ahead:2026-12-03", "renewal_ahead:2026-12-06"])

    def test_overdue_renewals_are_not_announced(self):
        make_subscription(**CARD, price=make_price(interval="year"), left=days(5), status="past_due")
        self.assertEqual(self.remind(), 0)

    def test_free_trials_end_with_one_reminder(self):
        for fields in (CARD, {}):
            make_subscription(**fields, status="trialing", left=days(14), period_start=NOW)
        self.assertEqual([self.remind(), self.remind(after=10), self.remind(after=11)], [0, 0, 2])
        self.assertEqual(sent(), ["trial_ending:2026-12-10"] * 2)

    def test_short_trials_need_no_reminder(self):
        make_subscription(**CARD, status="trialing", left=days(3), period_start=NOW)
        self.assertEqual(self.remind(), 0)

    def test_a_first_charge_after_a_paid_period_is_announced(self):
        make_subscription(**CARD, left=days(20), period_start=NOW)
        self.assertEqual([self.remind(after=day) for day in (10, 13, 18)], [0, 1, 0])
        self.assertEqual(sent(), ["renewal_ahead:2026-12-16"])

    def test_cards_that_expire_before_they_are_charged(self):
        expiry = (NOW + days(4)).date()
        for fields in (
            {"card_expires_on": expiry, "left": days(20)},
            {"card_expires_on": (NOW + days(40)).date(), "left": days(10)},
            {"left": days(10)},
        ):
            subscription = make_subscription(**CARD, **fields)
            make_payment(subscription.user, subscription.price, subscription=subscription)
        self.assertEqual([self.remind(), self.remind(after=6), self.remind(after=10)], [0, 1, 0])
        self.assertEqual(sent(), [f"card_expiring:{expiry}"])

    def test_readers_cannot_turn_them_off(self):
        subscription = make_subscription(left=days(14))
        for kind in EmailKind:
            EmailOptOut.objects.create(user=subscription.user, kind=kind)
        self.assertEqual(self.remind(), 1)

    def test_days_are_those_of_the_publication(self):
        Publication.objects.create(time_zone="Pacific/Auckland")
        make_subscription(left=timedelta(hours=30))
        with time_machine.travel(NOW + timedelta(hours=24), tick=False), self.captureOnCommitCallbacks(execute=True):
            send_due(timezone.now())
        # In New Zealand, 27 November 12:00 UTC and the end six hours later are the same day.
        self.assertEqual(sent(), ["ending_soon:2026-11-28:0"])

    def test_many_subscriptions_cost_a_few_queries_once_reminded(self):
        for _ in range(4):
            make_subscription(left=days(14))
        self.remind()
        with self.assertNumQueries(5):
            send_due(timezone.now())


class ConcurrentReminderTests(TransactionTestCase):
    @takes_longer("Many threads use the database at once.")
    def test_two_processes_send_one(self):
        for left in (14, 3):
            make_subscription(left=days(left))
        outcomes = race(lambda number: send_due(timezone.now()), 6)
        self.assertEqual([outcome for outcome in outcomes if isinstance(outcome, Exception)], [])
        self.assertEqual((sum(outcomes), len(mail.outbox)), (2, 2))

    def test_a_subscription_that_was_cancelled_or_ended_meanwhile_gets_none(self):
        subscription = make_subscription(left=days(14))
        cancel(subscription=subscription, now=timezone.now())
        overdue = make_subscription(left=-YEAR)
        end_due(timezone.now())
        mail.outbox.clear()
        self.assertEqual(send_due(timezone.now()), 0)
        self.assertEqual(Subscription.objects.get(pk=overdue.pk).status, "ended")
