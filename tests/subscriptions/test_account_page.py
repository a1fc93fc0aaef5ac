"""The account page: subscription state, payments, signup races."""

from datetime import timedelta

from django.core.cache import cache
from django.db import connection
from django.test import TestCase
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format

from subscriptions.models import Coupon, Grant, Redemption, Subscription, User
from subscriptions.services import receipts
from subscriptions.services.lifecycle import end_due
from tests.budget import takes_longer
from tests.factories import (
    make_editor,
    make_grant,
    make_order,
    make_paid,
    make_payment,
    make_plan,
    make_price,
    make_subscription,
    make_user,
)
from tests.subscriptions.emails.samples import make_gift
from tests.subscriptions.journeys import Steps, code_for, emails_to, on_demo
from tests.subscriptions.test_races import race
from tests.transactions import TransactionTestCase


@on_demo
class AccountPageTests(TestCase):
    def sentence(self, user):
        self.client.force_login(user)
        response = self.client.get("/account/")
        return " ".join(response.content.decode().split('panel__state">')[1].split("</p>")[0].split())

    def test_account_states_what_the_reader_has(self):
        waiting, unpaid, given, gone = (make_user() for _ in range(4))
        make_order(waiting, provider="manual")
        make_order(unpaid)
        make_grant(given, ends_at=timezone.now() + timedelta(days=3))
        end_due(make_paid(gone).period_end, user=gone)
        table = [
            (make_user(), "You can read all free articles and those for registered readers."),
            (make_user(verified=False), "You can read all free articles."),
            (make_editor(), "You can read everything as a member of the newsroom."),
            (waiting, "We’re waiting for your transfer of €9.00."),
            (unpaid, "hasn’t been paid yet."),
            (given, "You have complimentary access until"),
            (gone, "Your subscription ended on"),
        ]
        for user, words in table:
            with self.subTest(words):
                self.assertIn(words, self.sentence(user))

    @takes_longer("Long lists are made and read.")
    def test_account_states_the_subscription(self):
        card = {"provider_ref": "sub", "card": "Visa ending 4242"}
        now = timezone.now()
        soon, later = now + timedelta(days=2), now + timedelta(days=20)
        yearly = make_price(minor=9000, interval="year")
        table = [
            ({}, "Reader, monthly. You can read until {later}; it does not renew."),
            ({"provider": "gift"}, "A gift of Reader until {later}. It does not renew, and nothing is charged."),
            (card, "Reader, monthly. Renews on {later} for €9.00."),
            (card | {"next_price": yearly}, "Reader, monthly until {later}, then Reader, yearly for €90.00 a year."),
            (
                card | {"next_price": yearly, "status": "trialing"},
                "Reader, monthly, free until {later}, then Reader, yearly for €90.00 a year.",
            ),
            (
                {"next_price": yearly, "next_price_at": soon},
                "Reader, monthly until {soon}, then Reader, yearly until {later}. It does not renew.",
            ),
            (card | {"cancel_at": soon}, "You can read until {soon}. Nothing more will be charged."),
            (card | {"cancel_at": now}, "Your subscription ended on {now}."),
            (card | {"status": "trialing"}, "Reader, monthly. Free until {later}, then €9.00 a month."),
            (card | {"status": "trialing", "cancel_at": soon}, "You can read until {soon}. Nothing will be charged."),
            ({"status": "trialing"}, "Free until {later}; it does not renew."),
            (card | {"status": "past_due"}, "We couldn’t charge Visa ending 4242. Change the card by {later}"),
            (card | {"status": "past_due", "card": ""}, "We couldn’t charge your card."),
            (card | {"status": "pending"}, "We’re waiting for confirmation of your payment."),
            (card | {"period_end": now}, "The renewal of {now} is being processed."),
        ]
        days = {
            name: date_format(timezone.localtime(at), "DATE_FORMAT")
            for name, at in [("now", now), ("soon", soon), ("later", later)]
        }
        for number, (fields, words) in enumerate(table):
            with self.subTest(words):
                if "provider_ref" in fields:
                    fields = fields | {"provider_ref": f"sub{number}"}
                self.assertIn(words.format(**days), self.sentence(make_subscription(**fields).user))

    def test_ended_subscriptions_say_why(self):
        now = timezone.now()
        day = date_format(timezone.localtime(now), "DATE_FORMAT")
        card, ended = {"card": "Visa ending 4242"}, {"status": "ended", "ended_at": now}
        table = [
            (
                card | {"end_reason": "unpaid"},
                "because your card was declined. You’re not being charged.",
            ),
            ({"end_reason": "unpaid"}, "ended on {day} because the renewal could not be charged."),
            (card | {"end_reason": "refunded"}, "ended on {day} because your payment was refunded."),
            (card | {"end_reason": "chargeback"}, "ended on {day} because your bank reversed the payment."),
            (card | {"end_reason": "editor"}, "We ended your subscription on {day}."),
            (card | {"end_reason": "cancelled"}, "Your subscription ended on {day}. You’re not being charged."),
            ({"end_reason": "term_over", "provider": "gift"}, "Your gift ended on {day}."),
        ]
        for number, (fields, words) in enumerate(table):
            with self.subTest(words):
                subscription = make_subscription(provider_ref=f"sub{number}" if "card" in fields else "", **fields)
                Grant.objects.all().delete()
                Subscription.objects.filter(pk=subscription.pk).update(**ended)
                self.assertIn(words.format(day=day), self.sentence(subscription.user))

    def test_next_payment_has_its_amount_and_cancelling_is_a_quiet_link(self):
        yearly = make_price(minor=9000, interval="year")
        subscription = make_subscription(provider_ref="sub", next_price=yearly)
        self.client.force_login(subscription.user)
        page = self.client.get("/account/")
        end = date_format(timezone.localtime(subscription.period_end), "DATE_FORMAT")
        self.assertContains(page, f"Next payment {end}: €90.00")
        self.assertContains(page, '<a href="/account/cancellation/">Cancel subscription</a>', html=True)
        self.assertContains(page, 'href="/account/followed/"')

    def test_a_trial_by_transfer_says_what_to_pay_and_offers_nothing_else(self):
        order = make_order(make_user(), make_price(make_plan(trial_days=14)), provider="manual")
        end = date_format(timezone.localtime(order.placed_at + timedelta(days=14)), "DATE_FORMAT")
        sentence = f"Reader, monthly. Free until {end}. To keep reading after that, send €9.00 by then."
        self.assertIn(sentence, self.sentence(order.user))
        page = self.client.get("/account/")
        for words, count in (("Free trial since", 1), ("How to pay", 1), ("Extend", 0)):
            self.assertContains(page, words, count)

    def test_gifts_are_not_cancelled_but_followed_by_a_subscription(self):
        subscription = make_subscription(provider="gift")
        self.client.force_login(subscription.user)
        page = self.client.get("/account/")
        self.assertContains(page, "Subscribe afterwards")
        for words in ("/account/cancellation/", "Reader, monthly", "Extend"):
            self.assertNotContains(page, words)

    def test_a_gift_that_follows_a_cancelled_subscription(self):
        now = timezone.now()
        end, later = now + timedelta(days=2), now + timedelta(days=40)
        subscription = make_subscription(provider_ref="sub", cancel_at=end)
        make_grant(subscription.user, source="gift", starts_at=end, ends_at=later)
        day = date_format(timezone.localtime(later), "DATE_FORMAT")
        self.assertIn(f"You can read until {day}. Nothing more", self.sentence(subscription.user))
        Subscription.objects.update(status="ended", ended_at=now)
        Grant.objects.update(starts_at=now)
        self.assertIn(f"You can read until {day}, as a gift.", self.sentence(subscription.user))

    def test_gifts_given_are_linked(self):
        subscription = make_subscription()
        self.client.force_login(subscription.user)
        self.assertNotContains(self.client.get("/account/"), "/account/gifts/")
        make_gift(subscription.user, subscription.price)
        self.assertContains(self.client.get("/account/"), "/account/gifts/")

    def test_overdue_renewal_without_access(self):
        subscription = make_subscription(days=-1, provider_ref="sub", status="past_due")
        self.assertIn("Change the card to read again.", self.sentence(subscription.user))

    def test_unknown_discounts_are_named_but_not_calculated(self):
        subscription = make_subscription(provider_ref="sub")
        coupon = Coupon.objects.create(code="SPRING", percent=50, duration="forever")
        order = make_order(make_user())
        redemption = Redemption.objects.create(
            coupon=coupon, user=subscription.user, order=order, state="used", at=timezone.now()
        )
        self.assertIn("for €9.00, less your discount.", self.sentence(subscription.user))
        Coupon.objects.update(duration="once")
        self.assertIn("for €9.00.", self.sentence(redemption.user))

    def test_payments_are_listed_with_their_receipts(self):
        subscription = make_subscription()
        for _ in range(8):
            receipts.issue(payment=make_payment(subscription))
        make_payment(subscription, status="surplus")
        make_payment(subscription, status="failed")
        other = make_payment()
        receipts.issue(payment=other)
        self.client.force_login(subscription.user)
        page = self.client.get("/account/")
        self.assertContains(page, "Invoice R-", 4)
        self.assertContains(page, "Not owed. We’ll refund it.")
        page = self.client.get("/account/payments/")
        self.assertContains(page, "Invoice R-", 8)
        self.assertNotContains(page, other.get_absolute_url())

    def test_queries_do_not_grow_with_the_payments(self):
        subscription = make_subscription()
        self.client.force_login(subscription.user)
        receipts.issue(payment=make_payment(subscription))
        pages = {}
        for path in ("/account/", "/account/payments/"):
            with CaptureQueriesContext(connection) as few:
                self.client.get(path)
            pages[path] = len(few)
        for _ in range(60):
            receipts.issue(payment=make_payment(subscription))
        for path, queries in pages.items():
            with self.subTest(path), self.assertNumQueries(queries):
                self.client.get(path)
        self.assertLessEqual(pages["/account/"], 18)

    def test_long_lists_of_payments_have_pages(self):
        subscription = make_subscription()
        for _ in range(51):
            receipts.issue(payment=make_payment(subscription))
        self.client.force_login(subscription.user)
        page = self.client.get("/account/payments/")
        self.assertContains(page, "Invoice R-", 50)
        after = page.context["page"].after
        self.assertContains(self.client.get(f"/account/payments/?after={after}"), "Invoice R-", 1)

    def test_orders_of_others_are_not_listed(self):
        other = make_order(provider="manual")
        self.client.force_login(make_user())
        self.assertNotContains(self.client.get("/account/"), other.number)

    def test_anonymous_visitor_logs_in_and_returns(self):
        for path in ["/account/", "/account/name/", "/account/cancellation/"]:
            self.assertRedirects(self.client.get(path), f"/accounts/login/?next={path}")


class DoubleClickTests(Steps, TransactionTestCase):
    def setUp(self):
        cache.clear()

    @takes_longer("Many requests, one after the other.")
    def test_double_click_on_signup_sends_no_contradicting_emails(self):
        data = {"email": "nadia@example.org", "display_name": "Nadia"}
        url = reverse("account_signup")
        answers = race(lambda n: self.client_class().post(url, data).status_code, 3)
        self.assertEqual(answers, [302] * 3)
        self.assertEqual(User.objects.count(), 0)
        subjects = [email.subject for email in emails_to("nadia@example.org")]
        self.assertEqual([subject[:22] for subject in subjects], ["Your confirmation code"] * 3)

    @takes_longer("Many requests, one after the other.")
    def test_double_click_on_the_code_creates_one_account(self):
        self.sign_up()
        code, cookies = code_for("nadia@example.org"), self.client.cookies

        def confirm(number):
            client = self.client_class()
            client.cookies = cookies
            return client.post(reverse("account_email_verification_sent"), {"code": code}).status_code

        self.assertEqual(race(confirm, 2), [302] * 2)
        self.assertEqual(User.objects.count(), 1)
