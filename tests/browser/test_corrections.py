"""Publishing a correction by keyboard, and finding what changed as a reader."""

from playwright.sync_api import expect

from articles.models import Article, Correction
from tests.browser.base import BrowserTestCase, axe_violations
from tests.factories import make_article, make_author, make_editor, make_version

# The words that take more than one line.
BROKEN_WORDS = """(cells) => cells.flatMap((cell) => [...cell.textContent.matchAll(/\\S+/g)].filter((word) => {
  const range = document.createRange();
  range.setStart(cell.firstChild, word.index);
  range.setEnd(cell.firstChild, word.index + word[0].length);
  return range.getClientRects().length > 1;
}).map((word) => word[0]))"""


class CorrectionTests(BrowserTestCase):
    def setUp(self):
        super().setUp()
        self.editor = make_editor()
        self.article = make_article(
            body="<p>It cost 25 crowns, and nobody said so at the time.</p>", authors=[make_author(user=self.editor)]
        )

    def test_correction_is_published_in_four_actions_by_keyboard(self):
        self.log_in(self.editor)
        self.page.goto(f"/admin/articles/article/{self.article.pk}/change/")
        expect(self.page.locator("html[data-ready][data-autosaving]")).to_be_attached()
        self.select("25")
        self.page.keyboard.type("50")
        # The edit is done.
        self.page.keyboard.press("Control+Enter")
        expect(self.page.get_by_role("radio", name="Correction")).to_be_focused()
        expect(self.page.get_by_text("A figure changed: 25 → 50.")).to_be_visible()
        self.assertEqual(axe_violations(self.page), [])
        self.page.keyboard.press("1")
        self.page.keyboard.type("It cost 50 crowns, not 25.")
        self.page.keyboard.press("Control+Enter")
        expect(self.page.get_by_text("Version 2 is published.")).to_be_visible()
        correction = Correction.objects.get()
        self.assertEqual((correction.kind, correction.made_by), ("correction", self.editor))
        self.assertEqual(correction.sentence, "It cost 50 crowns, not 25.")

    def test_refused_publication_keeps_the_sentence(self):
        make_edit(self.article)
        self.log_in(self.editor)
        self.page.goto(f"/admin/articles/article/{self.article.pk}/publish/")
        # What must be chosen is seen without scrolling, above the button.
        last = self.page.get_by_role("radio", name="Minor edit").bounding_box()
        button = self.page.get_by_role("button", name="Publish now").bounding_box()
        self.assertLess(last["y"], min(button["y"], self.page.viewport_size["height"]))
        self.assertEqual(self.page.evaluate("scrollY"), 0)
        self.page.get_by_label("Change note").fill("It cost 50 crowns.")
        self.page.get_by_role("button", name="Publish now").click()
        self.expected = ["422"]
        expect(self.page.get_by_text("Choose what kind of change it is.")).to_be_visible()
        expect(self.page.get_by_label("Change note")).to_have_value("It cost 50 crowns.")
        self.assertFalse(Correction.objects.exists())

    def test_reader_finds_what_changed(self):
        make_version(
            self.article,
            body="<p>It cost 50 crowns.</p>",
            kind="correction",
            note="It cost 50 crowns, not 25.",
            by=self.editor,
        )
        self.page.set_viewport_size({"width": 360, "height": 800})
        self.page.goto("/corrections/")
        self.assertEqual(self.page.locator(".correction-counts thead th").evaluate_all(BROKEN_WORDS), [])
        self.page.goto(self.article.get_absolute_url())
        self.page.get_by_role("region", name="Correction").get_by_role("link", name="See what changed").click()
        expect(self.page.locator("ins", has_text="50").first).to_be_visible()
        self.page.goto("/corrections/")
        self.assertEqual(axe_violations(self.page), [])
        self.page.goto(self.article.get_absolute_url())
        self.assertEqual(axe_violations(self.page), [])


def make_edit(article):
    Article.objects.filter(pk=article.pk).update(body="<p>It cost 50 crowns.</p>")
