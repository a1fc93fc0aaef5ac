"""Writing in the editor: images dropped or pasted, links to own pages, callouts, cards, topics, keyboard."""

import base64

from playwright.sync_api import expect

from articles.media.renditions import create_missing_renditions
from articles.models import Article, Image, Topic
from tests.browser.base import BrowserTestCase
from tests.factories import image_file, make_article, make_author, make_draft, make_editor, make_image, make_section

# Dispatches a drop or paste of a file at the end of the text.
TRANSFER = """([type, name, mime, data, html]) => {
  const text = document.querySelector("#body-editor")
  const bytes = Uint8Array.from(atob(data), (character) => character.charCodeAt(0))
  const transfer = new DataTransfer()
  transfer.items.add(new File([bytes], name, { type: mime }))
  if (html) transfer.setData("text/html", html)
  const box = text.lastElementChild.getBoundingClientRect()
  const at = { clientX: box.left + 5, clientY: box.top + 5 }
  const options = { bubbles: true, cancelable: true, ...at }
  const dropped = () => new DragEvent("drop", { ...options, dataTransfer: transfer })
  const pasted = () => new ClipboardEvent("paste", { ...options, clipboardData: transfer })
  return !text.dispatchEvent(type === "drop" ? dropped() : pasted())
}"""
PASTE_TEXT = """(text) => {
  const transfer = new DataTransfer()
  transfer.setData("text/plain", text)
  const event = new ClipboardEvent("paste", { bubbles: true, cancelable: true, clipboardData: transfer })
  document.querySelector("#body-editor").dispatchEvent(event)
}"""


class WritingTestCase(BrowserTestCase):
    def setUp(self):
        super().setUp()
        self.editor = make_editor()
        self.author = make_author(name="Ines Calloway", user=self.editor)
        self.log_in(self.editor)

    def open(self, article=None, **fields):
        self.article = article or make_draft(**{"body": "<p>Before.</p>", "section": make_section(), **fields})
        self.reload()

    def reload(self):
        self.page.goto(f"/admin/articles/article/{self.article.pk}/change/")
        self.ready()

    def ready(self):
        expect(self.page.locator("html[data-ready][data-autosaving]")).to_be_attached()
        self.text = self.page.get_by_role("textbox", name="Text", exact=True)

    def to_the_end(self, *keys):
        self.text.click()
        self.to_end_of(self.text)
        for key in keys:
            self.pause()
            self.page.keyboard.press(key)
        self.pause()

    def button(self, name):
        self.page.get_by_role("toolbar").get_by_role("button", name=name, exact=True).click()

    def body(self):
        return self.page.evaluate("document.querySelector('.editor-content').editor.getHTML()")

    def save(self):
        with self.page.expect_navigation():
            self.page.get_by_role("button", name="Save draft").click()
        self.ready()
        self.article.refresh_from_db()
        return self.article.body


