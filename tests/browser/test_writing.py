"""What the sheet offers beside its words: finding, quotation marks, insertions, only the text, keys, a preview."""

from django.test import override_settings
from playwright.sync_api import expect

from articles.models import Article
from tests.browser.base import BrowserTestCase
from tests.factories import make_draft, make_editor, make_image

BODY = (
    "<p>The port counted <strong>the</strong> berths.</p><h2>The count</h2><ul><li><p>Other things</p></li></ul>"
    '<p>“The end”<sup data-footnote="n"></sup></p>'
)
AT_THE_END = (
    "(({ selection, doc }) => selection.to >= doc.content.size - 2)(document.querySelector('.editor-content').editor.state)"
)
PAINTED = "name => [...(CSS.highlights.get(name) ?? [])].map(range => range.toString())"


class WritingTestCase(BrowserTestCase):
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
            # The editor learns of a moved cursor by an event; nobody types faster than that.
            self.page.wait_for_timeout(40)

    def at_the_end(self, words=""):
        self.text.focus()
        self.press("Control+End")
        self.page.wait_for_function(AT_THE_END)
        self.page.keyboard.type(words)

    def body(self):
        return self.page.locator("#id_body").input_value()

    def saved(self):
        with self.page.expect_navigation():
            self.page.keyboard.press("Control+s")
        expect(self.page.locator("html[data-ready]")).to_be_attached()
        return Article.objects.get().body


class FindTests(WritingTestCase):
    def find(self, words):
        self.text.focus()
        self.press("Control+Home", "Control+f")
        self.page.locator("#find-text").fill(words)
        self.said = self.page.locator("[data-find-status]")

    def test_what_is_found_is_painted_and_nothing_of_the_text_changes(self):
        self.open(body=BODY)
        before = self.text.inner_html()
        self.find("the")
        expect(self.said).to_have_text("1 of 5")
        self.assertEqual(self.page.evaluate(PAINTED, "find-current"), ["The"])
        self.assertEqual(self.page.evaluate(PAINTED, "find-match"), ["the", "The", "the", "The"])
        self.press("Enter", "Enter", "Shift+Enter")
        expect(self.said).to_have_text("2 of 5")
        self.page.get_by_label("Aa Match case").check()
        expect(self.said).to_have_text("1 of 2")
        self.assertEqual(self.text.inner_html(), before)
        self.press("Escape")
        expect(self.text).to_be_focused()
        self.assertEqual(self.page.evaluate(PAINTED, "find-match"), [])
        self.assertEqual(self.page.evaluate("getSelection().toString()"), "the")

    def test_straight_marks_find_turned_ones_and_what_is_not_there_is_said(self):
        self.open(body=BODY)
        self.find('"the end"')
        expect(self.said).to_have_text("1 of 1")
        self.page.locator("#find-text").fill("ship")
        expect(self.said).to_have_text("No matches")

    def test_words_are_replaced_one_or_all_with_their_emphasis_and_undo_takes_it_back(self):
        self.open(body=BODY)
        self.find("the")
        self.page.locator("#replace-text").fill("one")
        self.page.get_by_role("button", name="Replace", exact=True).click()
        self.assertIn("<p>one port counted <strong>the</strong>", self.body())
        expect(self.said).to_have_text("1 of 4")
        self.page.get_by_role("button", name="Replace all", exact=True).click()
        expect(self.said).to_have_text("4 replaced")
        self.assertIn("<strong>one</strong> berths.</p><h2>one count</h2><ul><li><p>Ooner things", self.body())
        self.page.locator("[data-find-action=close]").click()
        self.press("Control+z")
        self.assertIn("<p>one port counted <strong>the</strong>", self.body())

    def test_what_is_sought_is_no_part_of_the_article(self):
        self.open(body=BODY)
        self.find("the")
        self.page.locator("#replace-text").fill("one")
        self.page.wait_for_timeout(900)
        expect(self.page.locator("[data-save-status]")).to_have_text("")


class QuotesTests(WritingTestCase):
    def test_straight_marks_become_those_of_the_language(self):
        self.open(body="<p>a</p>")
        self.at_the_end()
        self.press("Enter")
        self.page.keyboard.type("""He said "it's 'so'" ("here") '90""")
        self.assertIn("<p>He said “it’s ‘so’” (“here”) ‘90</p>", self.body())

    def test_backspace_and_undo_right_after_bring_the_straight_one_back(self):
        self.open(body="<p>a</p>")
        self.at_the_end(' "')
        self.press("Backspace")
        self.assertIn('<p>a "</p>', self.body())
        self.page.keyboard.type("b '")
        self.press("Control+z")
        self.assertIn("<p>a \"b '</p>", self.body())

    @override_settings(LANGUAGE_CODE="de")
    def test_another_language_has_others_and_an_apostrophe_stays_one(self):
        self.open(body="<p>a</p>")
        self.at_the_end(""" "Das 'ist's'", geht's.""")
        self.assertIn("<p>a „Das ‚ist‘s’“, geht’s.</p>", self.body())

    def test_the_switch_leaves_them_straight_and_is_remembered(self):
        self.open(body="<p>a</p>")
        self.press("Control+/")
        self.page.get_by_label("Replace straight quotation marks with").select_option("straight")
        self.press("Escape")
        self.page.reload()
        expect(self.page.locator("html[data-ready]")).to_be_attached()
        self.at_the_end(' "b"')
        self.assertIn('<p>a "b"</p>', self.body())

    def test_the_headline_has_them_too(self):
        self.open(headline="The")
        headline = self.page.get_by_label("Headline")
        headline.press("End")
        self.page.keyboard.type(' "end" isn\'t')
        expect(headline).to_have_value("The “end” isn’t")
        self.page.keyboard.type(' "')
        self.press("Backspace")
        expect(headline).to_have_value('The “end” isn’t "')

    def test_code_is_left_alone(self):
        self.open(body="<pre><code>x</code></pre>")
        self.text.focus()
        self.press("Control+Home")
        self.page.keyboard.type('"')
        self.assertIn('<code>"x</code>', self.body())


