"""A reader comes to an article from a newsletter and chooses a plan there."""

import re

from playwright.sync_api import expect

from subscriptions.models import Cart
from tests.browser.base import BrowserTestCase
from tests.factories import make_article, make_price


class CampaignTests(BrowserTestCase):
    script = False

    def test_the_cart_knows_the_campaign_of_the_article_s_address(self):
        make_price()
        article = make_article(required_level=10)
        self.page.goto(f"{article.get_absolute_url()}?campaign=weekly-2026-11-29")
        self.page.locator("main").get_by_role("link", name="See plans").click()
        self.page.locator("main").get_by_role("button", name=re.compile("^Choose")).click()
        expect(self.page).to_have_url(re.compile("/cart/$"))
        self.assertEqual(Cart.objects.get().campaign, "weekly-2026-11-29")
