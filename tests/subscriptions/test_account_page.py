"""The account page: subscription state, cancellation, signup races."""

from datetime import timedelta
from unittest import mock

from django.core.cache import cache
from django.test import TestCase, TransactionTestCase
from django.urls import reverse
from django.utils import timezone

from subscriptions.models import Subscription, User
from subscriptions.services.lifecycle import cancel, end_by_editor, end_due, undo_cancel
from subscriptions.states import IllegalTransition
from tests.factories import make_editor, make_grant, make_order, make_paid, make_user
from tests.subscriptions.journeys import Steps, on_demo
from tests.subscriptions.test_races import race


@on_demo
class AccountPageTests(TestCase):
    def sentence(self, user):
        self.client.force_login(user)
        response = self.client.get("/account/")
        return response.content.decode().split('panel__state">')[1].split("</p>")[0].strip()

    def test_account_states_what_the_reader_has(self):
        waiting, unpaid, given, bought, gone = (make_user() for _ in range(5))
        make_order(waiting, provider="manual")
        make_order(unpaid)
        make_grant(given, ends_at=timezone.now() + timedelta(days=3))
        end = f"{make_paid(bought).period_end:%-d %B %Y}"
        end_due(make_paid(gone).period_end, user=gone)
        table = [
            (make_user(), "You can read all free articles and those for registered readers."),
            (make_user(verified=False), "You can read all free articles."),
            (make_editor(), "You can read everything as a member of the newsroom."),
            (waiting, "We’re waiting for your transfer of €9.00."),
            (unpaid, "hasn’t been paid yet."),
            (given, "You have complimentary access until"),
            (bought, f"Your subscription runs until {end} and won’t renew."),
            (gone, "Your subscription ended on"),
        ]
        for user, words in table:
            with self.subTest(words):
                self.assertIn(words, self.sentence(user))

    def test_cancelled_subscription(self):
        subscription = make_paid()
        cancel(subscription=subscription, now=timezone.now())
        self.assertIn("Your subscription is cancelled.", self.sentence(subscription.user))

    def test_orders_of_others_are_not_listed(self):
        other = make_order(provider="manual")
        self.client.force_login(make_user())
        self.assertNotContains(self.client.get("/account/"), other.number)

    def test_anonymous_visitor_logs_in_and_returns(self):
        for path in ["/account/", "/account/name/", "/account/cancellation/"]:
            self.assertRedirects(self.client.get(path), f"/accounts/login/?next={path}")

    def test_an_expired_login_returns_to_the_page(self):
        url = reverse("subscriptions:undoing")
        self.assertRedirects(self.client.post(url), f"/accounts/login/?next={url}")
        self.client.force_login(make_user())
        self.assertRedirects(self.client.get(url), "/account/")

    def test_nothing_to_cancel_without_a_subscription(self):
        self.client.force_login(make_user())
        for method in [self.client.get, self.client.post]:
            response = method("/account/cancellation/", follow=True)
            self.assertContains(response, "You don’t have a subscription to cancel")
        self.assertContains(self.client.post("/account/cancellation/undoing/", follow=True), "has ended")

    def test_an_ended_subscription_cannot_be_resumed(self):
        subscription = make_paid()
        cancel(subscription=subscription, now=timezone.now())
        end_due(subscription.period_end)
        with self.assertRaises(IllegalTransition):
            undo_cancel(subscription=subscription, now=timezone.now())
        self.assertEqual(Subscription.objects.get().status, "ended")

    def test_resuming_after_the_end_fails_even_before_tick_has_run(self):
        subscription = make_paid()
        cancel(subscription=subscription, now=timezone.now())
        with self.assertRaises(IllegalTransition):
            undo_cancel(subscription=subscription, now=subscription.period_end)
        self.assertEqual(subscription.grants.get().ends_at, subscription.period_end)

    def test_cancelling_as_it_ends_shows_a_message(self):
        subscription = make_paid()
        self.client.force_login(subscription.user)
        with mock.patch("subscriptions.views.account._live", return_value=subscription):
            end_by_editor(subscription=subscription, now=timezone.now(), actor="Editor")
            response = self.client.post("/account/cancellation/", follow=True)
        self.assertContains(response, "You don’t have a subscription to cancel")


class DoubleClickTests(Steps, TransactionTestCase):
    def setUp(self):
        cache.clear()

    def test_double_click_on_signup_creates_one_account(self):
        data = {"email": "nadia@example.org", "display_name": "Nadia"}
        url = reverse("account_signup")
        answers = race(lambda n: self.client_class().post(url, data).status_code, 3)
        self.assertEqual(answers, [302] * 3)
        self.assertEqual(User.objects.count(), 1)
