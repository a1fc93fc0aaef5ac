"""Cancelling a contract that has renewed, with a month's notice: § 309 No. 9 BGB."""

from datetime import timedelta

from django.core import mail
from django.core.cache import cache
from django.urls import reverse
from django.utils import timezone

from subscriptions.models import Declaration, Payment, Refund, Subscription, notice
from subscriptions.periods import add_intervals
from subscriptions.services import declarations, lifecycle, undoing, withdrawals
from tests.budget import takes_longer
from tests.factories import make_member
from tests.subscriptions.stripe.base import StripeCase
from truthlytics.publication.models import Publication

PAGE = "/account/cancellation/"


class NoticeCase(StripeCase):
    country = "DE"

    def setUp(self):
        super().setUp()
        cache.clear()
        Publication.objects.create(country=self.country, immediate_start="never")

    def page(self):
        self.client.force_login(self.user)  # A session does not last a year.
        return self.client.get(PAGE)

    def cancel(self):
        self.client.force_login(self.user)
        with self.committing():
            return self.client.post(PAGE, follow=True)

    @property
    def contract(self):
        return self.fake.all("subscription")[-1]

    def in_second_year(self, days=30):
        self.buy(self.year)
        self.pass_period()
        self.pass_time(days=days)


class NoticeTests(NoticeCase):
    def test_the_first_term_ends_with_its_period(self):
        self.buy(self.year)
        self.pass_time(days=40)
        self.assertContains(self.page(), "and you won’t be charged again")
        self.cancel()
        self.assertEqual(self.subscription.cancel_at, self.subscription.period_end)
        self.assertTrue(self.contract["cancel_at_period_end"])
        self.assertFalse(Declaration.objects.exists())

    @takes_longer("Many requests, one after the other.")
    def test_a_renewed_contract_ends_a_month_later_and_the_rest_is_paid_back_by_days(self):
        self.in_second_year()
        page = self.page()
        self.assertContains(page, "your subscription ends in a month")
        self.assertContains(self.cancel(), "We’ll pay back €")
        subscription = self.subscription
        days = (subscription.period_end - subscription.cancel_at).days
        self.assertIn((subscription.cancel_at - timezone.now()).days, range(27, 32))
        self.assertEqual(self.contract["cancel_at"], int(subscription.cancel_at.timestamp()))
        [due] = withdrawals.refunds_due(Declaration.objects.get())
        self.assertAlmostEqual(due.amount.minor, 9000 * days / 365, delta=30)
        self.assertContains(page, str(due.amount))
        self.assertIn(f"We’ll pay back {due.amount}", mail.outbox[-1].body)
        self.refund_and_let_it_end(due.amount)

    def refund_and_let_it_end(self, amount):
        self.client.force_login(make_member("Support"))
        url = reverse("admin:subscriptions_declaration_refund", args=[Declaration.objects.get().pk])
        with self.committing():
            self.client.post(url)
            self.client.post(url)
        self.assertEqual(Refund.objects.get().money, amount)
        self.assertEqual(self.level(), 10)
        self.pass_time(days=32)
        self.deliver()
        self.assertEqual((self.subscription.status, self.subscription.end_reason), ("ended", "cancelled"))
        self.assertEqual(self.level(), 1)
        self.assert_agrees()
        self.assertEqual(self.contract["status"], "canceled")
        charged = sum(invoice["amount_paid"] for invoice in self.fake.all("invoice"))
        self.assertEqual(charged, 18000)

    @takes_longer("Many requests, one after the other.")
    def test_it_can_be_undone_until_money_is_paid_back(self):
        self.in_second_year()
        access = [(grant.starts_at, grant.ends_at) for grant in self.user.grants.order_by("pk")]
        self.cancel()
        with self.committing():
            self.client.post("/account/cancellation/undoing/")
        made = Declaration.objects.get()
        self.assertEqual((self.subscription.cancel_at, self.contract["cancel_at"]), (None, None))
        self.assertEqual([(grant.starts_at, grant.ends_at) for grant in self.user.grants.order_by("pk")], access)
        self.assertEqual((withdrawals.refunds_due(made), made.handled_by), ([], "reader"))
        self.cancel()
        again = Declaration.objects.get(undone_at=None)
        with self.committing():
            withdrawals.refund(declaration=again, by="Edith")
        with self.committing():
            page = self.client.post("/account/cancellation/undoing/", follow=True)
        self.assertContains(page, "Money was paid back")
        self.assertIsNotNone(self.subscription.cancel_at)
        self.assertIsNotNone(self.contract["cancel_at"])
        with self.assertRaises(undoing.CannotUndo):
            undoing.undo(declaration=again, now=timezone.now())

    def test_the_end_of_the_period_is_never_passed(self):
        self.in_second_year(days=350)
        self.cancel()
        self.assertEqual(self.subscription.cancel_at, self.subscription.period_end)
        self.assertFalse(Declaration.objects.exists())

    def test_another_plan_begins_a_first_term(self):
        subscription = self.buy(self.month)
        self.pass_period()
        change = {"subscription": subscription, "at": timezone.now(), "actor": "stripe", "price": self.year}
        lifecycle.apply_event(event="plan_changed", **change)
        subscription.refresh_from_db()
        self.assertEqual(notice.ends_at(subscription, timezone.now()), subscription.period_end)

    def test_settings_decide_and_the_cart_says_so(self):
        self.in_second_year()
        for choice, is_early in [("period", False), ("month", True), ("country", True)]:
            with self.subTest(choice):
                Publication.objects.get().delete()
                Publication.objects.create(country="DE", cancellation_notice=choice)
                end = notice.ends_at(self.subscription, timezone.now())
                self.assertEqual(end < self.subscription.period_end, is_early)

    def test_the_order_says_what_a_cancellation_does(self):
        for price, said in [(self.year, True), (self.month, False)]:
            consent = self.place(price).consent_text
            self.assertEqual("afterwards a month later" in consent, said)

    def test_an_editor_does_not_shorten_a_period(self):
        self.in_second_year()
        self.client.force_login(make_member("Support"))
        self.client.post(
            reverse("admin:subscriptions_subscription_end", args=[self.subscription.pk]), {"when": "later"}
        )
        self.assertEqual(self.subscription.cancel_at, self.subscription.period_end)

    def test_two_declarations_pay_back_once(self):
        self.in_second_year()
        made = [self.declaration(), self.declaration()]
        for declaration in made:
            declarations.confirm(declaration=declaration, by="account", now=timezone.now())
            declaration.refresh_from_db()
        self.assertEqual([len(withdrawals.refunds_due(declaration)) for declaration in made], [1, 0])
        self.assertEqual(made[1].note, "The subscription was cancelled before.")

    def declaration(self, at=None):
        return Declaration.objects.create(
            kind="cancellation", email=self.user.email, user=self.user, declared_at=at or timezone.now()
        )


