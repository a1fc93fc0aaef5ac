"""Readers who log in on an article return to it, and see no trace of where the free part ended."""

from tests.browser.base import BrowserTestCase
from tests.factories import PASSWORD, make_article, make_subscriber

BODY = "<p>Free.</p>{free}<hr data-gate>{paid}<p>Gated.</p><h2>Later</h2><p>End.</p>"
SPACE_ABOVE = """(heading) => {
  const before = heading.previousElementSibling ?? heading.parentElement.previousElementSibling.lastElementChild;
  return Math.round(heading.getBoundingClientRect().top - before.getBoundingClientRect().bottom);
}"""


class ReturnAfterLoginTests(BrowserTestCase):
    def setUp(self):
        super().setUp()
        self.subscriber = make_subscriber()

    def open_article(self, **parts):
        article = make_article(body=BODY.format(**{"free": "", "paid": ""} | parts), required_level=10)
        self.page.goto(article.get_absolute_url())

    def test_login_returns_to_the_article(self):
        self.open_article()
        url = self.page.url
        self.page.get_by_label("Site tools").get_by_role("link", name="Log in").click()
        self.page.fill("[name=login]", self.subscriber.email)
        self.page.fill("[name=password]", PASSWORD)
        self.page.keyboard.press("Enter")
        self.page.get_by_text("Gated.").wait_for()
        self.assertEqual(self.page.url, url)

    def test_end_of_the_free_part_is_invisible_to_subscribers(self):
        self.log_in(self.subscriber)
        with self.subTest("gated part starts with a heading"):
            self.open_article(paid="<h2>Sooner</h2>")
            first, second = (heading.evaluate(SPACE_ABOVE) for heading in self.page.locator(".prose h2").all())
            self.assertEqual(first, second)
        with self.subTest("gated part starts with a paragraph"):
            self.open_article(free="<p>Free too.</p>")
            indents = [
                self.page.locator(f"main p:text-is('{text}')").evaluate("(p) => getComputedStyle(p).textIndent")
                for text in ("Free too.", "Gated.")
            ]
            self.assertEqual(indents[0], indents[1])
