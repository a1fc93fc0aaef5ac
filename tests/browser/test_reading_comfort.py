"""Text size, targets of notes, separators, print, and the position in saved articles."""

import re

from playwright.sync_api import expect

from articles.media.renditions import create_missing_renditions
from articles.models import SavedArticle
from tests.browser.base import BrowserTestCase
from tests.factories import image_file, make_article, make_comment, make_image, make_user
from tests.truthlytics.newsletters.factories import make_newsletter
from truthlytics.publication.models import Publication

LONG = "".join(f"<p>{'Words about the harbour and its cranes. ' * 12}</p>" for _ in range(40))
NOTE = "<p>Free words.<sup data-footnote='A source.'></sup> And more.</p>"
SIZE = "(selector) => parseFloat(getComputedStyle(document.querySelector(selector)).fontSize)"
# Whether the element is what is hit 11 px from its centre in all four directions: a target of at least 22 px.
IS_HIT = """(selector) => {
  const element = document.querySelector(selector);
  element.scrollIntoView({ block: "center" });
  const { x, y, width, height } = element.getBoundingClientRect();
  return [[-11, 0], [11, 0], [0, -11], [0, 11]].every(([dx, dy]) =>
    element.contains(document.elementFromPoint(x + width / 2 + dx, y + height / 2 + dy)));
}"""


class TextSizeTests(BrowserTestCase):
    def setUp(self):
        super().setUp()
        self.article = make_article(body=NOTE)
        make_comment(article=self.article)

    def button(self, name):
        return self.page.get_by_role("button", name=name)

    def choose(self, name):
        """Press a button of the menu for the display, which on a phone is in the menu of the site."""
        for opener in ("Menu", "Display"):
            if self.button(opener).is_visible():
                self.button(opener).click()
        self.button(name).click()

    def sizes(self):
        return [self.page.evaluate(SIZE, selector) for selector in (".prose", ".comment__text", "h1")]

    def test_the_size_applies_to_text_and_comments_and_to_the_next_page(self):
        self.page.goto(self.article.get_absolute_url())
        normal = self.sizes()
        self.choose("Largest text")
        expect(self.button("Largest text")).to_have_attribute("aria-pressed", "true")
        expect(self.button("Normal text")).to_have_attribute("aria-pressed", "false")
        self.page.keyboard.press("Escape")
        for before, after in zip(normal, self.sizes(), strict=True):
            self.assertGreater(after, before * 1.08)
        self.assertEqual(self.axe(), [])
        self.page.goto("/")
        self.assertEqual(self.page.evaluate(SIZE, "html"), 20)
        self.choose("Normal text")
        self.page.goto(self.article.get_absolute_url())
        self.assertEqual(self.sizes(), normal)

    def test_it_is_set_before_the_first_paint_and_keeps_to_the_window(self):
        for width in (320, 768, 1024, 1280, 1440):
            self.page.set_viewport_size({"width": width, "height": 900})
            self.page.goto(self.article.get_absolute_url())
            self.choose("Largest text")
            # `site.js` comes late, so what is set while the page is parsed comes from the blocking script.
            self.page.route("**/site.js", lambda route: route.abort())
            self.expected = ["ERR_FAILED"]
            self.page.reload()
            with self.subTest(width):
                self.assertEqual(self.page.evaluate(SIZE, "html"), 20)
                self.assertEqual(self.page.evaluate("document.documentElement.scrollWidth"), width)
            self.page.unroute("**/site.js")


class TargetTests(BrowserTestCase):
    def test_markers_of_notes_and_their_arrows_are_large_enough(self):
        article = make_article(body=NOTE)
        for width in (360, 1440):
            self.page.set_viewport_size({"width": width, "height": 900})
            self.page.goto(article.get_absolute_url())
            for selector in ("[role=doc-noteref]", "[role=doc-backlink]"):
                with self.subTest(selector, width=width):
                    self.assertTrue(self.page.evaluate(IS_HIT, selector))