class ReceiptTests(NoticeCase):
    """What is applied later has effect from the time of receipt."""

    def apply(self, declared_at):
        made = Declaration.objects.create(
            kind="cancellation", email=self.user.email, user=self.user, declared_at=declared_at
        )
        with self.committing():
            declarations.confirm(declaration=made, by="email", now=timezone.now())
        made.refresh_from_db()
        self.deliver()
        return made

    @takes_longer("Many requests, one after the other.")
    def test_a_period_charged_before_the_click_is_paid_back_whole(self):
        for price in (self.month, self.year):
            with self.subTest(price.interval):
                self.buy(price)
                declared_at = timezone.now() + timedelta(days=10)
                self.pass_period()
                renewal = Payment.objects.latest("pk")
                made = self.apply(declared_at)
                self.assertEqual(made.effective_at, renewal.period_start)
                self.assertEqual(Subscription.objects.latest("pk").status, "ended")
                self.assertEqual(self.level(), 1)
                self.assertEqual([due.amount for due in withdrawals.refunds_due(made)], [renewal.money])
                self.assertEqual(self.fake.all("subscription")[-1]["status"], "canceled")

    def test_a_month_that_is_over_before_the_decision_ends_it_then(self):
        self.in_second_year(days=60)
        declared_at = timezone.now() - timedelta(days=50)
        made = self.apply(declared_at)
        self.assertEqual(made.effective_at, add_intervals(timezone.localtime(declared_at), "month", 1))
        self.assertEqual((self.subscription.status, self.level()), ("ended", 1))
        [due] = withdrawals.refunds_due(made)
        days = (self.subscription.period_end - made.effective_at).days
        self.assertAlmostEqual(due.amount.minor, 9000 * days / 365, delta=30)


class ElsewhereTests(NoticeCase):
    country = "AT"

    def test_elsewhere_it_ends_with_the_period(self):
        self.in_second_year()
        self.cancel()
        self.assertEqual(self.subscription.cancel_at, self.subscription.period_end)
