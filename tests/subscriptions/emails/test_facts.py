"""Emails say what is so: who is charged what and when, and nothing that is not so for the way of payment."""

import re
from datetime import timedelta
from urllib.parse import urlsplit
from uuid import uuid4

from django.conf import settings
from django.core import mail
from django.test import TestCase
from django.urls import resolve
from django.utils import timezone
from django.utils.formats import date_format
from lxml import html as lxml_html

from subscriptions import emails
from subscriptions.emails.once import KINDS
from subscriptions.models import Coupon, Payment
from tests.factories import make_price
from tests.subscriptions.emails.samples import (
    CARD,
    MONTH,
    make_gift,
    make_order_of,
    make_payment,
    make_subscription,
    send_all,
)
from truthlytics.publication.models import Publication

NAME = "Ann & <b>Bo</b>"
URL = re.compile(r"https?://\S+")


def text_of(email):
    """The words of the HTML version."""
    root = lxml_html.fromstring(email.alternatives[0].content)
    for style in list(root.iter("style", "title")):
        style.drop_tree()
    return " ".join(root.text_content().split())


class FactTests(TestCase):
    @classmethod
    def setUpTestData(cls):
        Publication.objects.create(name="The Daily Ledger", contact_email="desk@example.org")
        before = len(mail.outbox)
        with cls.captureOnCommitCallbacks(execute=True):
            labels = send_all(name=NAME, text="Read well!\n<i>Yours</i>")
        cls.sent = dict(zip(labels, mail.outbox[before:], strict=True))

    def send(self, send, *args):
        """Send one more email, as "sent"."""
        with self.captureOnCommitCallbacks(execute=True):
            self.assertTrue(send(*args))
        self.sent["sent"] = mail.outbox[-1]

    def both(self, label):
        """The words of both versions."""
        email = self.sent[label]
        return f"{' '.join(email.body.split())}\n{text_of(email)}"

    def assert_says(self, label, *words):
        email = self.sent[label]
        for version in (" ".join(email.body.split()), text_of(email)):
            for word in words:
                self.assertIn(word.replace("\xa0", " "), version.replace("\xa0", " "), label)

    def test_every_kind_is_among_the_samples(self):
        self.assertEqual({label.partition(",")[0] for label in self.sent}, set(KINDS))

    def test_nothing_is_left_unrendered_or_unescaped(self):
        for label, email in self.sent.items():
            with self.subTest(label):
                html = email.alternatives[0].content
                self.assertNotRegex(email.subject + email.body + html, r"\{[{%]|%\(|None")
                self.assertNotIn("\n\n\n", email.body.strip())
                self.assertNotRegex(html, "<b>Bo</b>|<i>Yours</i>")
                self.assertNotRegex(email.subject + email.body, "&amp;|&lt;|&#x27;")
                self.assertIn("The Daily Ledger", email.body)
                self.assertNotIn("Truthlytics", email.subject + email.body + html)

    def test_subjects_are_single_short_lines(self):
        for label, email in self.sent.items():
            with self.subTest(label):
                self.assertNotIn("\n", email.subject)
                self.assertLess(len(email.subject), 90)

    def test_html_and_text_have_the_same_links_and_they_lead_somewhere(self):
        for label, email in self.sent.items():
            with self.subTest(label):
                root = lxml_html.fromstring(email.alternatives[0].content)
                links = {link.get("href") for link in root.iter("a")}
                self.assertEqual(links, set(URL.findall(email.body)) | {f"{settings.SITE_URL}/"})
                for link in links:
                    if link.startswith(settings.SITE_URL):
                        resolve(urlsplit(link).path)

    def test_nothing_is_loaded_from_elsewhere(self):
        for label, email in self.sent.items():
            with self.subTest(label):
                html = email.alternatives[0].content
                self.assertNotRegex(html, r"<(img(?![^>]* src=\"cid:)|link|script|iframe|object)|@import|url\(")

    def test_only_subscriptions_that_renew_are_said_to_renew(self):
        for label in self.sent:
            renews = "card" in label or label.startswith(
                ("renewal", "receipt, renewal", "plan_changed", "payment_failed")
            )
            text = self.both(label)
            with self.subTest(label):
                if not renews or label.startswith(("cancelled", "ended", "refunded", "gift")):
                    self.assertNotRegex(text, r"(?<!doesn’t )(?<!does not )renews?\b|until you cancel")
                if "by transfer" in label or label.startswith(("ending_soon", "gift")):
                    self.assertNotRegex(text, r"renews (on|automatically)|Visa|(?<!doesn’t renew )automatically")

    def test_payments_by_transfer_end_by_themselves(self):
        self.assert_says("welcome, by transfer", "doesn’t renew automatically", "Invoice R-", "€9.00")
        self.assert_says("receipt, extension by transfer", "now runs until", "doesn’t renew automatically")
        self.assert_says("trial_ending, by transfer", "You won’t be charged.", "transfer €9.00 for order")
        self.assert_says("ending_soon, 14 days", "doesn’t renew automatically, and you won’t be charged")
        self.assert_says("ending_soon, order awaited", "We are waiting for your transfer of €9.00")
        self.assertEqual(self.sent["ending_soon, today"].subject, "Your subscription ends today")

    def test_transfers_say_what_happens_once_they_arrive(self):
        end = date_format(timezone.localtime(timezone.now() + MONTH), "DATE_FORMAT")
        self.assert_says("transfer, first", "You can start reading as soon as your transfer arrives", "DE89")
        self.assert_says("transfer, first", "lasts for one month")
        self.assert_says("transfer, extension", f"we extend your subscription, from {end} to")
        self.assert_says("transfer, trial", "Your free trial costs nothing. To keep reading after it, send")
        self.assert_says("transfer, trial", f"continues after the free trial, from {end} to")
        self.assert_says("transfer, gift", "We’ll email you the gift")
        for label in ("extension", "trial", "gift"):
            self.assertNotIn("start reading", self.both(f"transfer, {label}"))

    def test_receipts_use_the_period_that_was_paid(self):
        subscription = make_subscription(**CARD, left=timedelta(0))
        payment = make_payment(
            subscription.user, subscription.price, subscription=subscription, period_end=timezone.now() + MONTH
        )
        self.send(emails.receipt, payment)
        day = date_format(timezone.localtime(payment.period_end), "DATE_FORMAT")
        self.assert_says("sent", f"renews next on {day}")

    def test_cards_are_charged_until_the_reader_cancels(self):
        day = date_format(timezone.localtime(timezone.now() + MONTH), "DATE_FORMAT")
        coupon = "We’ll deduct the discount of your coupon SPRING25 for as long as it applies."
        self.assert_says("welcome, by card with a coupon", f"renews on {day} for €9.00 a month", coupon, "€6.75")
        self.assert_says(
            "welcome, card after a transfer", f"already paid for ends on {day}. From then on, your", "€9.00"
        )
        self.assertNotIn("Invoice", self.both("welcome, card after a transfer"))
        self.assert_says("trial_started, by card", "€9.00 a month", "you pay nothing")
        self.assert_says("trial_ending, by card", "charged to your Visa ending 4242", "cancel")
        self.assert_says("renewal_ahead", "€90.00 a year, charged to your Visa ending 4242", "cancel before then")
        self.assert_says("receipt, renewal", "€90.00", "Includes tax", "€14.37", "renews next on", "Visa ending 4242")

    def test_failed_payments_say_until_when_access_runs(self):
        day = date_format(timezone.localtime(timezone.now() + timedelta(days=7)), "DATE_FORMAT")
        self.assert_says("payment_failed", "Visa ending 4242", f"keep reading until {day}", "Check your card")

    def test_refunds_say_where_the_money_goes(self):
        self.assert_says("refunded, by card", "the card or account you paid with", "€4.50", "Credit note R-")
        self.assert_says("refunded, by transfer", "on its way to your bank account", "€4.50")

    def test_ends_have_their_reason(self):
        day = date_format(timezone.localtime(timezone.now()), "DATE_FORMAT")
        self.assert_says("ended, unpaid", f"Your subscription ended on {day} because your card was declined.")
        self.assert_says("ended, chargeback", "because your bank reversed the payment")
        self.assert_says("ended, editor", "reply to this email")
        for label in ("term_over", "cancelled"):
            self.assertNotRegex(self.both(f"ended, {label}"), "because (?!of your account)")

    def test_changes_of_plan_say_when_they_begin(self):
        day = date_format(timezone.localtime(timezone.now() + MONTH), "DATE_FORMAT")
        self.assert_says("plan_changed, at renewal", f"From {day}, you will have “Patron, monthly”", "€1,234,567.89")
        self.assert_says("plan_changed, at once", "Your plan is now “Patron, monthly”")

        change = "you will have “Reader, monthly” instead of “Reader, yearly”"
        self.assert_says("renewal_ahead, another plan", change, "€9.00 a month")

    def test_gifts_end_by_themselves_and_lead_to_a_subscription(self):
        self.assert_says("ending_soon, gift", "Your gift of Reader ends on", "Nothing is charged.")
        self.assert_says("ending_soon, gift", "Your subscription begins when the gift ends")
        self.assert_says("ended, gift", "Your gift ended on", "Nothing is charged.")
        for label in ("ending_soon, gift", "ended, gift"):
            self.assertIn("Your gift", self.sent[label].subject)
            self.assertNotRegex(self.both(label), "renew|again|cancel")

    def test_gifts_go_to_the_recipient_with_their_message(self):
        email = self.sent["gift_received"]
        self.assertEqual(email.to, ["karim@example.org"])
        self.assertEqual(email.subject, f"{NAME} has given you a subscription to The Daily Ledger")
        self.assert_says("gift_received", NAME, "<i>Yours</i>", "for one year", "don’t need a card")
        self.assertNotRegex(self.both("gift_received"), "€|account of yours")
        self.assert_says("gift_bought, sent later", "We’ll email it to karim@example.org on", "Invoice R-", "€90.00")
        self.assert_says("gift_bought, handed over", "Give this link to the person it is for")

    def test_gift_emails_do_not_tell_the_giver_who_redeemed_it(self):
        gift = make_gift(make_subscription().user, make_price())
        gift.redeemed_by = make_subscription().user
        gift.redeemed_at = timezone.now()
        gift.save()
        self.send(emails.gift_redeemed, gift)
        self.assertNotIn(gift.redeemed_by.display_name, self.both("sent"))

    def test_chargebacks_go_to_the_publication(self):
        email = self.sent["chargeback"]
        self.assertEqual(email.to, ["desk@example.org"])
        payment = Payment.objects.get(dispute="open")
        self.assertIn(f"/admin/subscriptions/user/{payment.user_id}/change/", email.body)
        Publication.objects.update(contact_email="")
        payment.uuid = uuid4()
        self.assertFalse(emails.chargeback(payment))

    def test_a_coupon_for_every_payment_reduces_the_announced_amount(self):
        subscription = make_subscription(**CARD, price=make_price(interval="year", minor=9000))
        coupon = Coupon.objects.create(code="FRIENDS", percent=50, duration="forever")
        make_order_of(subscription, coupon=coupon)
        self.send(emails.renewal_ahead, subscription)
        self.assert_says("sent", "€45.00 a year")
        self.assertNotIn("FRIENDS", self.both("sent"))

    def test_a_free_trial_has_no_second_welcome(self):
        trial = make_subscription(**CARD, status="trialing")
        self.assertFalse(emails.welcome(make_order_of(trial, trial_days=14), trial))
