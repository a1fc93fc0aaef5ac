"""What the first page on a telephone leaves for later: the faces that would come too late for it."""

from tests.browser.base import BrowserTestCase
from tests.factories import make_article

FACE = "(selector) => getComputedStyle(document.querySelector(selector)).fontFamily.split(',')[0]"
LATE = ("public-sans", "serif-italic")


class FirstPageTests(BrowserTestCase):
    def setUp(self):
        super().setUp()
        self.article = make_article(body="<p>It was <em>not</em> the price.</p>")
        self.page = self.new_page(viewport={"width": 390, "height": 800})
        self.asked = []
        self.page.on("request", lambda request: self.asked.append(request.url))

    def late(self):
        return [url for url in self.asked if any(name in url for name in LATE)]

    def test_labels_and_italics_have_their_faces_from_the_second_page_on(self):
        self.page.goto("/")
        self.assertEqual(self.late(), [])
        self.assertIn("Public Sans Fallback", self.page.evaluate(FACE, ".teaser__meta"))
        self.page.wait_for_function("() => localStorage.getItem('fonts')")
        self.assertEqual(len(self.late()), 2)
        # Nothing moves on the page that is being read.
        self.assertIn("Public Sans Fallback", self.page.evaluate(FACE, ".teaser__meta"))
        self.page.locator(".teaser__headline a").first.click()
        self.page.locator(".prose em").wait_for()
        self.assertEqual(self.page.evaluate(FACE, ".version-log, nav a"), '"Public Sans"')
        self.assertEqual(self.page.evaluate(FACE, ".prose em"), '"Ledger Serif"')

    def test_in_an_article_read_first_italics_wait_too(self):
        self.page.goto(self.article.get_absolute_url())
        self.assertEqual(self.page.evaluate(FACE, ".prose em"), '"Ledger Serif Fallback"')
        self.assertEqual(self.late(), [])

    def test_a_desk_has_them_at_once(self):
        desk = self.new_page()
        desk.goto("/")
        self.assertIn(
            '"Public Sans",', desk.evaluate("getComputedStyle(document.querySelector('.teaser__meta')).fontFamily")
        )


class WithoutScriptTests(BrowserTestCase):
    script = False

    def test_every_face_is_there_from_the_first_page_on(self):
        make_article()
        self.page.goto("/")
        face = self.page.locator(".teaser__meta").first.evaluate("(one) => getComputedStyle(one).fontFamily")
        self.assertTrue(face.startswith('"Public Sans",'), face)
