"""Changes of plan and period: what the reader confirmed is what Stripe charges."""

from datetime import timedelta

from django.utils import timezone

from subscriptions.services import plan_change
from tests.subscriptions.stripe.base import BROKEN_CARD, StripeCase


class ChangeTests(StripeCase):
    def setUp(self):
        super().setUp()
        self.bought = self.buy()

    def change(self, price, *, at_renewal=True):
        self.bought.refresh_from_db()
        option = plan_change.option(self.bought, price)
        with self.committing():
            plan_change.change(
                subscription=self.bought, price=price, at_renewal=at_renewal, token=option.token, now=timezone.now()
            )
        self.deliver()
        return option

    def test_upgrade_at_once_charges_the_difference_that_was_shown(self):
        self.pass_time(days=14)
        option = self.change(self.supporter, at_renewal=False)
        due = option.at_once.due_now.minor
        self.assertTrue(0 < due < 600)
        self.assertEqual((self.payments(), self.level()), ([900, due], 20))
        self.assertEqual((self.subscription.price, self.subscription.next_price), (self.supporter, None))
        self.pass_period()
        self.assertEqual((self.payments(), self.level()), ([900, due, 1500], 20))
        self.assertIn("plan_changed", self.events())
        self.assert_agrees()

    def test_declined_upgrade_changes_nothing(self):
        self.card(BROKEN_CARD)
        self.pass_time(days=14)
        with self.assertRaises(plan_change.CannotChange):
            self.change(self.supporter, at_renewal=False)
        self.deliver()
        self.assertEqual((self.payments(), self.level(), self.subscription.price), ([900], 10, self.month))
        self.assert_agrees()

    def test_change_at_the_renewal(self):
        self.change(self.supporter)
        self.assertEqual((self.subscription.price, self.subscription.next_price), (self.month, self.supporter))
        self.assertEqual((self.payments(), self.level()), ([900], 10))
        self.pass_period()
        self.assertEqual((self.payments(), self.level()), ([900, 1500], 20))
        self.assertEqual((self.subscription.price, self.subscription.next_price), (self.supporter, None))
        self.assert_agrees()

    def test_downgrade_keeps_what_is_paid_for(self):
        self.change(self.supporter)
        self.pass_period()
        self.change(self.month)
        self.assertEqual((self.level(), self.subscription.next_price), (20, self.month))
        self.pass_period()
        self.pass_time(days=2)  # access outlasts a paid period by some hours
        self.assertEqual((self.payments(), self.level()), ([900, 1500, 900], 10))
        self.assert_agrees()

    def test_change_to_a_year_at_the_renewal(self):
        end = self.bought.period_end
        self.change(self.year)
        self.assertEqual((self.payments(), self.level(), self.subscription.period_end), ([900], 10, end))
        self.pass_period()
        self.assertEqual((self.payments(), self.level()), ([900, 9000], 10))
        self.assertEqual(self.subscription.price, self.year)
        self.assertGreater(self.subscription.period_end, end + timedelta(days=360))
        self.assert_agrees()

    def test_change_that_is_taken_back(self):
        self.change(self.year)
        self.change(self.month)
        self.assertIsNone(self.subscription.next_price)
        self.pass_period()
        self.assertEqual((self.payments(), self.subscription.price), ([900, 900], self.month))
        self.assert_agrees()
