"""Text typed immediately after inserting a link neither replaces nor extends the link."""

from playwright.sync_api import expect

from tests.browser.base import BrowserTestCase
from tests.factories import make_draft, make_editor

LINKED = '<a href="https://example.org/a">linked</a>'
# Type in the same task as the Enter that closes the dialog, before any frame, timer or event.
TYPE_IMMEDIATELY = """(key) => {
  document.querySelector("#link-dialog form").requestSubmit()
  return new Promise((done) => queueMicrotask(() => queueMicrotask(() => {
    document.execCommand("insertText", false, key)
    done()
  })))
}"""


class LinkTypingTests(BrowserTestCase):
    def setUp(self):
        super().setUp()
        self.log_in(make_editor())
        draft = make_draft(body="<p>It is linked</p>")
        self.page.goto(f"/admin/articles/article/{draft.pk}/change/")
        expect(self.page.locator("html[data-ready][data-autosaving]")).to_be_attached()
        self.text = self.page.get_by_role("textbox", name="Text", exact=True)

    def start_link(self, key="Control+k"):
        """Select the last word and type a URL for it."""
        self.to_end_of(self.text)
        self.page.keyboard.press("Shift+Control+ArrowLeft")
        self.pause()
        self.page.keyboard.press(key)
        self.page.keyboard.type("example.org/a")

    def html(self):
        return self.page.evaluate("document.querySelector('.editor-content').editor.getHTML()")

    def test_text_typed_after_the_link_is_outside_it(self):
        self.start_link()
        self.page.keyboard.press("Enter")
        self.page.keyboard.type(" and more")
        self.assertEqual(self.html(), f"<p>It is {LINKED} and more</p>")

    def test_character_typed_in_the_same_task_is_outside_the_link(self):
        self.start_link()
        self.page.evaluate(TYPE_IMMEDIATELY, "!")
        self.pause()
        self.assertEqual(self.html(), f"<p>It is {LINKED}!</p>")

    def test_new_line_ends_the_link(self):
        for keys in (["Enter"], ["End", "Enter"]):
            with self.subTest(keys):
                self.start_link()
                self.page.keyboard.press("Enter")
                for key in keys:
                    self.page.keyboard.press(key)
                self.page.keyboard.type("On.")
                self.assertEqual(self.html(), f"<p>It is {LINKED}</p><p>On.</p>")
                self.page.evaluate(
                    "document.querySelector('.editor-content').editor.commands.setContent('<p>It is linked</p>')"
                )
