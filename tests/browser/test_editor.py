"""The article editor in a browser, with the content security policy enforced."""

import re

from playwright.sync_api import expect

from articles.models import Article, Image
from tests.browser.base import BrowserTestCase
from tests.factories import make_author, make_editor, make_image, make_section, make_topic


class EditorTests(BrowserTestCase):
    def setUp(self):
        super().setUp()
        self.editor = make_editor()
        self.section = make_section(name="Environment")
        self.author = make_author(name="Ines Calloway", user=self.editor)
        self.topic = make_topic(name="Ports")
        self.image = make_image(alt="Cranes at dusk", title="Cranes", credit="Photograph: N. N.")
        self.log_in(self.editor)

    def open(self, path="/admin/articles/article/add/"):
        self.page.goto(path)
        expect(self.page.locator("html[data-ready]")).to_be_attached()
        self.text = self.page.get_by_role("textbox", name="Text", exact=True)

    def test_an_editor_that_lacks_a_file_says_so(self):
        """A file that does not arrive leaves a page that looks complete."""
        self.expected = ["ERR_FAILED", "extension module", "dynamically imported"]
        self.page.clock.install()
        self.page.route(re.compile(r"/editor/extensions[.\w]*\.js"), lambda route: route.abort())
        self.page.goto("/admin/articles/article/add/")
        self.page.clock.run_for(16_000)
        notice = self.page.locator("[data-notices] .unsaved-notice")
        expect(notice).to_contain_text("The editor has not loaded completely.")
        self.page.unroute_all()
        notice.get_by_role("button", name="Reload").click()
        expect(self.page.locator("html[data-ready]")).to_be_attached()

    def type(self, words):
        self.page.keyboard.type(words)

    def press(self, key):
        self.page.keyboard.press(key)
        self.pause()

    def button(self, name):
        self.page.get_by_role("toolbar").get_by_role("button", name=name, exact=True).click()

    def fill_prompt(self, **fields):
        dialog = self.page.locator("dialog[open]")
        for name, value in fields.items():
            dialog.locator(f"[name={name}]").fill(value)
        dialog.locator("[data-prompt-submit]").click()
        expect(self.text).to_be_focused()

    def write_everything(self):
        self.page.get_by_label("Headline").fill("The plug and the queue")
        self.page.get_by_label("Standfirst").fill("What the harbour promised.")
        self.text.click()
        self.type("She said two things.")
        self.button("Footnote")
        self.fill_prompt(footnote="Port authority, 2026.")
        self.type(" And on.")
        self.button("Paywall")
        self.type("## A heading")
        self.press("Enter")
        self.type("Plain, ")
        self.button("Bold")
        self.type("bold")
        self.button("Bold")
        self.type(", ")
        self.button("Italic")
        self.type("italic")
        self.button("Italic")
        self.type(" and linked")
        self.press("Shift+Control+ArrowLeft")
        self.button("Link")
        self.fill_prompt(href="example.org/a")
        self.press("End")
        self.press("Enter")
        self.type("- one")
        self.press("Enter")
        self.type("two")
        self.press("Enter")
        self.press("Enter")
        self.type("> A quotation")
        self.press("Enter")
        self.press("Enter")
        self.type("Nobody counted the berths.")
        self.button("Pull quote")
        self.press("Enter")
        self.type("A harbour master")
        self.press("Enter")
        self.button("Table")
        for words in ("Year", "Berths", "Wired"):
            self.type(words)
            self.press("Tab")
        self.press("Control+End")
        self.button("Image")
        self.page.locator("#picker").get_by_role("button", name="Cranes").click()
        self.type("Cranes, in September")

    def fill_in(self):
        self.page.get_by_label("Section", exact=True).select_option("Environment")
        self.page.locator("[data-topics] > summary").click()
        self.page.get_by_label("Ports").check()

    def test_all_elements_are_written_saved_and_published(self):
        self.open()
        self.write_everything()
        self.fill_in()
        self.screenshot("editor-written")
        self.page.get_by_role("button", name="Publish…").click()
        self.page.wait_for_url("**/publish/")
        article = Article.objects.get()
        self.assertNotIn("\xa0", article.body)
        self.assertNotIn("&nbsp;", article.body)
        for part in [
            '<p>She said two things.<sup data-footnote="Port authority, 2026."></sup> And on.</p><hr data-gate="">',
            "<h2>A heading</h2>",
            "<strong>bold</strong>, <em>italic</em>",
            '<a href="https://example.org/a">linked</a>',
            "<ul><li><p>one</p></li><li><p>two</p></li></ul>",
            "<blockquote><p>A quotation</p></blockquote>",
            '<aside class="pullquote" data-by="A harbour master">Nobody counted the berths.</aside>',
            "<th><p>Year</p></th>",
            f'<figure data-image="{self.image.uuid}"><figcaption>Cranes, in September</figcaption></figure>',
        ]:
            with self.subTest(part):
                self.assertIn(part, article.body.replace(' colspan="1" rowspan="1"', ""))
        self.assertEqual(article.slug, "the-plug-and-the-queue")
        self.assertEqual([str(byline.author) for byline in article.bylines.all()], ["Ines Calloway"])
        self.screenshot("publish")
        self.page.get_by_label("No AI", exact=True).check()
        self.page.get_by_role("button", name="Publish now").click()
        expect(self.page.get_by_text("Version 1 is live.")).to_be_visible()
        article.refresh_from_db()
        self.assertEqual(article.state(), "published")

    def test_saving_unchanged_text_does_not_alter_it(self):
        self.open()
        self.write_everything()
        self.page.get_by_role("button", name="Save draft").click()
        expect(self.page.get_by_text("Saved.")).to_be_visible()
        before = Article.objects.get().body
        expect(self.page.locator("html[data-ready]")).to_be_attached()
        self.to_end_of(self.page.get_by_role("textbox", name="Text", exact=True))
        self.page.keyboard.type("!")
        self.page.keyboard.press("Backspace")
        self.page.get_by_role("button", name="Save draft").click()
        expect(self.page.get_by_text("Saved.")).to_be_visible()
        self.assertEqual(Article.objects.get().body, before)

    def test_toolbar_is_one_tab_stop_with_arrow_keys(self):
        self.open()
        heading = self.page.get_by_role("button", name="Heading", exact=True)
        heading.focus()
        self.page.keyboard.press("ArrowRight")
        self.page.keyboard.press("ArrowRight")
        bold = self.page.get_by_role("button", name="Bold", exact=True)
        expect(bold).to_be_focused()
        self.assertEqual(self.page.locator('[data-toolbar] button[tabindex="0"]').count(), 1)
        expect(bold).to_have_attribute("aria-pressed", "false")
        self.page.keyboard.press("Enter")
        expect(bold).to_have_attribute("aria-pressed", "true")

    def test_invalid_form_keeps_the_text(self):
        self.expected = ["422"]
        self.open()
        self.text.click()
        self.type("Words without a headline")
        self.page.get_by_role("button", name="Publish…").click()
        expect(self.page.get_by_text("Enter a headline. You can change it later.")).to_be_visible()
        expect(self.page.get_by_role("textbox", name="Text", exact=True)).to_have_text("Words without a headline")

    def test_editor_passes_axe_in_light_and_dark_mode(self):
        self.open()
        self.write_everything()
        self.fill_in()
        for scheme in ("light", "dark"):
            with self.subTest(scheme):
                self.page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
                self.assertEqual(self.axe(), [])


class WithoutScriptTests(BrowserTestCase):
    script = False

    def test_article_is_written_as_html_and_published(self):
        editor = make_editor()
        make_section(name="Environment")
        make_author(name="Ines Calloway", user=editor)
        self.log_in(editor)
        page = self.page
        page.goto("/admin/articles/article/add/")
        page.get_by_label("Headline").fill("Written plainly")
        page.get_by_label("Text", exact=True).fill('<p onclick="x()">Plain <b>words</b></p><script>alert(1)</script>')
        page.get_by_label("Section", exact=True).select_option("Environment")
        page.get_by_role("button", name="Publish…").click()
        page.get_by_label("No AI", exact=True).check()
        page.get_by_role("button", name="Publish now").click()
        article = Article.objects.get()
        self.assertEqual(article.body, "<p>Plain <strong>words</strong></p>")
        self.assertEqual(article.state(), "published")
        self.assertFalse(Image.objects.exists())