class ImageTests(WritingTestCase):
    def transfer(self, kind, name="cranes.png", mime="image/png", data=None, html=""):
        data = base64.b64encode(data if data is not None else image_file().read()).decode()
        return self.page.evaluate(TRANSFER, [kind, name, mime, data, html])

    def figure(self):
        return f'<figure data-image="{Image.objects.get().uuid}"><figcaption></figcaption></figure>'

    def test_dropped_image_is_uploaded_inserted_and_described(self):
        self.open()
        self.assertTrue(self.transfer("drop"))
        expect(self.page.locator(".editor-content figure")).to_have_count(1)
        expect(self.page.get_by_text("Alt text and credit are needed before you publish.")).to_be_visible()
        self.page.get_by_role("button", name="Add alt text and credit").click()
        dialog = self.page.get_by_role("dialog", name="Alt text and credit")
        dialog.get_by_label("Alt text").fill("Cranes at dusk")
        dialog.get_by_label("Credit").fill("Photograph: N. N.")
        self.assertEqual(self.axe(), [])
        dialog.get_by_role("button", name="Save").click()
        expect(self.page.locator(".figure__credit")).to_have_text("Photograph: N. N.")
        self.assertEqual(self.save(), f"<p>Before.</p>{self.figure()}")
        self.assertEqual(Image.objects.get().alt, "Cranes at dusk")

    def test_pasted_image_takes_the_place_of_an_empty_line(self):
        self.open(body="<p>Before.</p><p>Last.</p>")
        self.text.locator("p").first.click()
        self.pause()
        self.page.keyboard.press("End")
        self.pause()
        self.page.keyboard.press("Enter")
        self.pause()
        self.assertTrue(self.transfer("paste"))
        expect(self.page.locator(".editor-content figure")).to_have_count(1)
        self.assertEqual(self.save(), f"<p>Before.</p>{self.figure()}<p>Last.</p>")

    def test_refused_files_are_named_with_the_reason(self):
        self.open()
        self.assertTrue(self.transfer("drop", "notes.pdf", "application/pdf", b"%PDF"))
        expect(self.page.get_by_text("notes.pdf cannot be inserted.")).to_be_visible()
        self.assertTrue(self.transfer("drop", "broken.png", "image/png", b"no image"))
        expect(self.page.get_by_text("broken.png was not inserted.")).to_be_visible()
        expect(self.page.locator(".upload-placeholder")).to_have_count(0)
        self.assertEqual(self.body(), "<p>Before.</p>")

    def test_upload_is_tried_again_after_a_lost_connection(self):
        self.expected = ["Failed to load resource", "ERR_"]
        self.open()
        self.page.context.set_offline(True)
        self.transfer("drop")
        expect(self.page.get_by_text("cranes.png was not inserted. Connection lost.")).to_be_visible()
        self.page.context.set_offline(False)
        self.page.get_by_role("button", name="Try again").click()
        expect(self.page.locator(".editor-content figure")).to_have_count(1)

    def test_text_of_an_office_program_is_not_replaced_by_its_picture(self):
        self.open()
        self.to_the_end("Enter")
        self.transfer("paste", html="<table><tr><td>Cell</td></tr></table>")
        expect(self.text.locator("table")).to_contain_text("Cell")
        self.assertFalse(Image.objects.exists())

    def test_width_is_chosen_in_the_toolbar(self):
        image = make_image(alt="Cranes", title="Cranes")
        self.open(body=f'<p>Before.</p><figure data-image="{image.uuid}"><figcaption>In May</figcaption></figure>')
        self.text.locator("figcaption").click()
        self.button("Wide")
        expect(self.page.get_by_role("button", name="Wide")).to_have_attribute("aria-pressed", "true")
        self.assertIn('data-size="wide"', self.save())

    def test_a_click_or_escape_selects_an_image_and_enter_opens_its_details(self):
        image = make_image(alt="Cranes", title="Cranes", credit="A. Name")
        create_missing_renditions(image)
        self.open(body=f'<p>Before.</p><figure data-image="{image.uuid}"><figcaption>In May</figcaption></figure>')
        tools = self.page.get_by_role("button", name="Details…")
        self.text.locator("figure img").click()
        expect(tools).to_be_visible()
        self.screenshot("image-selected")
        self.select("Before")
        expect(tools).to_be_hidden()
        self.text.locator("figcaption").click()
        self.pause()
        self.page.keyboard.press("Escape")
        expect(self.text.locator("figure.ProseMirror-selectednode")).to_be_attached()
        self.page.keyboard.press("Enter")
        details = self.page.locator("#image-details")
        expect(details.get_by_label("Credit")).to_have_value("A. Name")
        self.page.keyboard.press("Escape")
        expect(details).to_be_hidden()
        self.button("Wide")
        self.assertIn('data-size="wide"', self.save())

    def test_image_that_only_the_unsaved_text_has_is_shown(self):
        image = make_image(alt="Cranes", title="Cranes")
        self.open()
        self.to_the_end("Enter")
        self.button("Image")
        self.page.locator("#picker").get_by_role("button", name="Cranes").click()
        expect(self.page.locator("[data-save-status]")).to_contain_text("Saved ")
        self.page.goto("about:blank")
        self.reload()
        expect(self.page.get_by_text("restored.")).to_be_visible()
        expect(self.text.locator("figure")).to_have_count(1)
        expect(self.text.locator("figcaption")).to_be_attached()
        expect(self.text.locator("figure img")).to_be_visible()
        self.assertFalse(self.page.get_by_text("no longer in the library").is_visible())
        self.assertIn(str(image.uuid), self.body())


