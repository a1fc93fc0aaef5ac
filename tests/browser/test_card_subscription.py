"""A subscription by card, bought and managed on the hosted pages of the fake Stripe, with and without script."""

import re

import time_machine
from django.test import override_settings
from playwright.sync_api import expect

from subscriptions.models import Order, Subscription
from tests.browser.base import BrowserTestCase
from tests.factories import make_article, make_plan, make_price, make_tier, make_user
from tests.fakestripe import SECRET, FakeStripe, serve
from tests.fakestripe.connection import PROVIDER

GATED = "Behind the gate the harbour master speaks."


class Journey:
    """The steps with and without script. The clocks of the site and of Stripe agree."""

    def setUp(self):
        super().setUp()
        self.fake = FakeStripe()
        traveller = time_machine.travel(self.fake.now)
        self.clock = traveller.start()
        self.addCleanup(traveller.stop)
        self.stripe = serve(self.fake)
        self.addCleanup(self.stripe.stop)
        self.fake.base_url = f"http://{self.host}:{self.stripe.server_port}"
        changes = {"PAYMENT_PROVIDERS": [PROVIDER], "STRIPE_SECRET_KEY": "sk_test_fake"}
        changes |= {"STRIPE_WEBHOOK_SECRET": SECRET, "STRIPE_API_BASE": self.fake.base_url}
        self.enterContext(override_settings(SITE_URL=self.live_server_url, **changes))
        self.article = make_article(body=f"<p>Free.</p><hr data-gate><p>{GATED}</p>", required_level=10)
        plan = make_plan(make_tier(10))
        self.month, self.year = make_price(plan), make_price(plan, minor=9000, interval="year")
        self.user = make_user()
        self.log_in(self.user)
        self.main = self.page.locator("main")

    def press(self, name, **options):
        self.page.get_by_role("button", name=name, **options).click()

    def follow(self, name):
        self.main.get_by_role("link", name=name).click()

    def sees(self, *texts):
        for text in texts:
            expect(self.main).to_contain_text(text)

    def pass_days(self, days):
        """Let time pass, then post the webhooks. The session would have expired."""
        self.clock.shift(days * 86_400)
        self.stripe.advance(to=self.fake.now + days * 86_400)
        self.log_in(self.user)

    @property
    def subscription(self):
        return Subscription.objects.get()

    def buys(self):
        self.page.goto("/subscribe/")
        self.press("Choose Reader, monthly")
        self.sees("Renews monthly for €9.00 until you cancel.")
        self.press(re.compile("^Order and pay"))
        if not self.script:
            self.follow("Pay €9.00 at Stripe")
        self.press("Pay with a declined card")
        self.sees("Your card was declined.")
        # Stripe reports the payment only after the reader's return.
        self.press("Pay with Visa 4242")
        if not self.script:
            self.press("Check payment")
        self.sees("Thank you. You’re subscribed.")
        self.assertEqual(Order.objects.get().status, "paid")
        self.stripe.webhook_url = f"{self.live_server_url}/webhooks/stripe/"
        self.stripe.deliver()
        self.assertEqual(self.fake.outbox, [])

    def reads(self):
        self.page.goto(self.article.get_absolute_url())
        self.sees(GATED)

    def is_renewed(self):
        self.pass_days(31)
        self.page.goto("/account/")
        self.sees("Renews on", "Visa ending 4242")
        expect(self.main.get_by_role("link", name=re.compile("^Invoice"))).to_have_count(2)

    def updates_the_card_after_a_failed_renewal(self):
        self.fake.use_card(self.fake.get(self.subscription.provider_ref)["customer"], "pm_card_chargeCustomerFail")
        self.pass_days(31)
        self.page.reload()
        self.sees("We couldn’t charge", "to keep reading.")
        self.press("Change card")
        if not self.script:
            self.follow("Continue")
        self.press("Replace with Mastercard 4444")
        self.sees("Your card was replaced.")
        self.follow("Return")
        self.sees("Renews on", "Mastercard ending 4444")
        self.assertEqual(self.subscription.status, "active")

    def changes_the_plan(self):
        self.follow("Change plan")
        self.follow("Choose Reader, yearly")
        self.sees("You pay €", "what you have already paid for the rest of the period is deducted")
        due = self.main.get_by_role("button", name="Change now and pay").inner_text().split("€")[1]
        self.press("Change now and pay")
        self.sees("Reader, yearly. Renews on", "€90.00 a year")
        invoice = max(self.fake.all("invoice"), key=lambda invoice: invoice["created"])
        self.assertEqual(f"{invoice['amount_paid'] / 100:.2f}", due)
        self.follow("Change plan")
        self.follow("Choose Reader, monthly")
        self.press("Change on")
        self.sees("for €9.00", "Keep Reader, yearly")
        self.press("Keep Reader, yearly")
        self.sees("for €90.00")

    def cancels_and_undoes(self):
        self.follow("Cancel subscription")
        self.press("Cancel subscription")
        self.sees("Your subscription is cancelled", "Nothing more will be charged.")
        self.assertTrue(self.fake.get(self.subscription.provider_ref)["cancel_at_period_end"])
        self.press("Resume subscription")
        self.sees("Renews on")
        self.assertFalse(self.fake.get(self.subscription.provider_ref)["cancel_at_period_end"])

    def sees_the_receipt(self):
        self.main.get_by_role("link", name=re.compile("^Invoice")).last.click()
        self.sees("€9.00", "Visa ending 4242", self.user.email)

    def test_card_subscription(self):
        self.buys()
        self.reads()
        self.is_renewed()
        self.updates_the_card_after_a_failed_renewal()
        self.changes_the_plan()
        self.cancels_and_undoes()
        self.sees_the_receipt()


class CardSubscriptionTests(Journey, BrowserTestCase):
    pass


class CardSubscriptionWithoutScriptTests(Journey, BrowserTestCase):
    script = False
