"""Editor tools in a browser: find and replace, quotation marks, insert menu, focus mode, shortcuts, SEO preview."""

import re

from playwright.sync_api import expect

from articles.models import Article
from tests.browser.base import BrowserTestCase
from tests.factories import make_draft, make_editor, make_image
from truthlytics.publication.models import Publication

BODY = (
    "<p>The port counted <strong>the</strong> berths.</p><h2>The count</h2><ul><li><p>Other things</p></li></ul>"
    '<p>“The end”<sup data-footnote="n"></sup></p>'
)
CURSOR_AT_END = """(() => {
  const { selection, doc } = document.querySelector(".editor-content").editor.state
  return selection.to >= doc.content.size - 2
})()"""
HIGHLIGHTED = "name => [...(CSS.highlights.get(name) ?? [])].map(range => range.toString())"


class EditorToolsTestCase(BrowserTestCase):
    def setUp(self):
        super().setUp()
        self.log_in(make_editor())

    def open(self, **fields):
        self.article = make_draft(**fields)
        self.page.goto(f"/admin/articles/article/{self.article.pk}/change/")
        expect(self.page.locator("html[data-ready]")).to_be_attached()
        self.text = self.page.get_by_role("textbox", name="Text", exact=True)

    def press(self, *keys):
        for key in keys:
            self.page.keyboard.press(key)
            self.pause()

    def type_at_end(self, words=""):
        self.to_end_of(self.text)
        self.page.wait_for_function(CURSOR_AT_END)
        self.page.keyboard.type(words)

    def body(self):
        return self.page.locator("#id_body").input_value()

    def save(self):
        with self.page.expect_navigation():
            self.page.keyboard.press("Control+s")
        expect(self.page.locator("html[data-ready]")).to_be_attached()
        return Article.objects.get().body


class FindReplaceTests(EditorToolsTestCase):
    def find(self, words):
        self.text.focus()
        self.press("Control+Home", "Control+f")
        self.page.locator("#find-text").fill(words)
        self.status = self.page.locator("[data-find-status]")

    def test_matches_are_highlighted_without_changing_the_text(self):
        self.open(body=BODY)
        before = self.text.inner_html()
        self.find("the")
        expect(self.status).to_have_text("1 of 5")
        self.assertEqual(self.page.evaluate(HIGHLIGHTED, "find-current"), ["The"])
        self.assertEqual(self.page.evaluate(HIGHLIGHTED, "find-match"), ["the", "The", "the", "The"])
        self.press("Enter", "Enter", "Shift+Enter")
        expect(self.status).to_have_text("2 of 5")
        self.page.get_by_label("Aa Match case").check()
        expect(self.status).to_have_text("1 of 2")
        self.assertEqual(self.text.inner_html(), before)
        self.press("Escape")
        expect(self.text).to_be_focused()
        self.assertEqual(self.page.evaluate(HIGHLIGHTED, "find-match"), [])
        self.assertEqual(self.page.evaluate("getSelection().toString()"), "the")

    def test_straight_quotes_match_typographic_ones(self):
        self.open(body=BODY)
        self.find('"the end"')
        expect(self.status).to_have_text("1 of 1")
        self.page.locator("#find-text").fill("ship")
        expect(self.status).to_have_text("No matches")

    def test_replace_keeps_formatting_and_can_be_undone(self):
        self.open(body=BODY)
        self.find("the")
        self.press("Control+h")
        expect(self.page.locator("#replace-text")).to_be_focused()
        self.page.keyboard.type("one")
        self.page.get_by_role("button", name="Replace", exact=True).click()
        self.assertIn("<p>one port counted <strong>the</strong>", self.body())
        expect(self.status).to_have_text("1 of 4")
        self.page.get_by_role("button", name="Replace all", exact=True).click()
        self.page.wait_for_timeout(400)  # the search that follows a change keeps the message
        expect(self.status).to_have_text("4 replaced.")
        self.assertIn("<strong>one</strong> berths.</p><h2>one count</h2><ul><li><p>Ooner things", self.body())
        self.page.locator("[data-find-action=close]").click()
        self.press("Control+z")
        self.assertIn("<p>one port counted <strong>the</strong>", self.body())

    def test_search_fields_do_not_trigger_autosave(self):
        self.install_clock()
        self.open(body=BODY)
        self.find("the")
        self.page.locator("#replace-text").fill("one")
        self.page.clock.run_for(900)
        expect(self.page.locator("[data-save-status]")).to_have_text("")