class LinkTests(WritingTestCase):
    def open_dialog(self):
        self.page.keyboard.press("Control+k")
        self.dialog = self.page.locator("#link-dialog")
        expect(self.dialog).to_be_visible()

    def test_article_is_found_by_headline_and_linked_by_keyboard(self):
        target = make_article(headline="The plug and the queue")
        make_article(headline="Something else")
        self.open()
        self.to_the_end()
        self.page.keyboard.type(" ")
        self.open_dialog()
        self.page.keyboard.type("plug queue")
        expect(self.dialog.get_by_role("option")).to_have_count(1)
        expect(self.dialog.get_by_role("combobox")).to_have_attribute("aria-activedescendant", "link-options-0")
        self.assertEqual(self.axe(), [])
        self.page.keyboard.press("Enter")
        expect(self.text).to_be_focused()
        link = f'<a href="{target.get_absolute_url()}">The plug and the queue</a>'
        self.assertEqual(self.body(), f"<p>Before. {link}</p>")

    def test_address_without_a_selection_becomes_the_text(self):
        self.open()
        self.to_the_end()
        self.page.keyboard.type(" See ")
        self.open_dialog()
        self.page.keyboard.type("example.org/a")
        self.page.keyboard.press("Enter")
        self.page.keyboard.type(".")
        self.assertEqual(self.body(), '<p>Before. See <a href="https://example.org/a">example.org/a</a>.</p>')

    def test_words_that_match_no_page_are_refused(self):
        self.open()
        self.to_the_end()
        self.open_dialog()
        self.page.keyboard.type("nothing like it")
        expect(self.dialog.get_by_text("No page matches.")).to_be_visible()
        self.page.keyboard.press("Enter")
        expect(self.dialog.get_by_role("alert")).to_have_text("Choose a page from the list, or enter a full address.")

    def test_palette_has_a_key_in_the_text(self):
        self.open()
        self.to_the_end()
        self.page.keyboard.press("Control+Shift+k")
        expect(self.page.locator("#palette")).to_be_visible()


class BlockTests(WritingTestCase):
    def test_callout_is_written_left_and_saved(self):
        self.open()
        self.to_the_end("Enter")
        self.page.keyboard.type("How we counted")
        self.button("Callout")
        self.page.keyboard.press("Enter")
        self.page.keyboard.type("Twice.")
        for _ in range(2):
            self.pause()
            self.page.keyboard.press("Enter")
        self.pause()
        self.page.keyboard.type("After.")
        callout = '<aside class="callout"><p>How we counted</p><p>Twice.</p></aside>'
        self.assertEqual(self.save(), f"<p>Before.</p>{callout}<p>After.</p>")
        self.text.locator(".callout p").first.click()
        self.button("Callout")
        self.assertEqual(self.save(), "<p>Before.</p><p>How we counted</p><p>Twice.</p><p>After.</p>")

    def test_pull_quote_is_attributed_in_place(self):
        self.open()
        self.to_the_end("Enter")
        self.button("Pull quote")
        self.page.keyboard.type("Nobody counted.")
        self.page.keyboard.press("Enter")
        expect(self.page.get_by_label("Attribution of the pull quote")).to_be_focused()
        self.page.keyboard.type("A harbour master")
        self.page.keyboard.press("Enter")
        self.page.keyboard.type("After.")
        quote = '<aside class="pullquote" data-by="A harbour master">Nobody counted.</aside>'
        self.assertEqual(self.save(), f"<p>Before.</p>{quote}<p>After.</p>")

    def test_pasted_video_address_becomes_a_card(self):
        self.open()
        self.to_the_end("Enter")
        self.page.evaluate(PASTE_TEXT, "https://www.youtube.com/watch?v=a1")
        expect(self.page.get_by_label("Title of the card for YouTube")).to_be_focused()
        self.page.keyboard.type("The harbour by night")
        self.page.keyboard.press("Enter")
        self.page.keyboard.type("After.")
        card = '<div data-embed="https://www.youtube.com/watch?v=a1" data-title="The harbour by night"></div>'
        self.assertEqual(self.save(), f"<p>Before.</p>{card}<p>After.</p>")

    def test_paywall_marker_sets_access(self):
        self.open(body="<p>Free.</p><p>Paid.</p>")
        self.text.locator("p").first.click()
        self.button("Paywall")
        expect(self.page.get_by_text("Access is now “Subscribers”")).to_be_visible()
        expect(self.page.get_by_label("Access", exact=True)).to_have_value("10")
        self.page.get_by_role("button", name="Keep open to everyone").click()
        expect(self.page.get_by_label("Access", exact=True)).to_have_value("0")


