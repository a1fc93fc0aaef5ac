"""Cancelling in the account and by an emailed link, undoing it, and giving a reason."""

import re
from datetime import timedelta
from unittest import mock

from django.core import mail
from django.core.cache import cache
from django.test import TestCase
from django.urls import reverse
from django.utils import timezone

from subscriptions.models import AccountNote, Order, Subscription
from subscriptions.providers.base import Unavailable
from subscriptions.services.cancellations import LIFETIME, send_cancellation_link, token_for
from subscriptions.services.lifecycle import cancel, end_by_editor, end_due, undo_cancel
from subscriptions.states import IllegalTransition
from tests.factories import make_paid, make_renewing, make_subscription, make_user
from tests.subscriptions.journeys import on_demo
from truthlytics.tools.demo.provider import Demo

PAGE, UNDO = "/account/cancellation/", "/account/cancellation/undoing/"


@on_demo
class CancellationTests(TestCase):
    def setUp(self):
        cache.clear()

    def log_in(self, subscription):
        self.client.force_login(subscription.user)
        return subscription

    def test_cancelling_takes_two_steps_and_can_be_undone(self):
        subscription = self.log_in(make_renewing())
        self.assertContains(self.client.get(PAGE), "you won’t be charged again")
        with self.captureOnCommitCallbacks(execute=True):
            page = self.client.post(PAGE, follow=True)
        self.assertContains(page, "Nothing more will be charged.")
        subscription.refresh_from_db()
        self.assertEqual((subscription.cancel_at, subscription.provider_request), (subscription.period_end, ""))
        self.client.post(UNDO)
        self.assertContains(self.client.get("/account/"), "Renews on")

    def test_the_page_is_true_for_each_kind_of_subscription(self):
        card = {"provider_ref": "sub"}
        for fields, words in [
            ({}, "Your subscription doesn’t renew"),
            (card, "and you won’t be charged again."),
            (card | {"status": "trialing"}, "and nothing will be charged."),
            (card | {"status": "past_due"}, "your subscription ends at once"),
        ]:
            with self.subTest(words):
                ref = f"sub {words}" if fields else ""
                self.log_in(make_subscription(**fields | {"provider_ref": ref}))
                self.assertContains(self.client.get(PAGE), words)

    def test_the_page_offers_to_withdraw_while_that_is_possible(self):
        subscription = self.log_in(make_paid())
        withdraw = "Withdraw from this contract"
        self.assertContains(self.client.get(PAGE), withdraw)
        self.assertContains(self.client.post(PAGE, follow=True), withdraw)
        Order.objects.update(paid_at=timezone.now() - timedelta(days=20))
        self.client.force_login(subscription.user)
        self.assertNotContains(self.client.get(PAGE), withdraw)

    def test_a_gift_ends_by_itself(self):
        subscription = self.log_in(make_subscription(provider="gift"))
        link = reverse("subscriptions:cancel_by_link", args=[token_for(subscription)])
        for path in (PAGE, link):
            for method in (self.client.get, self.client.post):
                page = method(path)
                self.assertContains(page, "You don’t need to cancel your gift")
                self.assertNotContains(page, "Cancel subscription</button>")
        subscription.refresh_from_db()
        self.assertIsNone(subscription.cancel_at)
        with self.captureOnCommitCallbacks(execute=True):
            send_cancellation_link.call(subscription.user.email)
        self.assertEqual(mail.outbox[-1].subject, "You don’t need to cancel your gift")
        self.assertIn("a gift of “Reader”", mail.outbox[-1].body)

    def test_cancelling_an_unpaid_renewal_ends_it(self):
        subscription = self.log_in(make_subscription(provider_ref="sub", status="past_due", days=-1))
        self.assertRedirects(self.client.post(PAGE), "/account/")
        subscription.refresh_from_db()
        self.assertEqual((subscription.status, subscription.provider_request), ("ended", "end"))

    def test_cancelling_works_while_the_provider_is_down(self):
        subscription = self.log_in(make_renewing())
        down = mock.patch.object(Demo, "cancel", autospec=True, side_effect=Unavailable)
        with down as asked, self.captureOnCommitCallbacks(execute=True):
            self.assertRedirects(self.client.post(PAGE), PAGE)
        asked.assert_called_once()
        subscription.refresh_from_db()
        self.assertEqual((subscription.cancel_at, subscription.provider_request), (subscription.period_end, "cancel"))

    def test_undoing_changes_nothing_while_the_provider_is_down(self):
        subscription = self.log_in(make_renewing())
        cancel(subscription=subscription, now=timezone.now())
        with mock.patch.object(Demo, "undo_cancel", side_effect=Unavailable):
            self.assertContains(self.client.post(UNDO, follow=True), "so nothing was changed")
        subscription.refresh_from_db()
        self.assertEqual(subscription.cancel_at, subscription.period_end)

    def test_anonymous_visitor_logs_in_and_returns(self):
        for path in (PAGE, "/account/plan/", "/account/payments/"):
            self.assertRedirects(self.client.get(path), f"/accounts/login/?next={path}")

    def test_an_expired_login_returns_to_the_page(self):
        self.assertRedirects(self.client.post(UNDO), f"/accounts/login/?next={UNDO}")
        self.client.force_login(make_user())
        self.assertRedirects(self.client.get(UNDO), "/account/")

    def test_nothing_to_cancel_without_a_subscription(self):
        self.client.force_login(make_user())
        for method in [self.client.get, self.client.post]:
            self.assertContains(method(PAGE, follow=True), "You don’t have a subscription to cancel")
        self.assertContains(self.client.post(UNDO, follow=True), "has ended")

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
        subscription = self.log_in(make_paid())
        with mock.patch("subscriptions.models.subscription.SubscriptionQuerySet.live_of", return_value=subscription):
            end_by_editor(subscription=subscription, now=timezone.now(), actor="Editor")
            response = self.client.post(PAGE, follow=True)
        self.assertContains(response, "You don’t have a subscription to cancel")

    def test_the_reason_is_asked_afterwards_and_kept_once(self):
        subscription = self.log_in(make_renewing())
        self.client.post(PAGE, {"reason": "Too early."})
        self.assertFalse(AccountNote.objects.exists())
        self.client.post(PAGE)
        self.assertContains(self.client.get(PAGE), "Why have you cancelled?")
        self.assertEqual(self.client.post(PAGE, {"reason": ""}).status_code, 422)
        for text in ("Too expensive.", "Too long."):
            self.assertContains(self.client.post(PAGE, {"reason": text}, follow=True), "Thank you for telling us.")
        note = AccountNote.objects.get()
        self.assertEqual((note.user, note.text, note.by), (subscription.user, "Too long.", "reader"))