class QuotesTests(EditorToolsTestCase):
    def test_straight_quotes_become_typographic(self):
        self.open(body="<p>a</p>")
        self.type_at_end()
        self.press("Enter")
        self.page.keyboard.type("""He said "it's 'so'" ("here") '90""")
        self.assertIn("<p>He said “it’s ‘so’” (“here”) ‘90</p>", self.body())

    def test_backspace_and_undo_restore_the_straight_quote(self):
        self.open(body="<p>a</p>")
        self.type_at_end(' "')
        self.press("Backspace")
        self.assertIn('<p>a "</p>', self.body())
        self.page.keyboard.type("b '")
        self.press("Control+z")
        self.assertIn("<p>a \"b '</p>", self.body())

    def test_quotes_of_another_language(self):
        Publication.objects.create(language="de")
        self.open(body="<p>a</p>")
        self.type_at_end(""" "Das 'ist's'", geht's.""")
        self.assertIn("<p>a „Das ‚ist‘s’“, geht’s.</p>", self.body())

    def test_quotes_and_spelling_follow_the_language_of_the_article(self):
        self.open(body="<p>a</p>", standfirst="Er", language="de")
        expect(self.text).to_have_attribute("lang", "de")
        self.type_at_end(' "Das"')
        self.page.get_by_label("Language", exact=True).select_option("fr")
        for field in (self.text, self.page.get_by_label("Standfirst")):
            expect(field).to_have_attribute("lang", "fr")
            expect(field).to_have_attribute("dir", "ltr")
        self.type_at_end(' "oui"')
        self.assertIn("<p>a „Das“ «\xa0oui\xa0»</p>", self.body().replace("&nbsp;", "\xa0"))
        self.page.get_by_label("Standfirst").press("End")
        self.page.keyboard.type(' "oui" -- et...')
        expect(self.page.get_by_label("Standfirst")).to_have_value("Er «\xa0oui\xa0» – et…")
        for language in ("ar", "he", "fa", "ur"):
            self.page.get_by_label("Language", exact=True).select_option(language)
            for field in (self.text, self.page.get_by_label("Standfirst")):
                expect(field).to_have_attribute("dir", "rtl")

    def test_hyphens_and_dots_become_dashes_and_an_ellipsis(self):
        self.open(body="<p>a</p>")
        self.type_at_end(" -- b--- c... d")
        self.assertIn("<p>a – b— c… d</p>", self.body())
        self.page.keyboard.type(" --")
        self.press("Control+z")
        self.assertIn("<p>a – b— c… d --</p>", self.body())
        self.press("Enter")
        self.page.keyboard.type("---")
        self.assertIn("<hr>", self.body())

    def test_straight_quotes_setting_is_remembered(self):
        self.open(body="<p>a</p>")
        self.press("Control+/")
        self.page.get_by_label("Replace straight quotation marks with").select_option("straight")
        self.press("Escape")
        self.page.reload()
        expect(self.page.locator("html[data-ready]")).to_be_attached()
        self.type_at_end(' "b"')
        self.assertIn('<p>a "b"</p>', self.body())

    def test_quotes_in_the_headline(self):
        self.open(headline="The")
        headline = self.page.get_by_label("Headline")
        headline.press("End")
        self.page.keyboard.type(' "end" isn\'t')
        expect(headline).to_have_value("The “end” isn’t")
        self.page.keyboard.type(' "')
        self.press("Backspace")
        expect(headline).to_have_value('The “end” isn’t "')

    def test_quotes_in_code_stay_straight(self):
        self.open(body="<pre><code>x</code></pre>")
        self.text.focus()
        self.press("Control+Home")
        self.page.keyboard.type('"')
        self.assertIn('<code>"x</code>', self.body())


class InsertMenuTests(EditorToolsTestCase):
    def menu(self):
        return self.page.get_by_role("listbox", name="Insert")

    def test_slash_on_an_empty_line_opens_the_menu(self):
        self.open(body="<p>a</p>")
        self.type_at_end()
        self.press("Enter")
        self.page.keyboard.type("/")
        expect(self.menu().get_by_role("option")).to_have_count(17)
        self.assertEqual(self.axe(), [])
        self.page.keyboard.type("ta")
        expect(self.menu().get_by_role("option")).to_have_count(1)
        self.press("Enter")
        expect(self.menu()).to_be_hidden()
        self.page.keyboard.type("Year")
        self.assertIn("<table><tbody><tr><th", self.body())
        self.assertIn("<p>Year</p>", self.body())
        self.assertNotIn("/", self.text.inner_text())

    def test_arrow_keys_select_and_dialogs_open(self):
        self.open(body="<p>a</p>")
        self.type_at_end()
        self.press("Enter")
        self.page.keyboard.type("/")
        self.press("ArrowDown", "ArrowUp", "ArrowUp")
        expect(self.menu().get_by_role("option", selected=True)).to_have_text("Code block")
        self.page.keyboard.type("foot")
        self.press("Enter")
        self.page.locator("#prompt textarea").fill("A note")
        self.page.locator("#prompt [data-prompt-submit]").click()
        expect(self.text).to_be_focused()
        self.assertIn('<sup data-footnote="A note">', self.body())

    def test_escape_closes_the_menu_and_slash_in_text_is_literal(self):
        self.open(body="<p>a</p>")
        self.type_at_end("/b")
        expect(self.menu()).to_have_count(0)
        self.press("Enter")
        self.page.keyboard.type("/")
        expect(self.menu()).to_be_visible()
        self.press("Escape")
        expect(self.menu()).to_be_hidden()
        self.page.keyboard.type("h")
        expect(self.menu()).to_be_hidden()
        self.assertIn("<p>a/b</p><p>/h</p>", self.body())


