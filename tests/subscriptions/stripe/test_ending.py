"""Cancelling, undoing, refunds and chargebacks."""

from django.utils import timezone

from subscriptions.models import Grant, Payment, Refund, Subscription
from subscriptions.money import Money
from subscriptions.providers.stripe import Stripe
from subscriptions.services import lifecycle, refunds
from subscriptions.services.sync import sync_subscription
from tests.subscriptions.journeys import emails_to
from tests.subscriptions.stripe.base import BROKEN_CARD, StripeCase


class CancellationTests(StripeCase):
    def setUp(self):
        super().setUp()
        self.bought = self.buy()
        self.client.force_login(self.user)

    def post(self, path):
        with self.committing():
            return self.client.post(path)

    @property
    def contract(self):
        return self.fake.get(self.bought.provider_ref)

    def test_cancel(self):
        self.post("/account/cancellation/")
        self.deliver(copies=2)
        self.assertEqual((self.contract["cancel_at_period_end"], self.subscription.provider_request), (True, ""))
        self.assertEqual(self.level(), 10)
        self.pass_period()
        self.assertEqual((self.subscription.status, self.subscription.end_reason), ("ended", "cancelled"))
        self.assertEqual((self.payments(), self.level()), ([900], 1))
        self.assertEqual(self.events(), ["first_paid", "cancel_requested", "cancel_reached"])
        self.assert_agrees()

    def test_cancel_and_undo(self):
        for _ in range(2):
            self.post("/account/cancellation/")
            self.post("/account/cancellation/undoing/")
        self.deliver()
        self.assertFalse(self.contract["cancel_at_period_end"])
        self.pass_period()
        self.assertEqual((self.subscription.status, self.payments()), ("active", [900, 900]))
        self.assert_agrees()

    def test_cancel_in_the_dashboard_of_Stripe(self):
        self.fake.cancel_in_dashboard(self.bought.provider_ref)
        self.deliver()
        self.assertEqual(self.subscription.cancel_at, self.bought.period_end)
        self.assertIn("cancel", self.subjects()[-1].lower())
        self.pass_period()
        self.assertEqual((self.subscription.status, self.level()), ("ended", 1))
        self.assert_agrees()

    def test_end_at_once_in_the_dashboard_of_Stripe(self):
        self.fake.cancel_in_dashboard(self.bought.provider_ref, at_period_end=False)
        self.deliver()
        self.assertEqual(self.subscription.status, "ended")
        self.assertEqual(self.level(), 10)  # the month is paid
        self.pass_time(days=29)
        self.assertEqual(self.level(), 1)
        self.assert_agrees()

    def test_cancellation_while_Stripe_is_away_is_repeated(self):
        self.fake.outage(100)
        self.post("/account/cancellation/")
        self.assertEqual((self.subscription.provider_request, self.contract["cancel_at_period_end"]), ("cancel", False))
        self.tick()
        self.fake.recover()
        self.tick()
        self.assertEqual((self.subscription.provider_request, self.contract["cancel_at_period_end"]), ("", True))
        self.assertEqual(len([subject for subject in self.subjects() if "cancel" in subject.lower()]), 1)

    def test_undoing_while_Stripe_is_away_changes_nothing(self):
        self.post("/account/cancellation/")
        self.fake.outage(100)
        self.post("/account/cancellation/undoing/")
        self.assertIsNotNone(self.subscription.cancel_at)

    def test_charge_after_an_unheard_cancellation_is_surplus(self):
        self.fake.outage(10_000)
        self.post("/account/cancellation/")
        self.pass_time(to=int(self.bought.period_end.timestamp()) + 3600)
        self.fake.recover()
        self.deliver()
        self.tick()
        self.deliver()
        self.assertEqual((self.contract["status"], self.subscription.status), ("canceled", "ended"))
        self.assertEqual((self.payments(), self.payments("surplus"), self.level()), ([900], [900], 1))
        surplus = Payment.objects.get(status="surplus")
        self.assertEqual(refunds.refund(payment=surplus, amount=surplus.money, by="Edith").status, "done")

    def test_state_fetched_before_a_cancellation_does_not_undo_it(self):

        fetch = Stripe.subscription_state

        def fetch_slowly(provider, ref):
            state = fetch(provider, ref)
            if not fetched:
                fetched.append(state)
                self.post("/account/cancellation/")
            return state

        fetched = []
        Stripe.subscription_state = fetch_slowly
        try:
            sync_subscription("stripe", self.bought.provider_ref)
        finally:
            Stripe.subscription_state = fetch
        self.assertIsNotNone(self.subscription.cancel_at)
        self.assertEqual(self.events(), ["first_paid", "cancel_requested"])

    def test_editor_ends_the_subscription_and_the_charging(self):
        with self.committing():
            lifecycle.end_by_editor(subscription=self.bought, now=timezone.now(), actor="Edith")
        self.deliver()
        self.assertEqual((self.contract["status"], self.level()), ("canceled", 1))
        self.assertEqual(self.subscription.end_reason, "editor")
        self.pass_time(days=60)
        self.deliver()
        self.assertEqual((self.payments(), self.level()), ([900], 1))

    def test_end_after_a_declined_renewal_that_no_webhook_reported_says_why(self):
        self.card(BROKEN_CARD)
        self.pass_time(days=70)
        self.fake.outbox.clear()
        self.tick()
        self.assertEqual(self.events(), ["first_paid", "unpaid"])
        self.assertEqual((self.subscription.end_reason, self.level()), ("unpaid", 1))
        sentence = "because your card was declined"
        self.assertIn(sentence, emails_to(self.user.email)[-1].body)
        self.client.force_login(self.user)  # the session has expired
        self.assertContains(self.client.get("/account/"), sentence)
        self.assert_agrees()

    def test_reader_can_buy_again_after_the_end(self):
        self.post("/account/cancellation/")
        self.pass_period()
        self.buy()
        self.assertEqual((self.payments(), self.level()), ([900, 900], 10))
        self.assertEqual(Subscription.objects.live().count(), 1)


