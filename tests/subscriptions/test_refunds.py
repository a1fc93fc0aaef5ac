"""Refunds and chargebacks: money is paid back once, and what it bought ends."""

from datetime import timedelta
from uuid import uuid4

from django.db import IntegrityError, connection, transaction
from django.test import TestCase, override_settings
from django.utils import timezone

from subscriptions.models import Gift, Grant, LedgerEntry, Order, Payment, Receipt, Refund, SentEmail, Subscription
from subscriptions.money import Money
from subscriptions.providers import ProviderError
from subscriptions.providers.base import ChangedObject, CheckoutState, PaymentState, RefundState, Unavailable
from subscriptions.services import receipts, refunds
from subscriptions.services.refunds import CannotRefund
from tests.budget import takes_longer
from tests.factories import make_grant, make_paid, make_payment, make_price, make_subscription
from tests.subscriptions.journeys import emails_to, on_demo
from tests.subscriptions.test_races import race
from tests.transactions import TransactionTestCase
from truthlytics.publication.models import Publication

SILENT, REFUSED = Unavailable("no answer"), ProviderError("The charge is disputed.")


def depth():
    """How deep in transactions the caller is; a TestCase is in some itself."""
    return connection.in_atomic_block, len(connection.savepoint_ids)


class Bank:
    """A provider whose answers a test sets. It keeps the refunds it made, by key."""

    code, label, renews = "bank", "Bank", True
    answer: Exception | None = None
    made: dict[str, RefundState] = {}
    ended: list[str] = []
    outside = False, 0

    @classmethod
    def reset(cls):
        cls.answer, cls.made, cls.ended, cls.outside = None, {}, [], depth()

    def refund(self, payment, amount, *, key):
        assert depth() == self.outside, "asked inside a transaction"
        if self.answer:
            raise self.answer
        return self.made.setdefault(key, RefundState(f"re_{key}", amount, timezone.now(), key))

    def payment_owner(self, ref):
        return ChangedObject("checkout", ref)

    def checkout_state(self, ref):
        paid = PaymentState(ref, "succeeded", Money(900, "EUR"), timezone.now(), refunds=tuple(self.made.values()))
        return CheckoutState(ref, "complete", payments=(paid,))

    def end(self, subscription, *, key):
        self.ended.append(subscription.provider_ref)


on_bank = override_settings(
    PAYMENT_PROVIDERS=["tests.subscriptions.test_refunds.Bank", "subscriptions.providers.manual.Manual"]
)


def pay_for(**fields):
    """A subscription that the bank renews, with its paid invoice and receipt. Returns the payment."""
    subscription = make_subscription(provider="bank", provider_ref="sub_1", **fields)
    grant = subscription.grants.get()
    span = {"period_start": subscription.period_start, "period_end": subscription.period_end}
    payment = make_payment(subscription, invoice_ref=grant.source_key, **span)
    receipts.issue(payment=payment)
    return payment


def euros(minor):
    return Money(minor, "EUR")


