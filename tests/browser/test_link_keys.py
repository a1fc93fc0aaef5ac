"""Keys that come at once after the link was set: the linked words stay, and one goes on writing behind them."""

from playwright.sync_api import expect

from tests.browser.base import BrowserTestCase
from tests.factories import make_draft, make_editor

LINKED = '<a href="https://example.org/a">linked</a>'
# In one breath with the Enter that closes the dialog: no frame, no timer and no event of the browser lies between.
AT_ONCE = """(key) => {
  document.querySelector("#prompt form").requestSubmit()
  return new Promise((done) => queueMicrotask(() => queueMicrotask(() => {
    document.execCommand("insertText", false, key)
    done()
  })))
}"""


class LinkKeyTests(BrowserTestCase):
    def setUp(self):
        super().setUp()
        self.log_in(make_editor())
        draft = make_draft(body="<p>It is linked</p>")
        self.page.goto(f"/admin/articles/article/{draft.pk}/change/")
        expect(self.page.locator("html[data-ready][data-autosaving]")).to_be_attached()
        self.text = self.page.get_by_role("textbox", name="Text", exact=True)

    def ask(self, key="Control+k"):
        """The last word is chosen, and an address is typed for it."""
        self.text.press("Control+End")
        self.page.wait_for_timeout(100)
        self.page.keyboard.press("Shift+Control+ArrowLeft")
        self.page.wait_for_timeout(100)
        self.page.keyboard.press(key)
        self.page.keyboard.type("example.org/a")

    def html(self):
        return self.page.evaluate("document.querySelector('.editor-content').editor.getHTML()")

    def test_words_typed_at_once_stand_behind_the_link(self):
        self.ask()
        self.page.keyboard.press("Enter")
        self.page.keyboard.type(" and more")
        self.assertEqual(self.html(), f"<p>It is {LINKED} and more</p>")

    def test_so_does_a_letter_of_the_same_breath(self):
        self.ask()
        self.page.evaluate(AT_ONCE, "!")
        self.page.wait_for_timeout(200)
        self.assertEqual(self.html(), f"<p>It is {LINKED}!</p>")

    def test_a_new_line_at_once_leaves_the_link(self):
        for keys in (["Enter"], ["End", "Enter"]):
            with self.subTest(keys):
                self.ask()
                self.page.keyboard.press("Enter")
                for key in keys:
                    self.page.keyboard.press(key)
                self.page.keyboard.type("On.")
                self.assertEqual(self.html(), f"<p>It is {LINKED}</p><p>On.</p>")
                self.page.evaluate(
                    "document.querySelector('.editor-content').editor.commands.setContent('<p>It is linked</p>')"
                )