class FormTests(WritingTestCase):
    def test_topic_is_added_by_keyboard_once(self):
        Topic.objects.create(name="Ports", slug="ports")
        self.open()
        self.page.locator("[data-topics] > summary").click()
        field = self.page.get_by_label("Find or add a topic")
        for name in ("Shore power", "shore POWER", "ports"):
            field.fill(name)
            field.press("Enter")
            if name == "Shore power":  # a word that is not finished must not become a topic
                expect(self.page.get_by_text("No topic matches. Press Enter again to add it.")).to_be_visible()
                self.assertEqual(Topic.objects.count(), 1)
                self.page.keyboard.press("Enter")
            expect(field).to_have_value("")
        self.save()
        self.assertEqual(sorted(topic.name for topic in self.article.topics.all()), ["Ports", "Shore power"])
        self.assertEqual(Topic.objects.count(), 2)

    def test_invalid_url_is_focused_below_one_message(self):
        self.expected = ["422"]
        self.open()
        self.page.get_by_text("URL, search and social").click()
        self.page.get_by_label("URL slug").fill("not a slug")
        self.page.get_by_text("URL, search and social").click()
        self.page.get_by_role("button", name="Save draft").click()
        expect(self.page.locator(".errorlist")).to_be_visible()
        expect(self.page.get_by_label("URL slug")).to_be_focused()
        expect(self.page.get_by_label("URL slug")).to_be_in_viewport()
        expect(self.page.locator(".errornote")).to_have_count(1)
        expect(self.page.locator("[data-save-status]")).to_contain_text("Saved ")
        expect(self.page.locator(".notices .unsaved-notice")).to_have_count(0)

    def test_article_is_published_with_the_keyboard_alone(self):
        make_section(name="Environment")
        previous = make_draft(section=make_section(name="Ports"))
        Article.objects.filter(pk=previous.pk).update(created_by=self.editor)
        self.page.goto("/admin/articles/article/add/")
        self.ready()
        self.page.keyboard.type("The plug and the queue")
        self.to_end_of(self.text)
        self.page.keyboard.type("A text.")
        self.page.keyboard.press("Control+Enter")
        self.page.wait_for_url("**/publish/")
        self.page.get_by_label("No AI", exact=True).press("Space")
        self.page.keyboard.press("Control+Enter")
        expect(self.page.get_by_text("Version 1 is live.")).to_be_visible()
        article = Article.objects.get(headline="The plug and the queue")
        self.assertEqual((article.state(), article.section.name), ("published", "Ports"))
        self.assertEqual([byline.author for byline in article.bylines.all()], [self.author])

    def test_panel_says_that_unsaved_changes_are_not_live(self):
        self.open(make_article(body="<p>Before.</p>"))
        expect(self.page.get_by_text("Version 1 is live.", exact=True)).to_be_visible()
        self.to_the_end()
        self.page.keyboard.type(" More.")
        expect(self.page.get_by_text("Version 1 is live, without your unsaved changes.")).to_be_visible()
        expect(self.page.locator("[data-save-status]")).to_contain_text("Saved ")
        expect(self.page.get_by_text("Version 1 is live, without your unsaved changes.")).to_be_visible()
