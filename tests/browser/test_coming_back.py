"""Who logs in while reading comes back to the page, and reads on as if the text had never ended."""

from tests.browser.base import BrowserTestCase
from tests.factories import PASSWORD, make_article, make_subscriber

BODY = "<p>Free.</p>{free}<hr data-gate>{paid}<p>Gated.</p><h2>Later</h2><p>End.</p>"
GAP = """(heading) => {
  const before = heading.previousElementSibling ?? heading.parentElement.previousElementSibling.lastElementChild;
  return Math.round(heading.getBoundingClientRect().top - before.getBoundingClientRect().bottom);
}"""


class ComingBackTests(BrowserTestCase):
    def setUp(self):
        super().setUp()
        self.reader = make_subscriber()

    def read(self, **parts):
        article = make_article(body=BODY.format(**{"free": "", "paid": ""} | parts), required_level=10)
        self.page.goto(article.get_absolute_url())

    def test_logging_in_leads_back_to_where_one_was(self):
        self.read()
        here = self.page.url
        self.page.get_by_label("Site tools").get_by_role("link", name="Log in").click()
        self.page.fill("[name=login]", self.reader.email)
        self.page.fill("[name=password]", PASSWORD)
        self.page.keyboard.press("Enter")
        self.page.get_by_text("Gated.").wait_for()
        self.assertEqual(self.page.url, here)

    def test_the_place_where_the_free_part_ended_cannot_be_seen(self):
        self.log_in(self.reader)
        with self.subTest("a heading begins the rest"):
            self.read(paid="<h2>Sooner</h2>")
            first, second = (heading.evaluate(GAP) for heading in self.page.locator(".prose h2").all())
            self.assertEqual(first, second)
        with self.subTest("a paragraph goes on after a paragraph"):
            self.read(free="<p>Free too.</p>")
            indents = [
                self.page.locator(f"main p:text-is('{words}')").evaluate("(p) => getComputedStyle(p).textIndent")
                for words in ("Free too.", "Gated.")
            ]
            self.assertEqual(indents[0], indents[1])
