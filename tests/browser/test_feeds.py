"""Feeds opened in a browser are pages, in both themes."""

from playwright.sync_api import expect

from tests.browser.base import BrowserTestCase
from tests.factories import make_article

# The text of the elements that are visible.
SHOWN = """[...document.querySelectorAll("*")].filter((one) => !one.firstElementChild && one.checkVisibility())
  .map((one) => one.textContent).join(" ")"""


class FeedTests(BrowserTestCase):
    def test_title_hint_and_links_are_shown_and_the_rest_is_not(self):
        article = make_article(headline="The price of a queue", body="<p>The text itself.</p>")
        for name in ("rss.xml", "atom.xml"):
            self.page.goto(f"/feeds/{name}")
            text = self.page.evaluate(SHOWN)
            with self.subTest(name):
                self.assertIn("Copy the address of this page into a feed reader", text)
                self.assertEqual(text.count(article.headline), 1)
                self.assertNotIn("The text itself.", text)
                link = self.page.get_by_text(article.headline).last
                expect(link).to_be_visible()
                self.assertTrue(link.get_attribute("href").endswith(article.get_absolute_url()))
