"""A subscriber gives an article; somebody without an account reads it."""

from articles.models.gift_links import OPENS
from tests.browser.base import BrowserTestCase
from tests.factories import make_article, make_subscriber

GATED = "The gated text of the article."
# Counted, which an automated browser is not.
AGENT = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"


class Journey(BrowserTestCase):
    """The steps with and without script."""

    def setUp(self):
        super().setUp()
        self.article = make_article(headline="A long read", required_level=10)
        self.log_in(make_subscriber())

    def give(self):
        """Create a link. Returns its path, because the site's own address differs from the test server's."""
        self.page.goto(self.article.get_absolute_url())
        self.page.get_by_role("button", name="Give this article").click()
        address = self.page.locator(".gift-link__address").inner_text()
        return address[address.index("/articles/") :]

    def give_and_read(self):
        path = self.give()
        self.assertIn("9 of 10 gift links left this month.", self.page.inner_text("main"))
        reader = self.new_page(user_agent=AGENT)
        reader.goto(path)
        self.assertIn(GATED, reader.inner_text("main"))
        self.assertIn("A subscriber has given you this article.", reader.inner_text("main"))
        reader.goto(self.article.get_absolute_url())
        self.assertNotIn(GATED, reader.inner_text("main"))
        reader.goto(f"{path}x")
        self.assertIn("This gift link is not valid.", reader.inner_text("main"))
        self.assertNotIn(GATED, reader.inner_text("main"))
        OPENS.flush()
        self.page.get_by_role("link", name="Your gift links").click()
        self.assertIn("Opened once.", self.page.inner_text("main"))
        self.page.get_by_role("link", name="Show link to A long read").click()
        self.assertIn(path, self.page.inner_text("main"))


class GiftLinkTests(Journey):
    def test_subscriber_gives_and_somebody_reads(self):
        self.give_and_read()

    def test_pages_are_accessible(self):
        reader = self.new_page()
        reader.goto(self.give())
        self.assertEqual([*self.axe(), *self.axe(reader)], [])

    def test_copied_link_has_the_token(self):
        self.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
        path = self.give()
        self.page.get_by_role("button", name="Copy link").click()
        self.page.get_by_role("button", name="Copied").wait_for()
        self.assertIn(path, self.page.evaluate("navigator.clipboard.readText()"))

    def test_link_of_a_reader_s_page_has_no_token(self):
        reader = self.new_page(permissions=["clipboard-read", "clipboard-write"])
        reader.goto(self.give())
        reader.get_by_role("button", name="Copy link").click()
        reader.get_by_role("button", name="Copied").wait_for()
        self.assertTrue(reader.evaluate("navigator.clipboard.readText()").endswith(self.article.get_absolute_url()))


class GiftLinkWithoutScriptTests(Journey):
    script = False

    def test_subscriber_gives_and_somebody_reads(self):
        self.give_and_read()
