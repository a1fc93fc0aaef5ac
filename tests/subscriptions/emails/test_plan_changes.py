"""A change of plan is confirmed when the reader asks for it, and once it has begun."""

from django.core import mail
from django.utils import timezone
from django.utils.formats import date_format

from subscriptions.models import Subscription
from subscriptions.services.plan_change import change, token_for
from tests.factories import make_plan, make_price, make_renewing, make_tier, make_user
from tests.subscriptions.journeys import on_demo
from tests.transactions import TransactionTestCase


@on_demo
class PlanChangeEmailTests(TransactionTestCase):
    def setUp(self):
        self.subscription = make_renewing(make_user(), make_price())
        self.patron = make_price(make_plan(make_tier(20), name="Patron"), minor=1900)
        mail.outbox.clear()

    def change(self, *, at_renewal):
        token = token_for(self.subscription)
        change(
            subscription=self.subscription, price=self.patron, at_renewal=at_renewal, token=token, now=timezone.now()
        )
        return [email.subject for email in mail.outbox]

    def test_a_change_at_the_next_renewal_is_confirmed_with_its_date(self):
        day = date_format(timezone.localtime(self.subscription.period_end), "DATE_FORMAT")
        self.assertEqual(self.change(at_renewal=True), [f"Your plan from {day}: Patron, monthly"])
        self.assertIn("Until then, nothing changes. It costs €19.00 a month", mail.outbox[0].body)

    def test_a_change_at_once_is_confirmed_with_its_receipt(self):
        subjects = self.change(at_renewal=False)
        self.assertEqual(Subscription.objects.get().price, self.patron)
        self.assertEqual(len(subjects), 2)
        self.assertIn("Your plan is now: Patron, monthly", subjects)
        self.assertTrue(any(subject.startswith("Your invoice R-") for subject in subjects), subjects)
