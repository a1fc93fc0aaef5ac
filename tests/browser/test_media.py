"""The image library in a browser: uploads, focal point, and the library dialog of the editor."""

import json
import re
from unittest import mock

from playwright.sync_api import expect

from articles.media.renditions import create_missing_renditions
from articles.models import Article, Document, Image
from articles.services.media import add_to_library, make_first_renditions
from tests.browser.base import BrowserTestCase
from tests.factories import image_file, make_draft, make_editor, make_image

DROP = """async (files) => {
  const transfer = new DataTransfer()
  for (const { name, type, bytes } of files) transfer.items.add(new File([new Uint8Array(bytes)], name, { type }))
  const target = document.querySelector("[data-upload]")
  for (const name of ["dragenter", "dragover", "drop"]) {
    target.dispatchEvent(new DragEvent(name, { bubbles: true, cancelable: true, dataTransfer: transfer }))
  }
}"""


def file(name, data, kind="image/png"):
    return {"name": name, "type": kind, "bytes": list(data)}


class MediaTests(BrowserTestCase):
    def setUp(self):
        super().setUp()
        self.editor = make_editor()
        self.log_in(self.editor)

    def test_dropped_files_are_uploaded_and_an_invalid_one_is_rejected(self):
        colors = ("teal", "navy", "olive")
        files = [file(f"{color}.png", image_file(color=color, width=300, height=200).getvalue()) for color in colors]
        files.append(file("drawing.svg", b"<svg xmlns='http://www.w3.org/2000/svg'/>", "image/svg+xml"))
        self.page.goto("/admin/articles/image/")
        self.page.evaluate(DROP, files)
        self.page.get_by_text("3 uploaded, 1 failed.").wait_for()
        self.assertIn("SVG images", self.page.locator("li", has_text="drawing.svg").inner_text())
        self.screenshot("media-dropped")
        self.assertEqual(self.axe(), [])
        self.page.get_by_role("link", name="Add alt text and credits").click()
        self.page.locator("#all-credit").fill("Photograph: A. Name")
        for box in self.page.locator("textarea[name$=-alt]").all():
            box.fill("A field of one colour")
        self.screenshot("media-words")
        self.assertEqual(self.axe(), [])
        self.page.get_by_role("button", name="Save").click()
        self.page.get_by_text("Metadata of 3 images saved.").wait_for()
        self.assertEqual(Image.objects.filter(complete=True, credit="Photograph: A. Name").count(), 3)

    def test_focal_point_is_set_by_click_and_keyboard(self):
        image = make_image()
        create_missing_renditions(image)
        self.page.goto(f"/admin/articles/image/{image.pk}/change/")
        box = self.page.locator("[data-focal] img").bounding_box()
        self.page.mouse.click(box["x"] + box["width"] * 0.3, box["y"] + box["height"] * 0.6)
        point = lambda: [self.page.locator(f"#id_focal_{axis}").input_value() for axis in "xy"]  # noqa: E731
        self.assertEqual(point(), ["30", "60"])
        for key in ("ArrowRight", "Shift+ArrowRight", "ArrowUp", "Shift+ArrowUp"):
            self.page.keyboard.press(key)
        self.assertEqual(point(), ["41", "49"])
        for _ in range(9):
            self.page.keyboard.press("Shift+ArrowLeft")
        self.assertEqual(point(), ["0", "49"])
        self.assertIn("0 percent from the left", self.page.locator(".focal__dot").get_attribute("aria-label"))
        for scheme, width in (("light", 1440), ("dark", 390)):
            self.page.emulate_media(color_scheme=scheme)
            self.page.set_viewport_size({"width": width, "height": 900})
            self.assertEqual(self.axe(), [])
            self.screenshot(f"media-picture-{scheme}-{width}")
        self.page.get_by_role("button", name="Save", exact=True).click()
        self.page.get_by_text("Saved.").wait_for()
        image.refresh_from_db()
        self.assertEqual(image.focal, (0, 49))


