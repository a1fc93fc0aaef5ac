"""Callouts and the width of images: sanitising, rendering, comparison, feeds."""

from django.test import SimpleTestCase, TestCase

from articles.feeds.channel import build_item
from articles.media.html import ResponsiveImage
from articles.revisions.blocks import blocks
from articles.revisions.diff import block_diff
from articles.richtext.rendering import render
from articles.richtext.vocabulary import clean
from tests.factories import make_article

UUID = "0b6f4c1e-8f43-4c53-9d36-6a8e2d1f0a11"
CALLOUT = '<aside class="callout"><p>How we counted</p><ul><li>Twice</li></ul></aside>'
FIGURE = f'<figure data-image="{UUID}"><figcaption>In May</figcaption></figure>'
WIDE = FIGURE.replace("><fig", ' data-size="wide"><fig')
IMAGES = {UUID: ResponsiveImage(100, 50, {"jpeg": (("/media/a.jpg", 100),)})}
PICTURES = {UUID: {"alt": "Cranes", "caption": "", "credit": "Photograph: N. N."}}


def render_body(body):
    return render({"body": clean(body), "required_level": 0, "pictures": PICTURES}, IMAGES)


class CalloutTests(SimpleTestCase):
    def test_holds_paragraphs_and_lists_at_the_top_level(self):
        for before, after in {
            CALLOUT: CALLOUT,
            '<aside class="callout" data-by="x">a</aside>b': '<aside class="callout"><p>a</p></aside><p>b</p>',
            '<aside class="callout"><h2>b</h2><p>a</p></aside>': '<aside class="callout"><p>a</p></aside><h2>b</h2>',
            f"<blockquote>{CALLOUT}</blockquote>": CALLOUT,
            f"<blockquote><p>b</p>{CALLOUT}</blockquote>": f"<blockquote><p>b</p></blockquote>{CALLOUT}",
            '<aside class="callout"> </aside><p>a</p>': "<p>a</p>",
            '<aside class="other">a</aside>': '<aside class="pullquote">a</aside>',
        }.items():
            with self.subTest(before):
                self.assertEqual(clean(before), after)
                self.assertEqual(clean(clean(before)), after)

    def test_is_rendered_with_its_text_and_footnotes(self):
        rendered = render_body(CALLOUT.replace("counted", 'counted<sup data-footnote="By hand."></sup>'))
        self.assertIn('<aside class="callout" role="note"><p>How we counted<sup class="cite"', rendered.free_html)
        self.assertIn("By hand.", rendered.free_notes)
        self.assertEqual(rendered.plain_all, "How we counted\nTwice")

    def test_differs_from_the_same_text_without_it(self):
        self.assertEqual([line.text for line in blocks(CALLOUT)], ["How we counted", "Twice"])
        plain = "<p>How we counted</p><ul><li>Twice</li></ul>"
        self.assertTrue(any(row.kind != "same" for row in block_diff(plain, CALLOUT)))


class FigureSizeTests(SimpleTestCase):
    def test_known_sizes_are_kept(self):
        self.assertEqual(clean(WIDE), WIDE)
        self.assertEqual(clean(WIDE.replace("wide", "huge")), FIGURE)

    def test_size_is_a_class_on_the_page(self):
        self.assertIn('<figure class="figure figure--wide">', render_body(WIDE).free_html)
        self.assertIn('<figure class="figure figure--aside">', render_body(WIDE.replace("wide", "aside")).free_html)
        self.assertIn('<figure class="figure figure--small">', render_body(FIGURE).free_html)

    def test_change_of_size_is_a_difference(self):
        self.assertTrue(any(row.kind != "same" for row in block_diff(FIGURE, WIDE)))


class FeedTests(TestCase):
    def test_feeds_have_plain_markup(self):
        html = build_item(make_article(body=f"<p>a</p>{CALLOUT}").live).html
        self.assertIn("<blockquote><p>How we counted</p>", html)
        self.assertNotIn("class=", html)
