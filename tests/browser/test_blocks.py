"""Blocks of the text in a browser: galleries, moving blocks, details of images, saved blocks."""

from playwright.sync_api import expect

from articles.media.renditions import create_first_renditions
from articles.models import SavedBlock
from articles.richtext.vocabulary import clean
from articles.services.media import make_renditions
from articles.services.publishing import publish
from tests.browser.test_writing import WritingTestCase
from tests.budget import takes_longer
from tests.factories import make_image


class GalleryTests(WritingTestCase):
    def setUp(self):
        super().setUp()
        self.images = [make_image(title=f"Picture {n}", alt=f"Alt {n}") for n in range(1, 8)]

    def choose(self, *numbers):
        for number in numbers:
            self.page.locator("#picker").get_by_role("button", name=f"Picture {number}").click()

    def titles(self, body):
        uuids = {str(image.uuid): image.title[-1] for image in self.images}
        return "".join(uuids[part[:36]] for part in body.split('data-image="')[1:])

    def test_gallery_is_inserted_arranged_and_left_with_one_image(self):
        self.open()
        self.to_the_end()
        self.button("Gallery")
        picker = self.page.get_by_role("dialog", name="Choose images")
        insert = picker.get_by_role("button", name="Insert", exact=True)
        self.choose(3)
        expect(insert).to_be_disabled()
        self.choose(1, 2, 1, 4, 5, 6, 7, 1)
        expect(picker.locator("[data-status]")).to_have_text("Only 6 images can be chosen here.")
        self.assertEqual(self.axe(), [])
        self.screenshot("gallery-picker")
        insert.click()
        expect(self.text.locator(".gallery figure")).to_have_count(6)
        self.assertEqual(self.titles(self.body()), "324567")
        self.text.locator("figcaption").nth(1).click()
        self.page.keyboard.type("Cranes")
        self.button("← Earlier")
        expect(self.page.get_by_role("button", name="← Earlier")).to_have_attribute("aria-disabled", "true")
        self.assertEqual(self.titles(self.body()), "234567")
        self.screenshot("gallery-editor")
        body = self.save()
        self.assertEqual((self.titles(body), body.count("data-gallery")), ("234567", 1))
        self.assertIn("<figcaption>Cranes</figcaption>", body)

    def test_gallery_with_one_image_left_becomes_that_image_and_gets_another(self):
        figures = "".join(
            f'<figure data-image="{image.uuid}"><figcaption></figcaption></figure>' for image in self.images
        )
        two = "".join(figures.partition("</figure>")[:2]) + "".join(figures.split("</figure>")[1]) + "</figure>"
        self.open(body=f'<p>Before.</p><div data-gallery="">{two}</div>')
        self.text.locator("figcaption").first.click()
        self.button("+ Images")
        self.choose(3)
        self.page.locator("#picker").get_by_role("button", name="Insert", exact=True).click()
        expect(self.text.locator(".gallery figure")).to_have_count(3)
        self.assertEqual(self.titles(self.body()), "132")
        for _ in range(2):
            self.text.locator(".gallery figure img, .gallery figure .no-image").first.click()
            self.pause()
            self.page.keyboard.press("Delete")
            self.pause()
        expect(self.text.locator(".gallery")).to_have_count(0)
        self.assertEqual(self.titles(self.save()), "2")


class ImageDetailsTests(WritingTestCase):
    def test_details_of_the_selected_image_are_saved_in_the_library(self):
        image = make_image(title="Cranes", alt="Cranes")
        make_renditions.call(image.pk)
        self.open(body=f'<p>Before.</p><figure data-image="{image.uuid}"><figcaption>In May</figcaption></figure>')
        self.text.locator("figcaption").click()
        self.button("Details…")
        dialog = self.page.get_by_role("dialog", name="Cranes")
        expect(dialog.get_by_label("Credit")).to_have_value("Drawing: T. Est")
        dialog.get_by_label("Alt text").fill("Cranes at dusk")
        dialog.get_by_label("Credit").fill("Photograph: N. N.")
        dialog.get_by_role("button", name="Focal point").press("Shift+ArrowLeft")
        expect(dialog.get_by_label("Percent from the left", exact=True)).to_have_value("40")
        self.assertEqual(self.axe(), [])
        self.screenshot("image-details")
        dialog.get_by_role("button", name="Save").click()
        expect(self.page.locator(".figure__credit")).to_have_text("Photograph: N. N.")
        expect(self.text).to_be_focused()
        image.refresh_from_db()
        self.assertEqual((image.alt, image.credit, image.focal), ("Cranes at dusk", "Photograph: N. N.", (40, 50)))


class SavedBlockTests(WritingTestCase):
    def test_box_is_saved_inserted_as_a_copy_and_deleted(self):
        box = '<aside class="callout"><p>How we count.</p></aside>'
        self.open(body=f"<p>Before.</p>{box}")
        self.expected = ["status of 422"]
        self.select("How we count.")
        self.button("Saved blocks")
        dialog = self.page.get_by_role("dialog", name="Saved blocks")
        expect(dialog.get_by_text("There are no saved blocks yet.")).to_be_visible()
        dialog.get_by_role("button", name="Save this block").click()
        expect(dialog.get_by_text("Enter a name.")).to_be_visible()
        dialog.get_by_label("Save this block as").fill("Counting")
        self.page.keyboard.press("Enter")
        expect(dialog.get_by_text("Saved. You can insert it in any text.")).to_be_visible()
        self.assertEqual(SavedBlock.objects.get().body, box)
        self.assertEqual(self.axe(), [])
        self.screenshot("saved-blocks")
        dialog.get_by_role("button", name="Close").click()
        self.select("Before.")
        self.button("Saved blocks")
        dialog.get_by_role("button", name="Counting How we count.").click()
        expect(self.text.locator(".callout")).to_have_count(2)
        self.button("Saved blocks")
        dialog.get_by_role("button", name="Delete “Counting”").click()
        dialog.get_by_role("button", name="Really delete “Counting”?").click()
        expect(dialog.get_by_text("There are no saved blocks yet.")).to_be_visible()
        dialog.get_by_role("button", name="Close").click()
        self.assertEqual(self.save(), f"<p>Before.</p>{box}{box}")
        self.assertFalse(SavedBlock.objects.exists())


