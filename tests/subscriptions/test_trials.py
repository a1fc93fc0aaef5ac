"""Free trials: once for each person, by card and by transfer."""

from datetime import timedelta

from django.core.cache import cache
from django.test import TestCase
from django.urls import reverse
from django.utils import timezone

from subscriptions.models import Grant, Order, Subscription, TrialUse
from subscriptions.services import trials
from subscriptions.services.access import access_for
from subscriptions.services.lifecycle import end_due
from subscriptions.services.sync import mark_paid
from tests.factories import make_order, make_paid, make_plan, make_price, make_user
from tests.html import page_of, text_of
from tests.subscriptions.card_provider import Card, CardMixin
from tests.subscriptions.journeys import Steps


class EligibilityTests(TestCase):
    def test_trial_is_given_once_to_an_address(self):
        plan, now = make_plan(trial_days=14), timezone.now()
        first = make_user(email="nadia@example.org")
        self.assertEqual(trials.days_for(first, plan), 14)
        self.assertTrue(trials.record(first, now))
        self.assertFalse(trials.record(first, now))
        for again in [first, make_user(email="nadia+second@example.org")]:
            self.assertEqual(trials.days_for(again, plan), 0)
        self.assertEqual(trials.days_for(make_user(email="nadia@example.net"), plan), 14)

    def test_fingerprint_ignores_case_and_tag_and_hides_the_address(self):
        same = {trials.fingerprint(address) for address in ["a@b.org", "A@B.ORG", "a+x@b.org", " a+y+z@b.org "]}
        self.assertEqual(len(same), 1)
        self.assertRegex(same.pop(), r"^[0-9a-f]{64}$")

    def test_fingerprint_ignores_quotes_and_the_notation_of_the_domain(self):
        for same in [
            ["a@b.org", '"a"@b.org', '"\\a"@B.org', '"a+x"@b.org'],
            ["a@münchen.de", "a@MÜNCHEN.DE", "A@xn--mnchen-3ya.de", "a@XN--MNCHEN-3YA.DE"],
            ['"n.a"@gmail.com', "na@gmail.com"],
        ]:
            with self.subTest(same[0]):
                self.assertEqual(len({trials.fingerprint(address) for address in same}), 1)
        different = ['""@b.org', '"@b.org', "a@b..org", f"a@{'x' * 70}ü.de", "a@[127.0.0.1]", '"a b"@b.org']
        self.assertEqual(len({trials.fingerprint(address) for address in different}), len(different))

    def test_fingerprint_ignores_dots_where_the_mailbox_does(self):
        google = {trials.fingerprint(a) for a in ["n.a@gmail.com", "na@googlemail.com", "N.A.+x@gmail.com"]}
        self.assertEqual(len(google), 1)
        self.assertNotEqual(trials.fingerprint("n.a@b.org"), trials.fingerprint("na@b.org"))

    def test_no_trial_after_a_subscription(self):
        plan = make_plan(trial_days=14)
        self.assertEqual(trials.days_for(make_paid().user, plan), 0)
        self.assertEqual(trials.days_for(None, plan), 14)
        self.assertEqual(trials.days_for(make_user(), make_plan()), 0)


class TrialCase(CardMixin, Steps, TestCase):
    def setUp(self):
        super().setUp()
        cache.clear()
        self.user, self.price = make_user(), make_price(make_plan(trial_days=14))
        self.client.force_login(self.user)

    def start(self, provider):
        self.choose(self.price)
        self.response = self.order(provider)
        return Order.objects.latest("pk")

    def level(self, now):
        return access_for(self.user, now).level


class CardTrialTests(TrialCase):
    def test_plans_and_cart_say_what_is_free_and_what_follows(self):
        self.see("subscriptions:plans", text="14 days free")
        self.choose(self.price)
        page = self.see("subscriptions:cart", text="Free for 14 days, then €9.00 a month until you cancel.")
        self.assertContains(page, "<td>€0.00</td>", 1, html=True)
        buttons = [text_of(button) for button in page_of(page).iter("button")]
        self.assertIn("Start the free trial", buttons)

    def test_nothing_is_due_today(self):
        order = self.start("card")
        self.assertEqual((order.total_minor, order.subtotal_minor, order.trial_days), (0, 900, 14))
        self.assertIn("if I cancel during them, I pay nothing", order.consent_text)
        Card().pay(order.checkout_ref)
        page = self.client.post(reverse("subscriptions:settle", args=[order.uuid]), follow=True)
        self.assertContains(page, "It is free until")
        self.assertEqual(Subscription.objects.get().status, "trialing")
        self.assertTrue(TrialUse.objects.exists())

    def test_reader_who_had_a_trial_pays_today(self):
        trials.record(self.user, timezone.now())
        self.choose(self.price)
        page = self.see("subscriptions:cart", text="Renews monthly for €9.00 until you cancel.")
        self.assertNotContains(page, "Free for")
        self.assertNotContains(self.client.get(reverse("subscriptions:plans")), "days free")


class TransferTrialTests(TrialCase):
    def test_trial_starts_at_once_and_the_order_stays_open(self):
        order, now = self.start("manual"), timezone.now()
        subscription = Subscription.objects.get()
        self.assertEqual((order.status, order.total_minor, subscription.status), ("open", 900, "trialing"))
        self.assertEqual(subscription.period_end - subscription.period_start, timedelta(days=14))
        self.assertEqual(Grant.objects.get().source, "trial")
        self.assertEqual((self.level(now), self.level(now + timedelta(days=15))), (10, 1))
        self.assertContains(self.client.get(self.response.url), "Your free trial has begun")

    def test_paid_period_begins_when_the_trial_ends(self):
        order = self.start("manual")
        trial_end = Subscription.objects.get().period_end
        mark_paid(order=order, by="Edith")
        subscription = Subscription.objects.get()
        paid = Grant.objects.get(source="order")
        self.assertEqual((paid.starts_at, subscription.status), (trial_end, "active"))
        self.assertGreater(subscription.period_end, trial_end + timedelta(days=27))

    def test_trial_that_is_not_paid_ends_and_can_still_be_paid(self):
        order = self.start("manual")
        end = Subscription.objects.get().period_end
        end_due(end, user=self.user)
        self.assertEqual(Subscription.objects.get().status, "ended")
        self.assertEqual(self.level(end), 1)
        mark_paid(order=order, by="Edith")
        self.assertEqual(Subscription.objects.live().get().user, self.user)

    def test_ordering_again_gives_the_same_order_and_no_second_trial(self):
        first = self.start("manual")
        self.assertEqual(self.start("manual"), first)
        self.assertEqual(Subscription.objects.count(), 1)

    def test_trial_by_transfer_is_paid_by_card_instead(self):
        first = self.start("manual")
        end = Subscription.objects.get().period_end
        self.choose(self.price)
        self.order("card", replace=first.number)
        second = Order.objects.latest("pk")
        self.assertEqual((second.kind, second.total_minor, Card.starts), ("extension", 0, [end]))
        first.refresh_from_db()
        self.assertEqual(first.status, "cancelled")

    def test_long_trial_leaves_its_whole_length_to_pay(self):
        price = make_price(make_plan(trial_days=30))
        order = make_order(self.user, price, provider="manual")
        page = self.client.get(order.checkout_url)
        self.assertEqual(page.context["transfer"].pay_by, order.placed_at + timedelta(days=30))
