"""Keyboard shortcuts that both the editor and the underlying library handle."""

from playwright.sync_api import expect

from tests.browser.base import BrowserTestCase
from tests.browser.test_editor_tools import EditorToolsTestCase
from tests.factories import make_draft, make_editor


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


class EveryPageTests(BrowserTestCase):
    def test_question_mark_shows_the_keys_on_every_page(self):
        self.log_in(make_editor())
        self.page.goto("/admin/")
        self.page.keyboard.press("?")
        keys = self.page.get_by_role("dialog", name="Keyboard shortcuts")
        expect(keys).to_contain_text("Search: actions, settings")
        self.assertEqual(self.axe(), [])
        self.screenshot("keys")
        keys.get_by_role("button", name="Close").click()
        expect(keys).to_be_hidden()
        self.page.keyboard.press("Control+k")
        expect(self.page.locator("#palette input")).to_be_focused()
        self.page.keyboard.type("?")
        expect(keys).to_be_hidden()

    def test_messages_are_closed_by_key(self):
        self.log_in(make_editor())
        self.page.goto("/admin/articles/topic/add/")
        self.page.get_by_label("Name").fill("Rivers")
        self.page.get_by_role("button", name="Save", exact=True).click()
        message = self.page.locator(".messagelist")
        expect(message).to_contain_text("Rivers")
        self.assertEqual(self.axe(), [])
        message.get_by_role("button", name="Close: The topic “Rivers” was added successfully.").press("Enter")
        expect(message).to_have_count(0)
        expect(self.page.locator("#content-start")).to_be_focused()

    def test_only_the_text_of_the_editor_is_printed(self):
        self.log_in(make_editor())
        article = make_draft(headline="On paper", body="<p>Words.</p>")
        self.page.goto(f"/admin/articles/article/{article.pk}/change/")
        self.page.locator("html[data-ready]").wait_for()
        self.page.emulate_media(media="print")
        self.screenshot("editor-print")
        expect(self.page.get_by_text("Words.", exact=True)).to_be_visible()
        for part in ("#header", ".editor-bar", "#side", ".canvas__tools"):
            expect(self.page.locator(part).first).to_be_hidden()
