"""The emails of whole lives of subscriptions, with the periodic tasks run once a day."""

from datetime import timedelta

import time_machine
from django.core import mail
from django.utils import timezone

from subscriptions.models import LedgerContract, SentEmail, Subscription
from subscriptions.services.lifecycle import cancel, end_due, undo_cancel
from subscriptions.services.reminders import send_due
from subscriptions.services.sync import sync_due
from tests.budget import takes_longer
from tests.factories import make_order, make_paid, make_price, make_renewing, make_user
from tests.subscriptions.emails.samples import NOW
from tests.subscriptions.journeys import on_demo
from tests.transactions import TransactionTestCase
from truthlytics.tools.demo.provider import Demo


@on_demo
class LifeTests(TransactionTestCase):
    def setUp(self):
        self.clock = self.enterContext(time_machine.travel(NOW, tick=False))

    def pass_days(self, number):
        for _ in range(number):
            self.clock.shift(timedelta(days=1))
            for task in (sync_due, end_due, send_due):
                task(timezone.now())

    def sent(self):
        """The kinds of the emails since the last call."""
        kinds = list(SentEmail.objects.order_by("pk").values_list("kind", flat=True))
        self.assertEqual(len(kinds), len(mail.outbox))
        new, self.seen = kinds[getattr(self, "seen", 0) :], len(kinds)
        return new

    def subscription(self):
        return Subscription.objects.get()

    @takes_longer("Months of trade pass.")
    def test_a_card_is_charged_declined_changed_and_cancelled(self):
        make_renewing(make_user(), make_price())
        self.assertEqual(self.sent(), ["welcome"])
        self.pass_days(32)
        self.assertEqual(self.sent(), ["receipt"])
        contract = LedgerContract.objects.get()
        Demo().set_card(contract.ref, declines=True)
        self.pass_days(31)
        self.assertEqual(self.sent(), ["payment_failed"])
        Demo().set_card(contract.ref, declines=False)
        self.pass_days(2)
        self.assertEqual(self.sent(), ["receipt"])
        for _ in range(2):
            cancel(subscription=self.subscription(), now=timezone.now())
            self.assertEqual(self.sent(), ["cancelled"])
            undo_cancel(subscription=self.subscription(), now=timezone.now())
        cancel(subscription=self.subscription(), now=timezone.now())
        self.pass_days(35)
        self.assertEqual(self.sent(), ["cancelled", "ended"])

    @takes_longer("Months of trade pass.")
    def test_an_unpaid_renewal_ends_with_one_warning(self):
        make_renewing(make_user(), make_price())
        Demo().set_card(LedgerContract.objects.get().ref, declines=True)
        self.pass_days(60)
        self.assertEqual(self.sent(), ["welcome", "payment_failed", "ended"])
        self.assertIn("because your card was declined", mail.outbox[-1].body)

    def test_a_yearly_renewal_is_announced(self):
        make_renewing(make_user(), make_price(interval="year"))
        self.clock.shift(timedelta(days=355))
        self.pass_days(14)
        self.assertEqual(self.sent(), ["welcome", "renewal_ahead", "receipt"])

    def test_a_period_by_transfer_is_reminded_of_and_extended(self):
        price = make_price(interval="year")
        make_paid(price=price)
        user = self.subscription().user
        self.assertEqual(self.sent(), ["transfer", "welcome"])
        self.clock.shift(timedelta(days=345))
        self.pass_days(10)
        self.assertEqual(self.sent(), ["ending_soon"])
        make_order(user, price, provider="manual")
        self.pass_days(8)
        self.assertEqual(self.sent(), ["transfer", "ending_soon"])
        self.assertIn("We are waiting for your transfer", mail.outbox[-1].body)
        self.pass_days(4)
        self.assertEqual(self.sent(), ["ending_soon", "ended"])