@on_bank
class RefundTests(TestCase):
    def setUp(self):
        Bank.reset()
        self.payment = pay_for()

    def refund(self, minor=900, payment=None):
        with self.captureOnCommitCallbacks(execute=True):
            return refunds.refund(payment=payment or self.payment, amount=euros(minor), by="Edith", reason="Asked.")

    @property
    def subscription(self):
        return Subscription.objects.get(pk=self.payment.subscription_id)

    def is_reading(self):
        return Grant.objects.running(timezone.now()).filter(user=self.payment.user).exists()

    def test_part_of_a_payment_leaves_the_access(self):
        refund = self.refund(400)
        self.assertEqual((refund.status, self.payment.refunded_minor), ("done", 400))
        self.assertEqual((self.subscription.status, self.is_reading()), ("active", True))
        self.assertEqual(Receipt.objects.get(refund=refund).snapshot["total"], "−€4.00")
        self.assertIn("€4.00", emails_to(self.payment.user.email)[-1].body)

    def test_whole_payment_ends_access_and_subscription_at_the_provider(self):
        self.refund(400)
        self.assertEqual(self.refund(500).status, "done")
        ended = self.subscription
        self.assertEqual((ended.status, ended.end_reason, ended.provider_request), ("ended", "refunded", ""))
        self.assertEqual((Bank.ended, self.is_reading()), (["sub_1"], False))

    def test_paid_period_that_follows_keeps_the_subscription(self):
        next_month = {"starts_at": timezone.now() + timedelta(days=20), "days": 50}
        make_grant(self.payment.user, source="invoice", subscription=self.subscription, **next_month)
        self.refund()
        self.assertEqual((self.subscription.status, self.is_reading(), Bank.ended), ("active", False, []))

    def test_past_period_leaves_the_running_one(self):
        ended = {"invoice_ref": "in_0", "provider_ref": "pay_0"}
        past = make_payment(self.subscription, **ended)
        make_grant(past.user, source="invoice", source_key="in_0", days=-1)
        self.refund(payment=past)
        self.assertEqual((self.subscription.status, self.is_reading()), ("active", True))

    def test_more_than_was_paid_is_refused(self):
        self.refund(400)
        for minor in [501, 0, -1]:
            with self.subTest(minor), self.assertRaises(CannotRefund):
                self.refund(minor)
        with self.assertRaises(CannotRefund):
            refunds.refund(payment=self.payment, amount=Money(100, "USD"), by="Edith")
        self.assertEqual(Payment.objects.get(pk=self.payment.pk).refunded_minor, 400)
        with self.assertRaises(IntegrityError), transaction.atomic():
            Payment.objects.filter(pk=self.payment.pk).update(refunded_minor=901)

    def test_failed_and_disputed_payments_are_not_refunded(self):
        for fields in [{"status": "failed"}, {"status": "processing"}, {"dispute": "open"}, {"dispute": "lost"}]:
            with self.subTest(fields), self.assertRaises(CannotRefund):
                self.refund(payment=make_payment(self.subscription, **fields))
        self.assertFalse(Refund.objects.exists())

    def test_refused_refund_releases_the_amount(self):
        Bank.answer = REFUSED
        refund = self.refund()
        self.assertEqual((refund.status, refund.error), ("failed", "The charge is disputed."))
        self.assertEqual((self.payment.refunded_minor, self.is_reading()), (0, True))
        Bank.answer = None
        self.assertEqual(self.refund().status, "done")

    def test_unanswered_refund_is_repeated_with_the_same_key(self):
        Bank.answer = SILENT
        refund = self.refund()
        self.assertEqual((refund.status, self.payment.refunded_minor), ("requested", 900))
        with self.assertRaises(CannotRefund):
            self.refund(100)
        self.assertEqual(refunds.repeat_requested(timezone.now()), 0)
        Bank.answer = None
        self.assertEqual(refunds.repeat_requested(timezone.now()), 1)
        self.assertEqual((Refund.objects.get().status, list(Bank.made)), ("done", [str(refund.key)]))
        self.assertEqual(refunds.repeat_requested(timezone.now()), 0)

    def test_refund_whose_answer_was_lost_is_not_asked_for_again(self):
        Bank.answer = SILENT
        key = str(self.refund().key)
        Bank.made[key] = RefundState("re_1", euros(900), timezone.now(), key)
        self.assertEqual(refunds.repeat_requested(timezone.now()), 1)
        self.assertEqual((Refund.objects.get().provider_ref, Bank.answer), ("re_1", SILENT))

    def test_refund_made_at_the_provider_is_recorded_once(self):
        state = RefundState("re_9", euros(900), timezone.now())
        for _ in range(2):
            refunds.record(self.payment, [state])
        refund = Refund.objects.get()
        self.assertEqual((refund.status, refund.by, refund.money), ("done", "bank", euros(900)))
        self.assertEqual((self.subscription.end_reason, Receipt.objects.filter(refund=refund).count()), ("refunded", 1))

    def test_refund_with_the_key_of_another_site_is_one_of_the_provider(self):
        for key in ["no-uuid", str(uuid4())]:
            refunds.record(self.payment, [RefundState(f"re_{key}", euros(100), timezone.now(), key)])
        self.payment.refresh_from_db()
        self.assertEqual(self.payment.refunded_minor, 200)

    def test_refund_at_the_provider_while_ours_is_refused(self):
        Bank.answer = REFUSED
        Bank.made["elsewhere"] = RefundState("re_9", euros(900), timezone.now())
        self.assertEqual(self.refund().status, "failed")
        self.assertEqual(Payment.objects.get(pk=self.payment.pk).refunded_minor, 900)
        self.assertEqual(sorted(Refund.objects.values_list("status", "by")), [("done", "bank"), ("failed", "Edith")])

    def test_surplus_is_refunded_without_touching_the_access(self):
        surplus = make_payment(self.subscription, status="surplus", invoice_ref=self.payment.invoice_ref)
        self.assertEqual(self.refund(payment=surplus).status, "done")
        self.assertEqual((self.subscription.status, self.is_reading()), ("active", True))
        self.assertFalse(Receipt.objects.filter(payment=surplus).exists())

    def test_chargeback_ends_access_and_subscription_and_tells_the_newsroom(self):

        Publication.objects.update_or_create(pk=1, defaults={"contact_email": "desk@example.org"})
        Payment.objects.update(dispute="open")
        self.payment.refresh_from_db()
        for _ in range(2):
            with self.captureOnCommitCallbacks(execute=True):
                refunds.charged_back(self.payment)
        ended = self.subscription
        self.assertEqual((ended.status, ended.end_reason, self.is_reading()), ("ended", "chargeback", False))
        self.assertEqual((Bank.ended, SentEmail.objects.filter(kind="chargeback").count()), (["sub_1"], 1))


