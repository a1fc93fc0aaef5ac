"""Search as you type, in a browser."""

from playwright.sync_api import expect

from tests.browser.base import BrowserTestCase
from tests.factories import make_article


class SearchTests(BrowserTestCase):
    def test_results_update_while_typing_without_moving_focus(self):
        for number in range(3):
            make_article(headline=f"Pelican {number}", body="<p>Salt and inflation.</p>")
        page = self.page
        page.goto("/search/?sort=newest")
        page.get_by_label("Search for").press_sequentially("pelic", delay=20)
        page.locator("#search-results .entry").first.wait_for()
        self.assertEqual(page.locator("#search-results .entry").count(), 3)
        self.assertIn("3 articles for “pelic”", page.locator("#search-status").inner_text())
        self.assertIn("q=pelic", page.url)
        self.assertEqual(page.evaluate("document.activeElement.name"), "q")
        page.get_by_label("Search for").fill("infaltion")
        page.get_by_text("Did you mean").wait_for()
        self.assertEqual(self.axe(), [])
        page.keyboard.press("Enter")
        page.wait_for_url("**q=infaltion*")

    def test_searching_from_the_header_by_keyboard(self):
        make_article(headline="Pelican and salt")
        page = self.page
        page.goto("/")
        page.locator(".mini-search > button").focus()
        page.keyboard.press("Enter")
        page.keyboard.press("Escape")
        self.assertFalse(page.locator(".mini-search input").is_visible())
        page.keyboard.press("Enter")
        expect(page.locator(".mini-search input")).to_be_focused()
        page.keyboard.type("pelican")
        self.assertEqual(self.axe(), [])
        page.keyboard.press("Enter")
        page.get_by_role("link", name="Pelican and salt").wait_for()
        self.assertIn("q=pelican", page.url)