class MovingTests(WritingTestCase):
    def move(self, words, key):
        self.select(words)
        self.pause()
        self.page.keyboard.press(f"Alt+Shift+Arrow{key}")
        self.pause()

    def test_blocks_are_moved_by_keys_and_back_by_undo(self):
        image = make_image(title="Cranes")
        figure = f'<figure data-image="{image.uuid}"><figcaption>In May</figcaption></figure>'
        one, box = "<p>One.</p>", '<aside class="callout"><p>Box</p></aside>'
        items, table = (
            "<ul><li><p>a</p></li><li><p>bee</p></li></ul>",
            "<table><tbody><tr><td><p>cell</p></td></tr></tbody></table>",
        )
        self.open(body=one + items + box + figure + table)
        self.move("bee", "Up")
        self.page.keyboard.type("!")
        items = items.replace("bee", "!")
        self.move("cell", "Up")
        self.move("Box", "Down")
        self.move("In May", "Up")
        self.move("One.", "Down")
        order = items + table + one + figure + box
        self.assertEqual(self.save().replace(' colspan="1" rowspan="1"', ""), order)
        self.move("!", "Up")
        self.assertTrue(self.body().startswith("<ul>"), "Nothing is above it.")
        self.move("!", "Down")
        self.assertTrue(self.body().startswith("<table"))
        self.page.keyboard.press("Control+z")
        self.assertTrue(self.body().startswith("<ul>"))


class PlaceTests(WritingTestCase):
    """What is put into a list, a quotation or a table stands behind it at once, as readers get it."""

    PLACES = {
        "list": ("<ul><li><p>One</p></li><li><p>Here</p></li></ul>", "ul"),
        "nested list": ("<ul><li><p>One</p><ol><li><p>Here</p></li></ol></li></ul>", "ul"),
        "quotation": ("<blockquote><p>Here</p><p>Two</p></blockquote>", "blockquote"),
        "table": ("<table><tbody><tr><th><p>One</p></th></tr><tr><td><p>Here</p></td></tr></tbody></table>", "table"),
        "empty cell": ("<table><tbody><tr><th><p>Here</p></th></tr></tbody></table>", "table"),
    }
    TOP = """() => [...new DOMParser().parseFromString(document.querySelector('.editor-content').editor.getHTML(),
      'text/html').body.children].map((element) => element.tagName.toLowerCase())"""

    @takes_longer("An editor is opened for each place.")
    def test_a_picture_put_into_a_block_stands_behind_it_and_reaches_readers(self):
        image = make_image(title="Picture", alt="A crane", credit="Photo: T. Est")
        create_first_renditions(image)
        for place, (html, tag) in self.PLACES.items():
            with self.subTest(place):
                self.open(body=f"<p>Before.</p>{html}<p>After.</p>")
                self.text.get_by_text("Here").click()
                if place == "empty cell":
                    self.page.keyboard.press("End")
                    for _ in "Here":
                        self.page.keyboard.press("Backspace")
                self.pause()
                self.button("Image")
                self.page.locator("#picker").get_by_role("button", name="Picture").click()
                expect(self.text.locator("figure img")).to_have_count(1)
                top = self.page.evaluate(self.TOP)
                self.assertEqual(top[top.index(tag) : top.index(tag) + 2], [tag, "figure"])
                shown = self.page.evaluate("document.querySelector('.editor-content').editor.getText()").split()
                body = self.save()
                self.assertEqual(body.count("<figure"), 1)
                self.assertIn(f"</{tag}><figure", body)
                for word in shown:
                    self.assertIn(word, body)
                publish(item=self.article, by=self.editor)
                self.page.goto(self.article.get_absolute_url())
                expect(self.page.get_by_role("img", name="A crane")).to_be_visible()

    def test_blocks_of_all_kinds_leave_a_list_in_their_order(self):
        self.open(body="<ul><li><p>Here</p></li></ul>")
        image = make_image(title="Picture", alt="A crane")
        figure = f'<figure data-image="{image.uuid}"><figcaption>first</figcaption></figure>'
        self.text.get_by_text("Here").click()
        self.page.keyboard.press("End")
        inserted = (
            f'{figure}<aside class="pullquote">second</aside><aside class="callout"><p>third</p></aside>'
            '<p data-button=""><a href="https://example.org/">fourth</a></p>'
        )
        self.page.evaluate(
            "(html) => document.querySelector('.editor-content').editor.commands.insertContent(html)", inserted
        )
        body = self.save()
        places = [body.index(word) for word in ("Here", "</ul>", "first", "second", "third", "fourth")]
        self.assertEqual(places, sorted(places))
        self.assertEqual(body, clean(body))

    def test_the_cursor_goes_with_a_pull_quote_made_in_a_list(self):
        self.open(body="<ul><li><p>Here</p></li></ul>")
        self.text.get_by_text("Here").click()
        self.page.keyboard.press("End")
        self.page.keyboard.press("Enter")
        self.pause()
        self.button("Pull quote")
        self.page.keyboard.type("Cranes stand still")
        body = self.save()
        self.assertIn('</ul><aside class="pullquote">Cranes stand still</aside>', body)
