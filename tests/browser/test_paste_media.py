"""Images and embeds of pasted texts: images go to the library, embeds become cards."""

import base64
from functools import partial
from unittest.mock import patch

from playwright.sync_api import expect

from articles.admin.media import image_fetch
from articles.models import Image
from articles.richtext.vocabulary import clean
from articles.services.media import add_image_from_url
from tests.articles.sources.listener import listening, resolve
from tests.browser.test_writing import WritingTestCase
from tests.factories import image_file

PASTE = """(kinds) => {
  const box = document.querySelector("#body-editor")
  const data = new DataTransfer()
  for (const [kind, text] of Object.entries(kinds)) data.setData(kind, text)
  box.focus()
  box.dispatchEvent(new ClipboardEvent("paste", { clipboardData: data, bubbles: true, cancelable: true }))
}"""
PAGE = """
<h2>The quay</h2>
<p>Cables lie there<a style='mso-footnote-id:ftn1' href="#_ftn1" name="_ftnref1">[1]</a> and
  rust<a href="#_ftn7">[7]</a>.</p>
<figure><img src="http://example.org/quay.png" alt="The quay at night" width="800">
  <figcaption>The quay in <i>May</i></figcaption></figure>
<ul><li>First<img src="data:image/png;base64,{data}" alt="crane.png"></li><li>Second</li></ul>
<p><img src="https://gone.example/a.jpg"><img src="https://gone.example/b.jpg"><img src="cid:3"></p>
<iframe src="https://www.youtube-nocookie.com/embed/abc_123-x?rel=0" title="Harbour film"></iframe>
<iframe src="https://ads.example/slot"></iframe>
<table><tr><td><b>Year</b></td><td><b>Berths</b></td></tr><tr><td>2026</td><td>4</td></tr></table>
<img src="https://pixel.example/1.gif" width="1" height="1">
<div style='mso-element:footnote' id=ftn1><p><a href="#_ftnref1" name="_ftn1">[1]</a> Port authority.</p></div>
"""
TEXT = (
    '<h2>The quay</h2><p>Cables lie there<sup data-footnote="Port authority."></sup> and rust.</p>{quay}'
    "<ul><li><p>First</p></li><li><p>Second</p></li></ul>{crane}"
    '<div data-embed="https://www.youtube.com/watch?v=abc_123-x" data-title="Harbour film"></div>'
    "<table><tbody><tr><th><p>Year</p></th><th><p>Berths</p></th></tr>"
    "<tr><td><p>2026</p></td><td><p>4</p></td></tr></tbody></table>"
)
FIGURE = '<figure data-image="{}"><figcaption>{}</figcaption></figure>'


