"""Settings → Crawlers: refuse a kind, see it in robots.txt, and enter an agent by its keys."""

import json

from playwright.sync_api import expect

from tests.browser.base import BrowserTestCase
from tests.factories import make_member
from tests.truthlytics.crawlers.signing import Signer


class CrawlerTests(BrowserTestCase):
    def test_a_publisher_refuses_training_and_enters_an_agent(self):
        self.log_in(make_member("Publisher"))
        page = self.page
        page.goto("/admin/truthlytics/publication/")
        with page.expect_navigation():
            page.get_by_role("link", name="Crawlers").click()
        page.get_by_label("Allow the training of AI").uncheck()
        page.locator("summary", has_text="Exceptions among those that train").click()
        page.get_by_label("CCBot").check()
        with page.expect_navigation():
            page.get_by_role("button", name="Preview robots.txt").click()
        expect(page.get_by_text("which are not saved yet")).to_be_visible()
        expect(page.get_by_text("User-agent: GPTBot")).to_be_visible()
        expect(page.get_by_label("CCBot")).to_be_checked()
        self.assertEqual(self.axe(), [])
        with page.expect_navigation():
            page.get_by_role("button", name="Save", exact=True).click()
        self.assertNotIn("CCBot", page.request.get("/robots.txt").text())
        page.locator("summary", has_text="Add an agent").click()
        page.get_by_label("Name", exact=True).fill("Explorer")
        page.get_by_label("Kind").select_option("Assistant")
        page.get_by_label("Key directory").fill(json.dumps(Signer().directory))
        with page.expect_navigation():
            page.get_by_role("button", name="Add an agent").click()
        expect(page.get_by_text("1 key is known.")).to_be_visible()
        self.assertEqual(self.axe(), [])
        page.set_viewport_size({"width": 360, "height": 800})
        self.assertLessEqual(page.evaluate("document.documentElement.scrollWidth"), 360)
