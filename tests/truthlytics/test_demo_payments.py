"""The demo provider's page, where months pass at once."""

from django.test import TestCase
from django.urls import reverse
from django.utils import timezone

from subscriptions.models import Payment, Subscription
from subscriptions.services import lifecycle
from subscriptions.services.access import access_for
from subscriptions.services.sync import sync_order
from tests.factories import make_order, make_price, make_user
from tests.subscriptions.journeys import on_demo
from truthlytics.demo.provider import Demo


@on_demo
class DemoSubscriptionTests(TestCase):
    def setUp(self):
        self.user = make_user()
        self.order = make_order(self.user, make_price(minor=900))
        Demo().pay(self.order.checkout_ref)
        sync_order(self.order)
        self.client.force_login(self.user)
        self.url = reverse("demo:subscription", args=[self.order.uuid])

    def do(self, action):
        self.assertRedirects(self.client.post(self.url, {"action": action}), self.url)
        return Subscription.objects.get()

    def level(self):
        return access_for(self.user, timezone.now()).level

    def test_months_pass_with_a_payment_each(self):
        for number in range(2, 5):
            subscription = self.do("month")
            self.assertEqual((subscription.status, Payment.objects.count(), self.level()), ("active", number, 10))
        self.assertGreater(subscription.period_end, timezone.now())

    def test_declined_renewal_is_paid_with_another_card(self):
        self.do("bad_card")
        self.assertEqual(self.do("month").status, "past_due")
        self.assertEqual(self.level(), 10)
        self.assertEqual(self.do("good_card").status, "active")

    def test_unpaid_renewal_ends(self):
        self.do("bad_card")
        self.do("month")
        self.assertEqual(self.do("month").end_reason, "unpaid")
        self.assertEqual(self.level(), 1)

    def test_cancelled_subscription_ends(self):
        with self.captureOnCommitCallbacks(execute=True):
            lifecycle.cancel(subscription=Subscription.objects.get(), now=timezone.now())
        self.assertEqual(self.do("month").end_reason, "cancelled")
        self.assertEqual(self.level(), 1)

    def test_page_is_only_for_the_reader_and_the_demo(self):
        self.assertContains(self.client.get(self.url), "Skip ahead a month")
        with self.settings(DEMO=False, DEBUG=False):
            self.assertEqual(self.client.get(self.url).status_code, 404)
        self.client.force_login(make_user())
        self.assertEqual(self.client.post(self.url, {"action": "month"}).status_code, 404)