class PrintTests(BrowserTestCase):
    def test_text_is_in_two_columns_below_a_lead_image_of_full_width(self):
        image = make_image(file=image_file(width=600, height=400))
        create_missing_renditions(image)
        article = make_article(body=NOTE + LONG, lead=image)
        self.page.goto(article.get_absolute_url())
        self.page.emulate_media(media="print")
        # The printable area of an A4 page, in CSS pixels.
        self.page.set_viewport_size({"width": 643, "height": 980})
        columns = "(selector) => getComputedStyle(document.querySelector(selector)).columnCount"
        self.assertEqual(self.page.evaluate(columns, ".ruled"), "2")
        self.assertEqual(self.page.evaluate(columns, ".endnotes ol"), "2")
        image, text = (self.page.locator(part).bounding_box() for part in (".figure--lead img", ".ruled"))
        self.assertEqual(image["width"], text["width"])
        self.assertLess(image["y"] + image["height"], 980)

    def test_what_cannot_be_used_on_paper_is_left_out(self):
        Publication.objects.create(name="The Paper")
        make_newsletter()
        self.page.goto(make_article().get_absolute_url())
        parts = [self.page.locator(part) for part in (".newsletter-line", ".save-article")]
        for part in parts:
            expect(part).to_be_visible()
        self.page.emulate_media(media="print")
        for part in parts:
            expect(part).to_be_hidden()


class ReadingPositionTests(BrowserTestCase):
    def setUp(self):
        super().setUp()
        self.article, self.reader = make_article(body=LONG), make_user()
        SavedArticle.objects.create(user=self.reader, article=self.article)
        self.log_in(self.reader)
        self.offer = self.page.locator(".continue-reading a")

    def read_half(self):
        self.page.goto(self.article.get_absolute_url())
        expect(self.page.locator("[data-saved]")).to_have_count(1)
        self.page.locator(".prose > p").nth(20).scroll_into_view_if_needed()
        self.page.wait_for_function("scrollY > 1000")

    def test_a_saved_article_is_continued_where_it_was_left(self):
        self.read_half()
        top = self.page.evaluate("scrollY")
        self.page.goto("/account/saved/")
        link = self.page.get_by_role("link", name="Continue reading at")
        expect(link).to_be_visible()
        self.assertEqual(self.axe(), [])
        link.click()
        self.page.wait_for_function("(top) => Math.abs(scrollY - top) < 200", arg=top)
        self.page.goto("/")
        self.page.goto(self.article.get_absolute_url())
        expect(self.offer).to_have_text(re.compile("Continue reading at 5[0-2]%"))
        self.assertEqual(self.axe(), [])
        self.offer.click()
        self.page.wait_for_function("(top) => Math.abs(scrollY - top) < 200", arg=top)
        expect(self.offer).to_have_count(0)

    def test_nothing_is_kept_of_other_articles(self):
        SavedArticle.objects.all().delete()
        self.page.goto(self.article.get_absolute_url())
        self.page.locator(".prose > p").nth(20).scroll_into_view_if_needed()
        self.page.goto("/")
        self.assertIsNone(self.page.evaluate("localStorage.getItem('reading-positions')"))


class InitialTests(BrowserTestCase):
    def test_nothing_below_a_short_first_paragraph_stands_in_its_initial(self):
        for width in (390, 1440):
            self.page.set_viewport_size({"width": width, "height": 900})
            for below in ("<h2>Why</h2>", "<ul><li>One</li></ul>", "<p>Next.</p>"):
                article = make_article(body=f"<p>Before.</p>{below}<p>After.</p>")
                self.page.goto(article.get_absolute_url())
                first, second = (self.page.locator(f".prose > :nth-child({n})").bounding_box() for n in (1, 2))
                lines = self.page.locator(".prose > p").first.evaluate(
                    "p => 3 * parseFloat(getComputedStyle(p).lineHeight)"
                )
                with self.subTest(width=width, below=below):
                    self.assertGreaterEqual(second["y"] - first["y"], lines - 1)
            self.screenshot(f"initial-{width}")
