"""On a phone's first page, fonts for labels and italics are deferred and replaced by fallbacks."""

from tests.browser.base import BrowserTestCase
from tests.factories import make_article

FONT = "(selector) => getComputedStyle(document.querySelector(selector)).fontFamily.split(',')[0]"
DEFERRED = ("public-sans", "serif-italic")


class DeferredFontsTests(BrowserTestCase):
    def setUp(self):
        super().setUp()
        self.article = make_article(body="<p>It was <em>not</em> the price.</p>")
        self.page = self.new_page(viewport={"width": 390, "height": 800})
        self.requested = []
        self.page.on("request", lambda request: self.requested.append(request.url))

    def deferred_requests(self):
        return [url for url in self.requested if any(name in url for name in DEFERRED)]

    def test_deferred_fonts_load_after_the_first_page_and_apply_to_the_second(self):
        self.page.goto("/")
        self.assertEqual(self.deferred_requests(), [])
        self.assertIn("Public Sans Fallback", self.page.evaluate(FONT, ".teaser__meta"))
        self.page.wait_for_function("() => localStorage.getItem('fonts')")
        self.assertEqual(len(self.deferred_requests()), 2)
        # The current page keeps the fallback, so that its layout does not shift.
        self.assertIn("Public Sans Fallback", self.page.evaluate(FONT, ".teaser__meta"))
        self.page.locator(".teaser__headline a").first.click()
        self.page.locator(".prose em").wait_for()
        self.assertEqual(self.page.evaluate(FONT, ".version-log, nav a"), '"Public Sans"')
        self.assertEqual(self.page.evaluate(FONT, ".prose em"), '"Ledger Serif"')

    def test_article_as_first_page_uses_the_italic_fallback(self):
        self.page.goto(self.article.get_absolute_url())
        self.assertEqual(self.page.evaluate(FONT, ".prose em"), '"Ledger Serif Fallback"')
        self.assertEqual(self.deferred_requests(), [])

    def test_desktop_uses_all_fonts_from_the_start(self):
        desktop = self.new_page()
        desktop.goto("/")
        self.assertIn(
            '"Public Sans",', desktop.evaluate("getComputedStyle(document.querySelector('.teaser__meta')).fontFamily")
        )


class WithoutScriptTests(BrowserTestCase):
    script = False

    def test_all_fonts_are_used_from_the_start(self):
        make_article()
        self.page.goto("/")
        font = self.page.locator(".teaser__meta").first.evaluate("(element) => getComputedStyle(element).fontFamily")
        self.assertTrue(font.startswith('"Public Sans",'), font)
