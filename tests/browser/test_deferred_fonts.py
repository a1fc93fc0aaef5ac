"""On a phone's first page, italics are deferred and replaced by a fallback; labels have their face at once."""

from pathlib import Path

from django.contrib.staticfiles import finders

from tests.browser.base import BrowserTestCase
from tests.factories import make_article

FONT = "(selector) => getComputedStyle(document.querySelector(selector)).fontFamily.split(',')[0]"
DEFERRED = "serif-italic"
LABELS = "public-sans-core"


class DeferredFontsTests(BrowserTestCase):
    def setUp(self):
        super().setUp()
        self.article = make_article(body="<p>It was <em>not</em> the price.</p>")
        self.page = self.new_page(viewport={"width": 390, "height": 800})
        self.requested = []
        self.page.on("request", lambda request: self.requested.append(request.url))

    def deferred_requests(self):
        return [url for url in self.requested if DEFERRED in url]

    def test_labels_have_their_face_in_every_weight_on_the_first_page(self):
        self.page.goto("/")
        self.assertEqual(self.page.evaluate(FONT, ".teaser__meta"), '"Public Sans"')
        self.page.evaluate("document.fonts.ready")
        self.assertTrue(self.page.evaluate("document.fonts.check('400 1em \"Public Sans\"', 'Latest')"))
        self.assertTrue(self.page.evaluate("document.fonts.check('650 1em \"Public Sans\"', 'Latest')"))
        self.assertEqual(len([url for url in self.requested if "public-sans" in url]), 1)

    def test_core_of_the_label_face_is_small_enough_to_preload(self):
        path = finders.find(f"fonts/{LABELS}.woff2")
        self.assertLess(Path(path).stat().st_size, 15_000)

    def test_deferred_fonts_load_after_the_first_page_and_apply_to_the_second(self):
        self.page.goto("/")
        self.assertEqual(self.deferred_requests(), [])
        self.page.wait_for_function("() => localStorage.getItem('fonts')")
        self.assertEqual(len(self.deferred_requests()), 1)
        self.assertIsNone(self.page.locator("html").get_attribute("data-fonts"))
        self.page.locator(".teaser__headline a").first.click()
        self.page.locator(".prose em").wait_for()
        self.assertEqual(self.page.evaluate(FONT, ".prose em"), '"Ledger Serif"')

    def test_the_first_page_keeps_the_fallback_if_the_reader_has_read_on(self):
        self.page.set_viewport_size({"width": 390, "height": 200})
        self.page.goto(self.article.get_absolute_url())
        self.page.evaluate("scrollTo(0, 100)")
        self.page.wait_for_function("() => localStorage.getItem('fonts')")
        self.assertEqual(self.page.evaluate(FONT, ".prose em"), '"Ledger Serif Fallback"')

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