class LayoutTests(EditorToolsTestCase):
    def test_focus_mode(self):
        self.open(body="<p>a</p>")
        self.press("Control+Shift+f")
        expect(self.page.locator("#side")).to_be_hidden()
        expect(self.page.locator("#header")).to_be_hidden()
        expect(self.text).to_be_focused()
        expect(self.page.get_by_role("button", name="Focus")).to_have_attribute("aria-pressed", "true")
        self.type_at_end(" b")
        self.assertEqual(self.save(), "<p>a b</p>")
        self.press("Control+Shift+f", "Escape")
        expect(self.page.locator("#side")).to_be_visible()

    def test_panel_collapses_and_stays_collapsed(self):
        self.open()
        self.page.get_by_role("button", name="Panel").click()
        self.page.reload()
        expect(self.page.locator("#section-access")).to_be_hidden()
        expect(self.page.get_by_role("button", name="Publish…")).to_be_visible()
        self.assertEqual(self.axe(), [])
        self.page.get_by_role("button", name="Panel").click()
        expect(self.page.locator("#section-access")).to_be_visible()

    def test_control_enter_submits_the_main_button(self):
        self.open(body="<p>a</p>")
        self.type_at_end(" b")
        with self.page.expect_navigation():
            self.page.keyboard.press("Control+Enter")
        self.page.wait_for_url("**/publish/")
        self.assertEqual(Article.objects.get().body, "<p>a b</p>")

    def test_shortcut_dialog_and_toolbar_shortcut(self):
        self.open()
        self.page.get_by_role("button", name="Focus").focus()
        self.press("?")
        expect(self.page.get_by_role("dialog", name="Keyboard shortcuts")).to_be_visible()
        for scheme, width in (("light", 1440), ("dark", 390)):
            self.page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
            self.page.set_viewport_size({"width": width, "height": 844})
            self.assertEqual(self.axe(), [])
        self.press("Escape")
        self.text.focus()
        self.page.keyboard.type("?")
        expect(self.page.get_by_role("dialog", name="Keyboard shortcuts")).to_be_hidden()
        self.press("Alt+F10")
        expect(self.page.locator("[data-cmd=h2]")).to_be_focused()

    def test_preview_of_search_result_and_social_card(self):
        image = make_image(title="Cranes")
        self.open(headline="The plug", standfirst="What was promised.", slug="the-plug", lead=image)
        self.page.locator("summary", has_text="URL, search").click()
        search, social = self.page.locator(".seo-preview__search"), self.page.locator(".seo-preview__social")
        expect(search).to_contain_text("articles › the-plug")
        expect(search).to_contain_text("What was promised.")
        self.assertIn("/media/", social.locator("img").get_attribute("src"))
        self.page.get_by_label("Title for search engines").fill("Why ships burn oil at the quay " * 3)
        expect(search).to_contain_text("Why ships burn oil")
        expect(self.page.locator("[data-seo-hint]")).to_contain_text("92 characters")
        self.page.get_by_role("button", name="Remove: Image", exact=True).click()
        expect(social.locator("img")).to_have_attribute("src", re.compile("/publication/preview-"))

    def test_find_bar_passes_axe(self):
        self.open(body=BODY)
        self.page.get_by_role("button", name="Find and replace").click()
        self.page.locator("#find-text").fill("the")
        self.page.locator("summary", has_text="URL, search").click()
        for scheme, width in (("light", 1440), ("dark", 390)):
            with self.subTest(scheme):
                self.page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
                self.page.set_viewport_size({"width": width, "height": 844})
                self.assertEqual(self.axe(), [])
                self.assertEqual(self.page.evaluate("document.documentElement.scrollWidth - innerWidth"), 0)


class PageEditorTests(EditorToolsTestCase):
    def test_page_editor_has_the_same_tools(self):
        self.page.goto("/admin/articles/page/add/")
        expect(self.page.locator("html[data-ready]")).to_be_attached()
        self.text = self.page.get_by_role("textbox", name="Text", exact=True)
        self.type_at_end('a "b"')
        self.press("Enter")
        self.page.keyboard.type("/")
        menu = self.page.get_by_role("listbox", name="Insert")
        expect(menu).to_be_visible()
        expect(menu.get_by_text("Paywall")).to_have_count(0)
        self.press("Escape", "Control+Home", "Control+f")
        self.page.locator("#find-text").fill("b")
        expect(self.page.locator("[data-find-status]")).to_have_text("1 of 1")
        self.press("Escape", "Control+Shift+f")
        expect(self.page.locator("#side")).to_be_hidden()
        self.assertIn("<p>a “b”</p>", self.body())
