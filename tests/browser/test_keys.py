"""Keys that both the desk and the library under it know: the desk's meaning holds, once."""

from playwright.sync_api import expect

from tests.browser.test_writing import WritingTestCase


class KeysTests(WritingTestCase):
    def test_one_and_a_full_stop_begin_a_list_and_a_year_does_not(self):
        self.open(body="<p></p>")
        self.at_the_end("1. First")
        self.press("Enter")
        self.page.keyboard.type("Second")
        self.press("Enter", "Enter")
        self.page.keyboard.type("2026. A year")
        self.assertIn("<ol><li><p>First</p></li><li><p>Second</p></li></ol><p>2026. A year</p>", self.body())

    def test_a_new_piece_begins_in_its_headline(self):
        self.page.goto("/admin/articles/article/add/")
        expect(self.page.get_by_label("Headline")).to_be_focused()

    def test_control_enter_in_a_dialog_is_its_own_and_publishes_nothing(self):
        self.open(body="<p>A fact</p>")
        self.at_the_end()
        self.press("Control+Alt+n")
        self.page.locator("#prompt textarea").fill("A note")
        self.press("Control+Enter")
        expect(self.text).to_be_focused()
        self.assertIn('<sup data-footnote="A note">', self.body())
        self.assertTrue(self.page.url.endswith("/change/"))

    def test_control_k_asks_once_and_gives_the_words_back(self):
        self.open(body="<p>Words here</p>")
        self.at_the_end()
        self.press("Shift+Control+ArrowLeft", "Control+k")
        expect(self.page.locator("dialog[open]")).to_have_count(1)
        self.page.keyboard.type("example.org/a")
        self.press("Enter")
        expect(self.page.locator("dialog[open]")).to_have_count(0)
        expect(self.text).to_be_focused()
        self.assertIn('Words <a href="https://example.org/a">here</a>', self.body())
