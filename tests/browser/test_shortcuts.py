"""Keyboard shortcuts that both the editor and the underlying library handle."""

from playwright.sync_api import expect

from tests.browser.test_editor_tools import EditorToolsTestCase


class ShortcutTests(EditorToolsTestCase):
    def test_only_one_starts_a_numbered_list(self):
        self.open(body="<p></p>")
        self.type_at_end("1. First")
        self.press("Enter")
        self.page.keyboard.type("Second")
        self.press("Enter", "Enter")
        self.page.keyboard.type("2026. A year")
        self.assertIn("<ol><li><p>First</p></li><li><p>Second</p></li></ol><p>2026. A year</p>", self.body())

    def test_new_article_focuses_the_headline(self):
        self.page.goto("/admin/articles/article/add/")
        expect(self.page.get_by_label("Headline")).to_be_focused()

    def test_control_enter_in_a_dialog_does_not_publish(self):
        self.open(body="<p>A fact</p>")
        self.type_at_end()
        self.press("Control+Alt+n")
        self.page.locator("#prompt textarea").fill("A note")
        self.press("Control+Enter")
        expect(self.text).to_be_focused()
        self.assertIn('<sup data-footnote="A note">', self.body())
        self.assertTrue(self.page.url.endswith("/change/"))

    def test_control_k_opens_one_dialog_and_returns_focus(self):
        self.open(body="<p>Words here</p>")
        self.type_at_end()
        self.press("Shift+Control+ArrowLeft", "Control+k")
        expect(self.page.locator("dialog[open]")).to_have_count(1)
        self.page.keyboard.type("example.org/a")
        self.press("Enter")
        expect(self.page.locator("dialog[open]")).to_have_count(0)
        expect(self.text).to_be_focused()
        self.assertIn('Words <a href="https://example.org/a">here</a>', self.body())
