"""Subscribing at the demo: paid with a demo card, renewed when time passes, declined, paid, cancelled."""

import re

from django.test import override_settings
from playwright.sync_api import expect

from tests.browser.base import BrowserTestCase
from tests.factories import make_coupon, make_price, make_user
from tests.subscriptions.journeys import on_demo


@on_demo
class DemoSubscriptionTests(BrowserTestCase):
    def setUp(self):
        super().setUp()
        self.enterContext(override_settings(SITE_URL=self.live_server_url))
        make_price()
        make_coupon()
        self.log_in(make_user())
        self.main = self.page.locator("main")

    def press(self, name, **options):
        self.main.get_by_role("button", name=name, **options).click()

    def subscribes_with_a_coupon(self):
        self.page.goto("/subscribe/")
        self.press(re.compile("^Choose"))
        self.main.get_by_text("Have a coupon?").click()
        self.main.get_by_label("Coupon", exact=True).fill("spring25")
        self.press("Apply")
        expect(self.main).to_contain_text("Coupon SPRING25 is applied.")
        self.main.get_by_label("Demo payment").check()
        self.press("Order and pay")
        expect(self.main).to_contain_text("Demo payment of €6.75")
        self.press("Pay", exact=True)
        expect(self.main).to_contain_text("Thank you. You’re subscribed.")

    def lets_months_pass(self):
        self.page.goto("/account/")
        self.press("Change card")
        self.press(re.compile("^Skip ahead to"))
        expect(self.main.locator("tbody tr")).to_have_count(2)
        self.press("Use a card that is declined")
        self.press(re.compile("^Skip ahead to"))
        expect(self.main).to_contain_text("The last renewal was declined.")
        self.press("Use a card that is accepted")
        expect(self.main).to_contain_text("The next charge is on")

    def cancels(self):
        self.page.goto("/cancel/")
        self.press("Cancel subscription")
        expect(self.main).to_contain_text("You can read until")
        self.page.goto("/account/")
        expect(self.main).to_contain_text("Nothing more will be charged.")

    def test_subscription_at_the_demo(self):
        self.subscribes_with_a_coupon()
        self.lets_months_pass()
        self.cancels()