@on_demo
class LinkTests(TestCase):
    def setUp(self):
        cache.clear()

    def ask(self, address):
        with self.captureOnCommitCallbacks(execute=True):
            return self.client.post("/cancel/", {"email": address, "link": "1"})

    def link(self):
        return re.search(r"/cancel/[^/\s]+/", mail.outbox[-1].body)[0]

    def test_cancelling_by_link_without_logging_in(self):
        subscription = make_renewing(make_user(email="nadia@example.org"))
        mail.outbox.clear()
        self.assertRedirects(self.ask("Nadia@Example.org"), "/cancel/sent/")
        link = self.link()
        self.assertContains(self.client.get(link), "you won’t be charged again")
        subscription.refresh_from_db()
        self.assertIsNone(subscription.cancel_at)
        self.assertRedirects(self.client.post(link), link)
        subscription.refresh_from_db()
        self.assertEqual(subscription.cancel_at, subscription.period_end)
        page = self.client.post(link, {"reason": "Moving abroad."}, follow=True)
        self.assertContains(page, "Nothing more will be charged.")
        self.assertEqual(AccountNote.objects.get().text, "Moving abroad.")
        self.assertNotIn("_auth_user_id", self.client.session)

    def test_the_answer_is_the_same_for_every_address(self):
        make_subscription(make_user(email="nadia@example.org"))
        make_user(email="other@example.org")
        answers = []
        for address in ("nadia@example.org", "other@example.org", "unknown@example.org"):
            response = self.ask(address)
            answers.append((response.status_code, response.url, self.client.get(response.url).content))
        self.assertEqual(answers[0], answers[1])
        self.assertEqual(answers[0], answers[2])
        subjects = {email.to[0]: email.subject for email in mail.outbox}
        self.assertEqual(
            subjects,
            {"nadia@example.org": "Cancel your subscription", "other@example.org": "You don’t have a subscription"},
        )

    def test_links_expire_after_an_hour_and_cannot_be_forged(self):
        subscription = make_subscription()
        token = token_for(subscription)
        for url in (f"/cancel/{token}x/", "/cancel/x/", "/cancel/a%00b/"):
            self.assertContains(self.client.get(url), "This link has expired", status_code=410)
        with mock.patch("django.core.signing.time.time", return_value=(timezone.now() + LIFETIME).timestamp() + 2):
            self.assertEqual(self.client.post(f"/cancel/{token}/").status_code, 410)
        subscription.refresh_from_db()
        self.assertIsNone(subscription.cancel_at)

    def test_a_link_does_not_cancel_again_after_an_undo(self):
        subscription = make_renewing()
        link = f"/cancel/{token_for(subscription)}/"
        self.client.post(link)
        self.assertContains(self.client.get(link), "Nothing more will be charged.")
        undo_cancel(subscription=subscription, now=timezone.now())
        for method in (self.client.get, self.client.post):
            self.assertContains(method(link), "works once", status_code=410)
        subscription.refresh_from_db()
        self.assertIsNone(subscription.cancel_at)
        self.client.post(f"/cancel/{token_for(subscription)}/")
        subscription.refresh_from_db()
        self.assertEqual(subscription.cancel_at, subscription.period_end)

    def test_one_mailbox_gets_five_links_a_day(self):
        make_subscription(make_user(email="nadia@example.org"))
        for _ in range(7):
            self.assertRedirects(self.ask("nadia@example.org"), "/cancel/sent/")
        self.assertEqual(len(mail.outbox), 5)
        for _ in range(3):
            self.ask("other@example.org")
        with mock.patch("truthlytics.web.budgets.EMAILS_FROM_ADDRESS", 10):
            self.assertContains(self.ask("a@example.org"), "several links", status_code=429)

    def test_readers_reach_the_page_from_every_page(self):
        self.assertContains(self.client.get("/"), 'href="/cancel/"')
        self.assertContains(self.client.get("/cancel/"), "Send link")
        self.assertEqual(self.client.post("/cancel/", {"email": "x"}).status_code, 422)
        self.client.force_login(make_subscription().user)
        self.assertRedirects(self.client.get("/cancel/"), PAGE)

    def test_a_link_to_an_ended_subscription_says_so(self):
        subscription = make_subscription()
        url = reverse("subscriptions:cancel_by_link", args=[token_for(subscription)])
        end_due(timezone.now() + timedelta(days=40))
        self.assertContains(self.client.get(url), "It has ended. Nothing more will be charged.")
        self.assertRedirects(self.client.post(url), url)