@on_demo
class TransferRefundTests(TestCase):
    def setUp(self):
        self.subscription = make_paid(price=make_price(interval="year", minor=9000))
        self.payment = Payment.objects.get()

    def test_transfer_is_refunded_by_an_editor(self):
        refund = refunds.refund(payment=self.payment, amount=self.payment.money, by="Edith")
        self.assertEqual((refund.status, refund.awaits_transfer), ("requested", True))
        self.assertEqual(refunds.repeat_requested(timezone.now()), 0)
        self.assertTrue(Grant.objects.running(timezone.now()).exists())
        self.assertEqual([refunds.mark_transferred(refund=refund, by="Edith") for _ in range(2)], [True, False])
        self.assertEqual(Subscription.objects.get().end_reason, "refunded")
        self.assertFalse(Grant.objects.running(timezone.now()).exists())
        refunds.record(
            self.payment, [RefundState(Refund.objects.get().provider_ref, self.payment.money, timezone.now())]
        )
        self.assertEqual(Refund.objects.count(), 1)

    def test_transfer_that_was_not_sent_is_withdrawn(self):
        refund = refunds.refund(payment=self.payment, amount=Money(100, "EUR"), by="Edith")
        self.assertTrue(refunds.withdraw(refund=refund))
        refund.refresh_from_db()
        self.assertFalse(refunds.withdraw(refund=refund) or refunds.mark_transferred(refund=refund, by="Edith"))
        self.payment.refresh_from_db()
        self.assertEqual(self.payment.refundable, self.payment.money)

    def test_refunded_extension_shortens_the_subscription(self):
        end = self.subscription.period_end
        span = {"period_start": end, "period_end": end + timedelta(days=365)}
        order = Order.objects.create(
            user=self.payment.user,
            kind="extension",
            status="paid",
            placed_at=timezone.now(),
            total_minor=9000,
            currency="EUR",
            consented_at=timezone.now(),
            provider="manual",
        )
        Subscription.objects.update(period_end=span["period_end"])
        make_grant(
            order.user,
            source="order",
            source_key=str(order.uuid),
            subscription=self.subscription,
            starts_at=end,
            ends_at=span["period_end"],
        )
        entry = LedgerEntry.objects.create(
            provider="manual", ref="manual:2", order_uuid=order.uuid, minor=9000, currency="EUR", status="paid"
        )
        extension = make_payment(self.subscription, order=order, minor=9000, provider_ref=entry.ref, **span)
        refund = refunds.refund(payment=extension, amount=extension.money, by="Edith")
        refunds.mark_transferred(refund=refund, by="Edith")
        self.subscription.refresh_from_db()
        self.assertEqual((self.subscription.status, self.subscription.period_end), ("active", end))

    def test_unredeemed_gift_is_revoked_with_its_refund(self):
        order = self.payment.order
        now = timezone.now()
        term = {"price": order.lines.get().price, "deliver_at": now, "redeem_by": now + timedelta(days=365)}
        gift = Gift.objects.create(order=order, **term)
        refund = refunds.refund(payment=self.payment, amount=self.payment.money, by="Edith")
        refunds.mark_transferred(refund=refund, by="Edith")
        gift.refresh_from_db()
        self.assertIsNotNone(gift.refunded_at)


@on_bank
class RefundRaceTests(TransactionTestCase):
    @takes_longer("Many threads use the database at once.")
    def test_twenty_editors_refund_once(self):
        Bank.reset()
        payment = pay_for()
        outcomes = race(
            lambda n: refunds.refund(payment=Payment.objects.get(), amount=euros(900), by=f"Editor {n}"), 20
        )
        self.assertEqual(sum(isinstance(outcome, CannotRefund) for outcome in outcomes), 19, outcomes)
        payment.refresh_from_db()
        self.assertEqual((payment.refunded_minor, len(Bank.made)), (900, 1))
        self.assertEqual((Refund.objects.count(), Receipt.objects.filter(refund__isnull=False).count()), (1, 1))

    @takes_longer("Many threads use the database at once.")
    def test_parts_of_a_payment_never_exceed_it(self):
        Bank.reset()
        payment = pay_for()
        race(lambda n: refunds.refund(payment=Payment.objects.get(), amount=euros(200), by="Edith"), 20)
        payment.refresh_from_db()
        self.assertEqual((payment.refunded_minor, len(Bank.made)), (800, 4))

    @takes_longer("Many threads use the database at once.")
    def test_webhook_and_answer_complete_a_refund_once(self):
        Bank.reset()
        Bank.answer = SILENT
        payment = pay_for()
        key = str(refunds.refund(payment=payment, amount=euros(900), by="Edith").key)
        Bank.answer, state = None, RefundState(f"re_{key}", euros(900), timezone.now(), key)
        ways = [lambda: refunds.record(payment, [state]), lambda: refunds.repeat_requested(timezone.now())]
        outcomes = race(lambda n: ways[n % 2](), 20)
        self.assertEqual([outcome for outcome in outcomes if isinstance(outcome, Exception)], [])
        payment.refresh_from_db()
        self.assertEqual((payment.refunded_minor, Refund.objects.get().status), (900, "done"))
        self.assertEqual(Receipt.objects.filter(refund__isnull=False).count(), 1)
