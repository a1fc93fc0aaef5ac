"""Giving a subscription: bought, its link opened by somebody else, redeemed; with and without script."""

import re

from django.test import override_settings
from playwright.sync_api import expect

from tests.browser.base import BrowserTestCase
from tests.factories import PASSWORD, make_article, make_plan, make_price, make_tier, make_user
from tests.subscriptions.journeys import on_demo

GATED = "Behind the gate the harbour master speaks."


class Journey:
    """The steps with and without script."""

    def setUp(self):
        super().setUp()
        self.enterContext(override_settings(SITE_URL=self.live_server_url))
        self.article = make_article(body=f"<p>Free.</p><hr data-gate><p>{GATED}</p>", required_level=10)
        plan = make_plan(make_tier(10))
        make_price(plan), make_price(plan, minor=9000, interval="year")
        self.recipient = make_user(email="ada@example.org", password=PASSWORD)
        self.log_in(make_user(display_name="Grandma"))

    def gives(self):
        page = self.page
        page.goto("/give/")
        page.get_by_label("Reader, one year").check()
        page.get_by_label("Name of the recipient").fill("Ada")
        page.get_by_label("Message").fill("For the long evenings.")
        page.get_by_role("button", name="Order and pay").click()
        page.get_by_role("button", name="Pay", exact=True).click()
        expect(page.get_by_role("heading", name="Thank you for your gift")).to_be_visible()
        expect(page.locator(".summary-box")).to_contain_text("€90.00")
        return page.locator(".gift-link__address").inner_text()

    def redeems(self, address):
        page = self.new_page()
        page.goto(address)
        expect(page.get_by_role("heading", name="Grandma has given you a subscription")).to_be_visible()
        expect(page.locator("main")).to_contain_text("For the long evenings.")
        page.locator("main").get_by_role("link", name="Log in").click()
        page.get_by_label("Email").fill(self.recipient.email)
        page.get_by_label("Password", exact=True).fill(PASSWORD)
        page.get_by_role("button", name="Log in", exact=True).click()
        page.get_by_role("button", name="Redeem the gift").click()
        expect(page.locator("main")).to_contain_text(re.compile("A gift of .* until"))
        page.goto(self.article.get_absolute_url())
        expect(page.locator("main")).to_contain_text(GATED)

    def test_gift_subscription(self):
        self.redeems(self.gives())
        self.page.get_by_role("link", name="Your gifts").click()
        expect(self.page.locator("main")).to_contain_text("Redeemed on")


@on_demo
class GiftSubscriptionTests(Journey, BrowserTestCase):
    pass


@on_demo
class GiftSubscriptionWithoutScriptTests(Journey, BrowserTestCase):
    script = False