class PastedMediaTests(WritingTestCase):
    def setUp(self):
        super().setUp()
        self.listener = self.enterContext(listening())
        self.listener.answers |= {"/quay.png": image_file(color="navy").getvalue(), "/a.jpg": 404, "/b.jpg": 404}

        def connect(address, timeout):
            return self.listener.connect(address, timeout)

        # The pages of https addresses are not reached, since the listener has no certificate.
        add = partial(add_image_from_url, resolve=resolve, connect=connect)
        self.enterContext(patch.object(image_fetch, "add_image_from_url", add))
        self.open(body="")

    def paste(self, html="", **kinds):
        self.page.evaluate(PASTE, ({"text/html": html} if html else {}) | kinds)

    def stored(self):
        """Return the body as it would be stored now."""
        return clean(self.page.evaluate("document.getElementById('id_body').value"))

    def test_pasted_page_keeps_images_embeds_table_and_notes(self):
        held = []
        self.page.route("**/image/fetch/", lambda route: held.append(route) if not held else route.continue_())
        self.paste(PAGE.format(data=base64.b64encode(image_file(color="olive").getvalue()).decode()))
        for text in (
            "1 embed became a card. 1 image was not pasted. 1 embed was not pasted. 1 footnote was left out",
            "Adding 4 images to the library…",
        ):
            expect(self.page.get_by_text(text)).to_be_visible()
        expect(self.page.locator(".upload-placeholder")).to_have_count(4)
        self.assertEqual(self.stored(), TEXT.format(quay="", crane=""))
        self.assertEqual(self.axe(), [])
        self.screenshot("paste-pending")
        self.page.get_by_role("button", name="Save draft").click()
        expect(self.page.get_by_text("The text will be saved when its images are in the library.")).to_be_visible()
        with self.page.expect_navigation():
            held[0].continue_()
        self.ready()
        self.article.refresh_from_db()
        quay, crane = Image.objects.get(alt="The quay at night"), Image.objects.get(alt="")
        self.assertEqual(quay.terms, "http://example.org/quay.png")
        self.assertEqual(
            self.article.body,
            TEXT.format(quay=FIGURE.format(quay.uuid, "The quay in <em>May</em>"), crane=FIGURE.format(crane.uuid, "")),
        )
        self.assertEqual(Image.objects.count(), 2)

    def test_alt_texts_are_asked_for_one_image_after_the_other(self):
        images = (base64.b64encode(image_file(color=color).getvalue()).decode() for color in ("olive", "navy", "teal"))
        self.paste("".join(f'<p><img src="data:image/png;base64,{data}"></p>' for data in images))
        self.page.get_by_role("button", name="Add alt text and credit").click()
        picker = self.page.locator("#picker")
        for number in (1, 2):
            expect(picker.get_by_role("heading")).to_contain_text(f"Image {number} of 3")
            expect(picker.locator("[data-metadata-image]")).to_be_visible()
            picker.get_by_label("Alt text").fill(f"Picture {number}")
            picker.get_by_label("Credit").fill("A. Name")
            picker.get_by_role("button", name="Save").click()
        picker.get_by_role("heading", name="Image 3 of 3").wait_for()
        self.screenshot("paste-describe")
        picker.get_by_role("button", name="Cancel").click()
        expect(self.page.get_by_text("1 image still needs alt text and a credit")).to_be_visible()
        self.page.get_by_role("button", name="Add alt text and credit").click()
        expect(picker.get_by_label("Alt text")).to_have_value("")
        self.assertEqual(
            sorted(Image.objects.exclude(alt="").values_list("alt", flat=True)), ["Picture 1", "Picture 2"]
        )

    def test_images_that_could_not_be_fetched_are_named_and_can_be_undone(self):
        self.paste(
            '<p>One</p><img src="http://example.org/quay.png"><img src="http://example.org/a.jpg">'
            '<img src="http://other.example/b.jpg"><p>Two</p>'
        )
        notice = self.page.locator("[data-notices]")
        expect(notice).to_contain_text("1 image was added to the library and the text. Alt text and credit are needed")
        expect(notice).to_contain_text("2 images could not be fetched: example.org and other.example.")
        expect(notice.get_by_role("button", name="Add alt text and credit")).to_be_visible()
        figure = FIGURE.format(Image.objects.get().uuid, "")
        self.assertEqual(self.stored(), f"<p>One</p>{figure}<p>Two</p>")
        self.screenshot("paste-done")
        self.page.keyboard.press("Control+z")
        self.assertEqual(self.stored(), "")
        self.page.keyboard.press("Control+Shift+z")
        self.assertEqual(self.stored(), f"<p>One</p>{figure}<p>Two</p>")

    def test_images_wait_for_a_lost_connection(self):
        self.expected = ["Failed to load resource", "ERR_"]
        self.page.route("**/image/fetch/", lambda route: route.abort())
        self.paste('<p>One</p><img src="http://example.org/quay.png">')
        expect(self.page.get_by_text("1 image is missing because the server did not answer.")).to_be_visible()
        self.page.unroute("**/image/fetch/")
        self.page.get_by_role("button", name="Try again").click()
        expect(self.text.locator("figure")).to_have_count(1)

    def test_images_of_word_come_from_its_rich_text(self):
        crane = image_file(color="olive").getvalue()
        shape = r"{\shp{\sp{\sn pib}{\sv {\pict\wmetafile8 0102}}}}"
        rtf = (
            r"{\rtf1{\*\listpicture{\pict\pngblip ffff}}One\par{\*\shppict{\pict{\*\picprop x}\picw10\pngblip"
            + "\n"
            + crane.hex()
            + r"}}{\nonshppict{\pict\wmetafile8 0102}}"
            + shape
            + "}"
        )
        html = '<p class=MsoNormal>One<img src="file:///C:/clip1.png" alt="A crane"></p><p><img src="file:///C:/2.wmf"></p>'
        self.paste(html, **{"text/rtf": rtf})
        expect(self.text.locator("figure")).to_have_count(1)
        expect(self.page.get_by_text("1 image was not pasted.")).to_be_visible()
        image = Image.objects.get()
        self.assertEqual((image.alt, image.file.read()), ("A crane", crane))

    def test_a_single_link_and_code_for_embedding_become_cards(self):
        code = '<iframe width="560" src="https://player.vimeo.com/video/12?h=a" title="Vimeo video player"></iframe>'
        link = '<a style="color:red" href="https://mastodon.example/@port/112233445566778899">The port’s post</a>'
        self.paste(**{"text/plain": code})
        self.assertEqual(self.stored(), '<div data-embed="https://vimeo.com/12"></div>')
        self.page.evaluate("document.querySelector('#body-editor').editor.commands.setContent('')")
        self.paste(link, **{"text/plain": "The port’s post"})
        self.assertEqual(
            self.stored(),
            '<div data-embed="https://mastodon.example/@port/112233445566778899" data-title="The port’s post"></div>',
        )

    def test_code_of_sites_that_fill_it_by_a_script_becomes_a_card(self):
        script = '<script async src="https://site.example/embed.js"></script>'
        address = "https://mastodon.example/@port/112233445566778899"
        for code, expected in (
            (
                '<blockquote class="instagram-media" data-instgrm-permalink="https://www.instagram.com/p/C_1-x/">'
                "<a>View this post</a></blockquote>",
                "https://www.instagram.com/p/C_1-x/",
            ),
            (f'<blockquote class="mastodon-embed" data-embed-url="{address}/embed"><a>View</a></blockquote>', address),
            (
                '<div class="flourish-embed" data-src="visualisation/42"></div>',
                "https://public.flourish.studio/visualisation/42/",
            ),
        ):
            with self.subTest(expected):
                self.page.evaluate("document.querySelector('#body-editor').editor.commands.setContent('')")
                self.paste(**{"text/plain": f"{code} {script}"})
                self.assertEqual(self.stored(), f'<div data-embed="{expected}"></div>')
        self.page.evaluate("document.querySelector('#body-editor').editor.commands.setContent('')")
        self.paste(**{"text/plain": '<div class="note">HTML of a page</div>'})
        self.assertEqual(self.stored(), '<p>&lt;div class="note"&gt;HTML of a page&lt;/div&gt;</p>')
