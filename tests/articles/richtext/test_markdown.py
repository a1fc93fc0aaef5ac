"""Bodies as Markdown: notes, images, boxes and embeds."""

from django.test import SimpleTestCase

from articles.richtext.markdown import to_markdown
from articles.richtext.vocabulary import clean

UUID = "5a0bd7bb-4c3c-4d21-9ef3-0f8a1a1a8c11"


class MarkdownTests(SimpleTestCase):
    def test_notes_images_boxes_and_embeds(self):
        body = (
            f'<p>A claim<sup data-footnote="See *page* 7."></sup>.</p><figure data-image="{UUID}"></figure>'
            '<aside class="pullquote" data-by="A. Orr">Never.</aside><aside class="callout"><p>A box</p></aside>'
            '<div data-embed="https://www.youtube.com/watch?v=dQw4w9WgXcQ" data-title="A film"></div>'
        )
        pictures = {UUID: {"alt": "A [river]", "caption": "The river", "credit": "Photograph: A. Orr"}}
        text = to_markdown(clean(body), pictures, {UUID: "../files/a b.png"})
        self.assertEqual(
            text,
            "A claim[^1].\n\n![A \\[river\\]](../files/a%20b.png)\n\nThe river\n\nPhotograph: A. Orr\n\n"
            "> Never.\n>\n> — A. Orr\n\n> A box\n\n[A film](https://www.youtube.com/watch?v=dQw4w9WgXcQ)\n\n"
            "[^1]: See \\*page\\* 7.\n",
        )

    def test_an_empty_body(self):
        self.assertEqual(to_markdown("", {}, {}), "\n")