class LibraryPickerTests(BrowserTestCase):
    def open(self, article):
        self.page.goto(f"/admin/articles/article/{article.pk}/change/")
        self.page.locator("html[data-ready]").wait_for()
        self.page.locator(".editor-content").click()

    def setUp(self):
        super().setUp()
        self.log_in(make_editor())
        self.article = make_draft(body="<p>Words.</p>")

    def save(self):
        self.page.get_by_role("button", name=re.compile(r"^Save( draft)?$")).click()
        self.page.get_by_text("Saved.", exact=False).first.wait_for()
        return Article.objects.get().body

    def test_image_is_uploaded_described_and_inserted(self):
        self.open(self.article)
        self.page.get_by_role("button", name="Image", exact=True).click()
        picker = self.page.locator("#picker")
        data = image_file(width=300, height=200).getvalue()
        picker.locator("input[type=file]").set_input_files(
            {"name": "quay.png", "mimeType": "image/png", "buffer": data}
        )
        picker.get_by_label("Alt text").fill("A quay at dusk")
        self.assertEqual(self.axe(), [])
        self.screenshot("media-picker")
        picker.get_by_label("Credit").fill("Photograph: A. Name")
        picker.get_by_role("button", name="Save and insert").click()
        self.page.locator(".editor-content figure").wait_for()
        image = Image.objects.get()
        self.assertEqual((image.alt, image.complete), ("A quay at dusk", True))
        self.assertIn(f'<figure data-image="{image.uuid}">', self.save())

    def upload(self, picker, data):
        picker.locator("input[type=file]").set_input_files({"name": "q.png", "mimeType": "image/png", "buffer": data})

    def test_an_image_that_is_in_the_library_is_inserted_from_there(self):
        data = image_file(width=300, height=200)
        image = add_to_library(file=data, alt="A quay", credit="A. Name", title="The quay")
        self.open(self.article)
        for several in (False, True):
            self.page.get_by_role("button", name="Gallery" if several else "Image", exact=True).click()
            picker = self.page.locator("#picker")
            picker.get_by_role("button", name="The quay").wait_for()
            self.upload(picker, data.getvalue())
            if several:
                picker.get_by_text("1 image was in the library already.").wait_for()
                expect(picker.get_by_role("button", name="The quay")).to_have_count(1)
                expect(picker.get_by_text("1 image chosen.")).to_be_visible()
            else:
                self.page.get_by_text("1 image was in the library already and was inserted from there.").wait_for()
                expect(self.page.locator(".editor-content figure")).to_have_count(1)
        self.assertEqual(Image.objects.get(), image)

    def test_lead_image_is_uploaded_replaced_and_removed(self):
        other = make_image(title="Cranes")
        self.open(self.article)
        self.page.locator("summary", has_text="Lead image").click()
        side = self.page.locator("#side")
        expect(side.locator("select[name=lead]")).to_be_hidden()
        side.get_by_role("button", name="Choose from the library: Image", exact=True).click()
        picker = self.page.locator("#picker")
        data = image_file(width=600, height=400, color="teal").getvalue()
        # Until a worker has made a size, the page shows the local file.
        with mock.patch.object(type(make_first_renditions), "enqueue"):
            picker.locator("input[type=file]").set_input_files(
                {"name": "quay.png", "mimeType": "image/png", "buffer": data}
            )
            picker.get_by_label("Alt text").fill("A quay at dusk")
            picker.get_by_label("Credit").fill("Photograph: A. Name")
            picker.get_by_role("button", name="Save and insert").click()
            preview = side.locator("[data-image-choice]").first.locator("img")
            expect(preview).to_have_attribute("src", re.compile("^blob:"))
            self.assertGreater(preview.evaluate("image => image.decode().then(() => image.naturalWidth)"), 0)
        self.assertEqual(self.axe(), [])
        self.screenshot("media-lead-image")
        make_first_renditions.call(Image.objects.latest("pk").pk)
        expect(preview).to_have_attribute("src", re.compile("/media/"))
        side.get_by_role("button", name="Replace: Image", exact=True).click()
        picker.get_by_role("button", name="Cranes").click()
        expect(side.locator("[data-image-name]").first).to_have_text("Cranes")
        self.save()
        self.assertEqual(Article.objects.get().lead, other)
        side.get_by_role("button", name="Remove: Image", exact=True).click()
        expect(preview).to_have_count(0)
        expect(side.locator("select[name=lead]")).to_have_value("")

    def test_document_is_uploaded_and_linked(self):
        self.open(self.article)
        self.page.keyboard.press("Control+End")
        self.page.get_by_role("button", name="Document", exact=True).click()
        picker = self.page.locator("#picker")
        table = {"name": "berths 2026.csv", "mimeType": "text/csv", "buffer": b"year,berths\n2026,11\n"}
        picker.locator("input[type=file]").set_input_files(table)
        self.assertEqual(picker.get_by_label("Title").input_value(), "berths 2026")
        picker.get_by_label("Credit").fill("Port authority")
        picker.get_by_role("button", name="Upload and insert").click()
        self.page.locator(".editor-content a").wait_for()
        self.page.keyboard.type(" And on.")
        link = f'<a href="{Document.objects.get().get_absolute_url()}">berths 2026</a>'
        self.assertIn(f"{link} And on.", self.save())

    def test_library_is_searched_and_paginated(self):
        for number in range(38):
            make_image(title=f"Picture {number}")
        self.open(self.article)
        self.page.get_by_role("button", name="Image", exact=True).click()
        tiles = self.page.locator("#picker [data-grid] button")
        self.page.locator("#picker").get_by_role("button", name="Show more").click()
        tiles.nth(37).wait_for()
        self.page.get_by_label("Search the library").fill("Picture 37")
        tiles.nth(1).wait_for(state="detached")
        tiles.first.click()
        self.page.locator(".editor-content figure").wait_for()
        self.assertIn(str(Image.objects.get(title="Picture 37").uuid), json.dumps(self.save()))