class RefundTests(StripeCase):
    def setUp(self):
        super().setUp()
        self.bought = self.buy()
        self.payment = Payment.objects.get()

    def refund(self, minor):
        with self.committing():
            return refunds.refund(payment=self.payment, amount=Money(minor, "EUR"), by="Edith")

    def refunded_at_stripe(self):
        return [refund["amount"] for refund in self.fake.all("refund")]

    def test_part(self):
        self.assertEqual(self.refund(400).status, "done")
        self.deliver(copies=2)
        self.assertEqual((self.refunded_at_stripe(), Refund.objects.count(), self.level()), ([400], 1, 10))
        self.assertEqual(self.subscription.status, "active")

    def test_whole(self):
        self.assertEqual(self.refund(900).status, "done")
        self.deliver()
        self.assertEqual((self.subscription.end_reason, self.level()), ("refunded", 1))
        self.assertEqual(self.fake.get(self.bought.provider_ref)["status"], "canceled")
        self.pass_time(days=40)
        self.deliver()
        self.assertEqual(self.payments(), [900])

    def test_whole_in_the_dashboard_of_Stripe(self):
        self.fake.refund_in_dashboard(self.payment.provider_ref)
        self.deliver(copies=2)
        self.assertEqual(
            (self.subscription.end_reason, self.level(), Refund.objects.get().by), ("refunded", 1, "stripe")
        )
        self.assertEqual(self.fake.get(self.bought.provider_ref)["status"], "canceled")

    def test_answer_is_lost(self):
        self.fake.fail("POST /v1/refunds", "lost", times=3)
        self.assertEqual(self.refund(900).status, "requested")
        self.fake.recover()
        self.tick()
        self.assertEqual((self.refunded_at_stripe(), Refund.objects.get().status), ([900], "done"))

    def test_answer_is_lost_and_Stripe_has_forgotten_the_key(self):
        self.fake.fail("POST /v1/refunds", "lost", times=3)
        self.refund(400)
        self.fake.recover()
        self.fake._answered.clear()
        self.tick()
        self.assertEqual((self.refunded_at_stripe(), Refund.objects.get().status), ([400], "done"))

    def test_refused_refund_is_shown_and_its_amount_free(self):
        self.fake.refund_in_dashboard(self.payment.provider_ref, 600)
        refund = self.refund(900)
        self.assertEqual(refund.status, "failed")
        self.assertTrue(refund.error)
        self.payment.refresh_from_db()
        self.assertEqual(self.payment.refunded_minor, 600)

    def test_chargeback(self):
        dispute = self.fake.dispute(self.payment.provider_ref)
        self.deliver(copies=2)
        self.payment.refresh_from_db()
        self.assertEqual((self.payment.dispute, self.subscription.end_reason, self.level()), ("open", "chargeback", 1))
        self.assertEqual(self.fake.get(self.bought.provider_ref)["status"], "canceled")
        opened = timezone.now()
        self.assertEqual((self.payment.disputed_at, self.payment.dispute_decided_at), (opened, None))
        self.pass_time(days=20)
        self.fake.close_dispute(dispute["id"], "lost")
        self.deliver()
        self.payment.refresh_from_db()
        dates = self.payment.disputed_at, self.payment.dispute_decided_at
        self.assertEqual((self.payment.dispute, *dates), ("lost", opened, timezone.now()))
        self.assertFalse(Grant.objects.running(timezone.now()).exists())

    def test_chargeback_that_the_site_hears_of_late_has_the_day_of_its_opening(self):
        self.fake.dispute(self.payment.provider_ref)
        opened = timezone.now()
        self.pass_time(days=3)
        self.deliver()
        self.payment.refresh_from_db()
        self.assertEqual(self.payment.disputed_at, opened)

    def test_chargeback_that_is_won(self):
        dispute = self.fake.dispute(self.payment.provider_ref)
        self.deliver()
        self.fake.close_dispute(dispute["id"], "won")
        self.deliver()
        self.payment.refresh_from_db()
        self.assertEqual((self.payment.dispute, self.subscription.status), ("won", "ended"))

    def test_inquiry_of_the_bank_ends_nothing(self):
        self.fake.dispute(self.payment.provider_ref)["status"] = "warning_needs_response"
        self.deliver()
        self.payment.refresh_from_db()
        self.assertEqual((self.payment.dispute, self.subscription.status, self.level()), ("", "active", 10))

    def test_chargeback_and_cancellation_are_noticed_together(self):
        self.fake.dispute(self.payment.provider_ref)
        self.fake.cancel_in_dashboard(self.bought.provider_ref, at_period_end=False)
        self.deliver()
        self.assertEqual((self.subscription.end_reason, self.fake.outbox), ("chargeback", []))
