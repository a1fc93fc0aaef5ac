"""Figures, captions and galleries in imported texts."""

import json
import re

from articles.models import Article, Image, Page
from tests.contrib.importers.test_images import SITE, MediaCase, attachment
from tests.contrib.importers.wordpress.files import item, meta


class FigureTests(MediaCase):
    def setUp(self):
        super().setUp()
        for name in "abcdefgh":
            self.add_file(f"{name}.png")

    def image(self, name, alt=""):
        return f'<img src="{SITE}/{name}.png" alt="{alt}">'

    def figure(self, name, caption=""):
        figcaption = f"<figcaption>{caption}</figcaption>" if caption else ""
        return f'<figure data-image="{name}.png">{figcaption}</figure>'

    def test_captions_keep_their_links_and_emphasis(self):
        text = 'By <a href="https://x.example/">Ann</a>, <b>2014</b>'
        figure = f"<figure>{self.image('a')}<figcaption>{text}</figcaption></figure>"
        caption = 'By <a href="https://x.example/">Ann</a>, <strong>2014</strong>'
        self.assertEqual(self.body(f"<p>One</p>{figure}<p>Two</p>"), f"<p>One</p>{self.figure('a', caption)}<p>Two</p>")

    def test_caption_shortcodes(self):
        body = self.body(f'[caption id="x" width="300"]{self.image("a")} The bridge[/caption]')
        self.assertEqual(body, self.figure("a", "The bridge"))

    def test_a_linked_size_becomes_the_file_itself(self):
        self.add_file("a-150x150.png")
        linked = f'<a href="{SITE}/a.png"><img src="{SITE}/a-150x150.png"></a>'
        self.assertEqual(self.body(f"<p>{linked}</p>"), self.figure("a"))

    def test_images_in_text_stand_beside_their_paragraph(self):
        cases = {
            f"<p>{self.image('a')} Text.</p>": self.figure("a") + "<p> Text.</p>",
            f"<p>Text {self.image('a')} goes on.</p>": "<p>Text  goes on.</p>" + self.figure("a"),
            f"<p>One<br>{self.image('a')}<br>Two</p>": f"<p>One</p>{self.figure('a')}<p><br>Two</p>",
            f"<p><strong>{self.image('a')}</strong></p>": self.figure("a"),
            f"<p>T {self.image('a')} and {self.image('b')}</p>": "<p>T  and </p>" + self.figure("a") + self.figure("b"),
            f"<blockquote><p>Said {self.image('a')}</p></blockquote>":
                "<blockquote><p>Said </p></blockquote>" + self.figure("a"),
            f"<ol><li>One {self.image('a')}</li><li>Two</li></ol>":
                f'<ol><li>One </li></ol>{self.figure("a")}<ol start="2"><li>Two</li></ol>',
            f"<table><tr><td>{self.image('a')}</td></tr></table>": self.figure("a"),
            f"<div>Loose {self.image('a')}</div>": "<p>Loose </p>" + self.figure("a"),
        }  # fmt: skip
        for number, (content, expected) in enumerate(cases.items(), start=1):
            with self.subTest(content):
                self.run_import(item(number, content=f"<!-- wp:html -->{content}"))
                body = self.named(Article.objects.get(slug=f"item-{number}").body)
                self.assertEqual(re.sub(r"\s+(?=<)|(?<=>)\s+", "", body), re.sub(r"\s+(?=<)|(?<=>)\s+", "", expected))

    def test_galleries_have_two_to_six_images_each(self):
        media = [attachment(number, f"{name}.png") for number, name in enumerate("abcdefgh", start=10)]
        ids = ",".join(str(number) for number in range(10, 17))
        body = self.body(f'One [gallery ids="{ids}"] Two', *media)
        self.assertEqual([part.count("<figure") for part in body.split("data-gallery")], [0, 4, 3])
        self.assertEqual(re.findall("image=.(.)", body), list("abcdefg"))

    def test_gallery_blocks_and_lists_keep_captions_and_report_what_is_missing(self):
        def entry(name, caption=""):
            return f"<figure>{self.image(name, 'Alt')}<figcaption>{caption}</figcaption></figure>"

        entries = entry("a", "First") + entry("gone") + entry("b")
        block = f"<!-- wp:gallery --><figure>{entries}<figcaption>All</figcaption></figure>"
        items = f"<ul><li>{entry('c', 'Third')}</li><li>{entry('d')}</li></ul>"
        body = self.body(block + items)
        self.assertIn(f'<div data-gallery="">{self.figure("a", "First")}{self.figure("b")}</div>', body)
        self.assertIn(f'<div data-gallery="">{self.figure("c", "Third")}{self.figure("d")}</div>', body)
        self.assertIn("<p><em>image not included: Alt</em></p><p>All</p>", body)

    def test_the_lead_image_has_its_caption_and_is_not_repeated(self):
        media = attachment(9, "a.png", alt="Bridge", excerpt="Closed.")
        self.run_import(media, item(1, content=f"{self.image('a')}\n\nText", more=meta("_thumbnail_id", "9")))
        article = Article.objects.get()
        self.assertEqual((article.lead, article.lead_caption), (Image.objects.get(), ""))
        self.assertEqual(article.body, "<p>Text</p>")
        self.assertEqual(json.loads(article.live.content)["lead"]["uuid"], str(article.lead.uuid))

    def test_pages_show_their_lead_image_first(self):
        more = meta("_thumbnail_id", "9")
        self.run_import(attachment(9, "a.png"), item(1, content="Text", wp_post_type="page", more=more))
        self.assertEqual(self.named(Page.objects.get().body), self.figure("a") + "<p>Text</p>")

    def test_alternative_text_comes_from_the_first_place_that_has_one(self):
        self.run_import(attachment(9, "a.png"), item(1, content=self.image("a", "A bridge")))
        self.assertEqual(Image.objects.get().alt, "A bridge")

    def test_emoji_are_text(self):
        emoji = '<img src="https://s.w.org/images/core/emoji/72x72/1f600.png" alt="😀" class="emoji">'
        self.assertEqual(self.body(f"<p>Well {emoji}!</p>"), "<p>Well 😀!</p>")
