"""Marking sources in the editor by keyboard, and reading them below the article."""

from playwright.sync_api import expect

from articles.models import Article, Source
from tests.browser.base import BrowserTestCase, axe_violations
from tests.factories import make_article, make_author, make_draft, make_editor, make_source

BODY = (
    '<p>The harbour has <a href="https://example.org/berths">41 berths</a>.</p>'
    '<p>The council knew.<sup data-footnote="Minutes of the council, 3 May"></sup></p>'
)
MOVE_BEHIND = """(type) => {
  const { editor } = document.querySelector(".editor-content")
  let at
  editor.state.doc.descendants((node, pos) => { if (node.type.name === type) at = pos + node.nodeSize })
  editor.view.focus()
  editor.commands.setTextSelection(at)
}"""


class MarkingTests(BrowserTestCase):
    def setUp(self):
        super().setUp()
        self.editor = make_editor()
        self.article = make_draft(body=BODY, authors=[make_author(user=self.editor)])
        self.log_in(self.editor)

    def open(self):
        self.page.goto(f"/admin/articles/article/{self.article.pk}/change/")
        expect(self.page.locator("html[data-ready][data-autosaving]")).to_be_attached()
        self.button = self.page.get_by_role("toolbar").get_by_role("button", name="Source", exact=True)

    def body(self):
        return Article.objects.get().body

    def save(self):
        with self.page.expect_navigation():
            self.page.keyboard.press("Control+s")

    def test_link_and_footnote_are_marked_with_one_shortcut_each_and_readers_see_them(self):
        self.open()
        expect(self.button).to_have_attribute("aria-disabled", "true")
        self.select("41 berths")
        self.page.keyboard.press("Control+Alt+r")
        expect(self.button).to_have_attribute("aria-pressed", "true")
        self.page.evaluate(MOVE_BEHIND, "footnote")
        self.pause()
        expect(self.button).to_have_attribute("aria-pressed", "false")
        self.page.keyboard.press("Control+Alt+r")
        expect(self.button).to_have_attribute("aria-pressed", "true")
        self.page.keyboard.press("Control+Enter")
        self.page.get_by_label("No AI", exact=True).check()
        self.page.get_by_role("button", name="Publish now").click()
        expect(self.page.get_by_text("Version 1 is published.")).to_be_visible()
        self.page.goto(self.article.get_absolute_url())
        rows = self.page.get_by_role("region", name="Sources").get_by_role("listitem")
        expect(rows).to_have_text(["41 berths", "Minutes of the council, 3 May"])
        self.assertEqual(axe_violations(self.page), [])

    def test_shortcut_removes_the_mark_again(self):
        self.open()
        self.select("41 berths")
        for expected in ("true", "false"):
            self.page.keyboard.press("Control+Alt+r")
            expect(self.button).to_have_attribute("aria-pressed", expected)

    def test_a_link_is_marked_right_after_it_was_made(self):
        self.open()
        self.select("harbour")
        self.page.keyboard.press("Control+k")
        self.page.keyboard.type("https://example.org/harbour")
        self.page.keyboard.press("Enter")
        self.page.keyboard.press("Control+Alt+r")
        expect(self.page.locator('a[href="https://example.org/harbour"][data-source]')).to_have_text("harbour")
        expect(self.button).to_have_attribute("aria-pressed", "true")

    def test_checkbox_of_a_footnote_follows_its_address(self):
        self.open()
        self.page.evaluate(MOVE_BEHIND, "footnote")
        self.page.keyboard.press("Control+Alt+n")
        box = self.page.get_by_role("checkbox", name="Source")
        expect(box).not_to_be_checked()
        self.page.keyboard.type("Report, https://example.org/report")
        expect(box).to_be_checked()
        self.page.keyboard.press("Tab")
        self.page.keyboard.press("Space")
        self.page.keyboard.press("Enter")
        self.save()
        self.assertIn('data-footnote="Report, https://example.org/report" data-source="no"', self.body())

    def test_details_are_filled_in_after_a_save(self):
        Article.objects.update(body=BODY.replace("41 berths</a>", "41 berths</a>").replace("<a ", '<a data-source="" '))
        self.open()
        self.page.get_by_label("Headline").fill("Berths")
        self.save()
        self.page.get_by_role("link", name="Publisher, date, archived copy…").click()
        self.page.get_by_label("Publisher").fill("Port authority")
        self.assertEqual(axe_violations(self.page), [])
        self.screenshot("article-sources")
        self.page.get_by_role("button", name="Save").click()
        expect(self.page.get_by_text("Sources saved.")).to_be_visible()
        self.assertEqual(Source.objects.get().publisher, "Port authority")


class SourcePageTests(BrowserTestCase):
    def test_newsroom_pages_have_no_axe_violations(self):
        make_source("https://example.org/unused", title="x" * 300)
        make_article(body=BODY.replace("<sup ", '<sup data-source="" '))
        self.log_in(make_editor())
        for path in ("", "1/change/", "2/change/"):
            source = Source.objects.order_by("pk")[int(path[0]) - 1] if path else None
            self.page.goto(f"/admin/articles/source/{f'{source.pk}/change/' if source else ''}")
            self.assertEqual(axe_violations(self.page), [])
            self.screenshot(f"source-{path[:1] or 'list'}")
