"""Each email is logged before it is queued and sent once; the newsroom can send copies."""

from datetime import timedelta
from unittest import mock

import time_machine
from django.core import mail
from django.db import transaction
from django.test import TestCase
from django.utils import timezone

from subscriptions import emails
from subscriptions.models import SentEmail
from tests.budget import takes_longer
from tests.factories import make_price
from tests.subscriptions.emails.samples import CARD, MONTH, make_gift, make_payment, make_subscription
from tests.subscriptions.test_races import race
from tests.transactions import TransactionTestCase
from truthlytics.privacy.deletion import delete_account
from truthlytics.publication.mail import send_email


class OnceTests(TransactionTestCase):
    def test_a_second_call_sends_nothing(self):
        payment = make_payment(make_subscription().user, make_price())
        self.assertEqual([emails.receipt(payment), emails.receipt(payment)], [True, False])
        (email,) = mail.outbox
        row = SentEmail.objects.get()
        self.assertEqual((row.kind, row.key, row.user), ("receipt", str(payment.uuid), payment.user))
        self.assertEqual(row.subject, email.subject)

    @takes_longer("Many requests, one after the other.")
    def test_concurrent_calls_send_one(self):
        payment = make_payment(make_subscription().user, make_price())
        outcomes = race(lambda number: emails.receipt(payment))
        self.assertEqual(sorted(outcomes), [False] * 11 + [True])
        self.assertEqual((len(mail.outbox), SentEmail.objects.count()), (1, 1))

    def test_a_rollback_sends_and_logs_nothing(self):
        subscription = make_subscription()
        try:
            with transaction.atomic():
                emails.ending_soon(subscription, 14)
                raise LookupError
        except LookupError:
            pass
        self.assertEqual((len(mail.outbox), SentEmail.objects.count()), (0, 0))
        self.assertTrue(emails.ending_soon(subscription, 14))

    def test_an_email_that_cannot_be_rendered_is_not_logged_as_sent(self):
        subscription = make_subscription()
        with (
            mock.patch("subscriptions.emails.once.send_email", side_effect=LookupError),
            self.assertRaises(LookupError),
        ):
            emails.ending_soon(subscription, 14)
        self.assertFalse(SentEmail.objects.exists())

    def test_the_row_exists_before_the_email_is_queued(self):
        def check(*args, **kwargs):
            self.assertEqual(SentEmail.objects.count(), 1)
            return send_email(*args, **kwargs)

        with mock.patch("subscriptions.emails.once.send_email", side_effect=check):
            emails.ending_soon(make_subscription(), 3)
        self.assertEqual(len(mail.outbox), 1)

    def test_another_period_or_event_is_another_email(self):
        subscription = make_subscription(**CARD, status="past_due")
        self.assertTrue(emails.payment_failed(subscription))
        self.assertFalse(emails.payment_failed(subscription))
        subscription.period_start += MONTH
        self.assertTrue(emails.payment_failed(subscription))
        subscription.cancel_at = subscription.period_end
        cancelled = {"at": timezone.now(), "event": "cancel_requested", "was": "active", "became": "active"}
        for _ in range(2):
            subscription.changes.create(actor="reader", **cancelled)
            self.assertEqual([emails.cancelled(subscription), emails.cancelled(subscription)], [True, False])

    def test_deleted_accounts_get_no_email(self):
        subscription = make_subscription(status="ended", ended_at=timezone.now())
        delete_account(user=subscription.user, keep_comments=True)
        subscription.user.refresh_from_db()
        self.assertFalse(emails.ended(subscription))

    def test_deactivated_accounts_still_get_their_receipts(self):
        payment = make_payment(make_subscription().user, make_price())
        payment.user.is_active = False
        self.assertTrue(emails.receipt(payment))


class ResendTests(TestCase):
    def resend(self, row):
        with self.captureOnCommitCallbacks(execute=True):
            return emails.resend(row)

    def test_copies_are_logged_with_their_number(self):
        payment = make_payment(make_subscription().user, make_price())
        emails.receipt(payment)
        original = SentEmail.objects.get()
        copy = self.resend(original)
        self.assertEqual((copy.kind, copy.key), ("receipt", f"{payment.uuid}#2"))
        self.assertEqual((mail.outbox[-1].to, mail.outbox[-1].subject), ([payment.user.email], original.subject))
        with time_machine.travel(timezone.now() + timedelta(minutes=2)):
            self.assertEqual(self.resend(copy).key, f"{payment.uuid}#3")

    def test_a_second_click_sends_no_second_copy(self):
        emails.receipt(make_payment(make_subscription().user, make_price()))
        original = SentEmail.objects.get()
        self.resend(original)
        with self.assertRaisesMessage(emails.CannotResend, "sent again a moment ago"):
            self.resend(original)
        self.assertEqual(len(mail.outbox), 1)

    def test_an_email_that_is_no_longer_true_is_refused(self):
        subscription = make_subscription(left=timedelta(days=3))
        emails.ending_soon(subscription, 3)
        type(subscription).objects.update(status="ended", ended_at=timezone.now())
        with self.assertRaisesMessage(emails.CannotResend, "out of date"):
            emails.resend(SentEmail.objects.get())

    def test_a_redeemed_gift_is_not_sent_again(self):
        gift = make_gift(make_subscription().user, make_price(), recipient_email="karim@example.org")
        emails.gift_received(gift)
        self.assertEqual(self.resend(SentEmail.objects.get()).key, f"{gift.pk}#2")
        self.assertEqual(mail.outbox[-1].to, ["karim@example.org"])
        gift.redeemed_by, gift.redeemed_at = gift.order.user, timezone.now()
        gift.save()
        with self.assertRaises(emails.CannotResend):
            emails.resend(SentEmail.objects.first())

    def test_emails_of_unknown_kinds_are_refused(self):
        row = SentEmail.objects.create(user=make_subscription().user, kind="old", key="1", sent_at=timezone.now())
        with self.assertRaises(emails.CannotResend):
            emails.resend(row)
