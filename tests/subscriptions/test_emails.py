"""Every email has its three parts, says what is so, and escapes what readers typed."""

from datetime import timedelta
from pathlib import Path

from django.conf import settings
from django.core import mail
from django.test import TestCase
from django.utils import timezone

from subscriptions import emails
from subscriptions.models import Cart, Receipt
from subscriptions.services.cart import add, delete_expired
from subscriptions.services.lifecycle import cancel, end_by_editor, end_due
from tests.factories import make_order, make_paid, make_price, make_user
from tests.subscriptions.journeys import emails_to
from tests.transactions import TransactionTestCase

NAME = "Ann & <b>Bo</b>"


class EmailTests(TransactionTestCase):
    def setUp(self):
        self.user = make_user(display_name=NAME)

    def subjects(self):
        return [email.subject for email in emails_to(self.user.email)]

    def test_emails_from_order_to_end(self):
        subscription = make_paid(self.user)
        cancel(subscription=subscription, now=timezone.now())
        end_due(subscription.period_end)
        order = self.user.orders.get()
        self.assertEqual(
            self.subjects(),
            [
                f"How to pay order {order.number}",
                f"Welcome to Truthlytics, with your invoice {Receipt.objects.get().code}",
                f"Subscription cancelled: you can keep reading until {subscription.period_end:%-d %B %Y}",
                "Your subscription has ended",
            ],
        )
        for email in mail.outbox:
            html = email.alternatives[0].content
            with self.subTest(email.subject):
                self.assertNotIn("<b>Bo</b>", html)
                self.assertNotIn("&amp;", email.body)
                self.assertIn(settings.SITE_URL, email.body)
                self.assertNotIn("{{", email.body + html)

    def test_urls_in_notices_are_links(self):
        emails.roles_changed(self.user, ["Editor"])
        address = f"{settings.SITE_URL}/admin/"
        self.assertIn(f'<a href="{address}"', mail.outbox[-1].alternatives[0].content)

    def test_reader_is_emailed_when_an_editor_ends_the_subscription(self):
        end_by_editor(subscription=make_paid(self.user), now=timezone.now(), actor="Edith")
        self.assertEqual(self.subjects()[-1], "Your subscription has ended")

    def test_no_email_after_rollback(self):
        from django.db import transaction

        order = make_order(self.user, provider="manual")
        before = len(mail.outbox)
        try:
            with transaction.atomic():
                emails.transfer(order)
                raise LookupError
        except LookupError:
            pass
        self.assertEqual(len(mail.outbox), before)

    def test_each_email_has_subject_text_and_html(self):
        folder = Path(settings.BASE_DIR) / "templates" / "emails"
        for subject in folder.glob("*.subject.txt"):
            name = subject.name.removesuffix(".subject.txt")
            with self.subTest(name):
                self.assertTrue((folder / f"{name}.txt").exists() and (folder / f"{name}.html").exists())


class ExpiredCartTests(TestCase):
    def test_expired_anonymous_carts_are_deleted(self):
        price = make_price()
        add(price=price, token="", user=None)
        kept = add(price=price, token="", user=make_user())
        self.assertEqual(delete_expired(timezone.now()), 0)
        later = timezone.now() + timedelta(days=31)
        self.assertEqual((delete_expired(later), delete_expired(later)), (1, 0))
        self.assertEqual(Cart.objects.get(), kept)