class InsertTests(WritingTestCase):
    def menu(self):
        return self.page.get_by_role("listbox", name="Insert")

    def test_a_stroke_in_an_empty_line_offers_what_can_be_inserted(self):
        self.open(body="<p>a</p>")
        self.at_the_end()
        self.press("Enter")
        self.page.keyboard.type("/")
        expect(self.menu().get_by_role("option")).to_have_count(14)
        self.assertEqual(self.axe(), [])
        self.page.keyboard.type("ta")
        expect(self.menu().get_by_role("option")).to_have_count(1)
        self.press("Enter")
        expect(self.menu()).to_be_hidden()
        self.page.keyboard.type("Year")
        self.assertIn("<table><tbody><tr><th", self.body())
        self.assertIn("<p>Year</p>", self.body())
        self.assertNotIn("/", self.text.inner_text())

    def test_arrows_choose_and_the_dialogs_come(self):
        self.open(body="<p>a</p>")
        self.at_the_end()
        self.press("Enter")
        self.page.keyboard.type("/")
        self.press("ArrowDown", "ArrowUp", "ArrowUp")
        expect(self.menu().get_by_role("option", selected=True)).to_have_text("Code block")
        self.page.keyboard.type("foot")
        self.press("Enter")
        self.page.locator("#prompt textarea").fill("A note")
        self.page.locator("[data-prompt-submit]").click()
        expect(self.text).to_be_focused()
        self.assertIn('<sup data-footnote="A note">', self.body())

    def test_escape_leaves_the_stroke_and_in_a_line_of_words_it_is_one(self):
        self.open(body="<p>a</p>")
        self.at_the_end("/b")
        expect(self.menu()).to_have_count(0)
        self.press("Enter")
        self.page.keyboard.type("/")
        expect(self.menu()).to_be_visible()
        self.press("Escape")
        expect(self.menu()).to_be_hidden()
        self.page.keyboard.type("h")
        expect(self.menu()).to_be_hidden()
        self.assertIn("<p>a/b</p><p>/h</p>", self.body())


class DeskTests(WritingTestCase):
    def test_only_the_text_and_back(self):
        self.open(body="<p>a</p>")
        self.press("Control+Shift+f")
        expect(self.page.locator("#side")).to_be_hidden()
        expect(self.page.locator("#header")).to_be_hidden()
        expect(self.text).to_be_focused()
        expect(self.page.get_by_role("button", name="Focus")).to_have_attribute("aria-pressed", "true")
        self.at_the_end(" b")
        self.assertEqual(self.saved(), "<p>a b</p>")
        self.press("Control+Shift+f", "Escape")
        expect(self.page.locator("#side")).to_be_visible()

    def test_the_panel_folds_to_its_buttons_and_stays_so(self):
        self.open()
        self.page.get_by_role("button", name="Panel").click()
        self.page.reload()
        expect(self.page.locator("#placing")).to_be_hidden()
        expect(self.page.get_by_role("button", name="Publish…")).to_be_visible()
        self.assertEqual(self.axe(), [])
        self.page.get_by_role("button", name="Panel").click()
        expect(self.page.locator("#placing")).to_be_visible()

    def test_control_enter_presses_the_main_button(self):
        self.open(body="<p>a</p>")
        self.at_the_end(" b")
        with self.page.expect_navigation():
            self.page.keyboard.press("Control+Enter")
        self.page.wait_for_url("**/publish/")
        self.assertEqual(Article.objects.get().body, "<p>a b</p>")

    def test_the_keys_are_told_and_the_toolbar_is_reached(self):
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

    def test_the_piece_is_shown_as_search_engines_and_shared_links_show_it(self):
        image = make_image(title="Cranes")
        self.open(headline="The plug", standfirst="What was promised.", slug="the-plug", lead=image)
        self.page.locator("summary", has_text="URL, search").click()
        found, shared = self.page.locator(".seo-preview__search"), self.page.locator(".seo-preview__social")
        expect(found).to_contain_text("articles › the-plug")
        expect(found).to_contain_text("What was promised.")
        self.assertIn("/media/", shared.locator("img").get_attribute("src"))
        self.page.get_by_label("Title for search engines").fill("Why ships burn oil at the quay " * 3)
        expect(found).to_contain_text("Why ships burn oil")
        expect(self.page.locator("[data-seo-hint]")).to_contain_text("92 characters")
        self.page.get_by_label("Image", exact=True).select_option("")
        self.assertIn("social", shared.locator("img").get_attribute("src"))

    def test_axe_finds_nothing_where_one_finds_by_day_and_by_night_on_a_phone(self):
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


class PageDeskTests(WritingTestCase):
    def test_a_page_of_the_publication_is_written_on_the_same_sheet(self):
        self.page.goto("/admin/articles/page/add/")
        expect(self.page.locator("html[data-ready]")).to_be_attached()
        self.text = self.page.get_by_role("textbox", name="Text", exact=True)
        self.at_the_end('a "b"')
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
