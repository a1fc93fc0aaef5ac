"""Sanitising, the free part, and rendering of article bodies."""

import re
from uuid import uuid4

from django.test import SimpleTestCase
from lxml.html import fromstring

from articles.media.html import ResponsiveImage
from articles.richtext.rendering import plain_text, render
from articles.richtext.vocabulary import clean

UUID = "0b6f4c1e-8f43-4c53-9d36-6a8e2d1f0a11"


def render_body(body, level=0, images=None, details=None):
    return render({"body": clean(body), "required_level": level, "pictures": details or {}}, images or {})


FIGURE = f'<figure data-image="{UUID}"><figcaption>a</figcaption></figure>'


class SanitiserTests(SimpleTestCase):
    def test_foreign_markup_is_removed_and_text_is_kept(self):
        cases = {
            '<p onclick="x()">a</p>': "<p>a</p>",
            "<p>a<script>alert(1)</script></p>": "<p>a</p>",
            '<p style="color:red"><span>a</span></p>': "<p>a</p>",
            '<p><a href="javascript:alert(1)">a</a></p>': "<p><a>a</a></p>",
            '<p><img src="https://pixel.example/x.gif">a</p>': "<p>a</p>",
            "<h1>a</h1>": "<h2>a</h2>",
            "<p><b>a</b> <i>b</i></p>": "<p><strong>a</strong> <em>b</em></p>",
            "<br>": "<p><br></p>",
            "a": "<p>a</p>",
            "a <em>b</em><p>c</p>d": "<p>a <em>b</em></p><p>c</p><p>d</p>",
            "<p>a\x00b\u202ec</p>": "<p>abc</p>",
            FIGURE: FIGURE,
            '<figure data-image="x"><p>a</p></figure>': "<p>a</p>",
            '<aside class="evil">a</aside>': '<aside class="pullquote">a</aside>',
            "<p>x<sup>2</sup><sup></sup></p>": "<p>x<sup>2</sup></p>",
            '<p>x<sup data-footnote="n &lt;b&gt;"></sup></p>': '<p>x<sup data-footnote="n &lt;b&gt;"></sup></p>',
            "<p></p>": "",
            "   ": "",
        }
        for before, after in cases.items():
            with self.subTest(before):
                self.assertEqual(clean(before), after)

    def test_cleaning_is_idempotent(self):
        for body in [
            "a<p>b",
            "<p>a &amp; b &lt;c&gt; &nbsp;</p>",
            "<table><tr><td>a</table>",
            "<ul><li>a<ul><li>b</ul></ul>",
            "<hr data-gate><hr data-gate>",
        ]:
            with self.subTest(body):
                self.assertEqual(clean(clean(body)), clean(body))

    def test_only_the_first_paywall_marker_is_kept(self):
        body = "<p>a</p><hr data-gate><p>b</p><blockquote><hr data-gate></blockquote><hr data-gate>"
        self.assertEqual(clean(body), '<p>a</p><hr data-gate=""><p>b</p><blockquote></blockquote>')

    def test_a_paywall_marker_inside_of_a_block_closes_that_block_and_all_that_follows(self):
        image = f'<figure data-image="{uuid4()}">%s</figure>'
        around = [
            "<blockquote><p>x</p>%s</blockquote>",
            "<ul><li>x%s</li></ul>",
            "<div>%s</div>",
            '<aside class="callout"><p>x</p>%s</aside>',
            '<aside class="callout"><ul><li>%s</li></ul></aside>',
            "<table><tbody><tr><td>%s</td></tr></tbody></table>",
            f"<div data-gallery>{image}{image % ''}</div>",
            image,
            '<aside class="pullquote">%s</aside>',
            "<blockquote>" * 90 + "%s",
            "<section><article>%s</article></section>",
        ]
        for block in around:
            with self.subTest(block):
                body = f"<p>a</p>{block % '<hr data-gate>'}<p>secret</p>"
                free, marker, gated = clean(body).partition("<hr data-gate")
                self.assertEqual((free, marker), ("<p>a</p>", "<hr data-gate"))
                self.assertIn("secret", gated)


class FreePartTests(SimpleTestCase):
    def test_marker_ends_the_free_part(self):
        result = render_body("<p>one</p><hr data-gate><p>two</p>", level=10)
        self.assertEqual((result.plain_free, result.plain_all), ("one", "one\ntwo"))
        self.assertNotIn("<hr", result.free_html + result.paid_html)

    def test_default_free_part_is_at_most_a_third_of_the_words_and_three_blocks(self):
        body = "".join(f"<p>w{n} w w</p>" for n in range(30))
        self.assertEqual(render_body(body, level=10).plain_free.count("\n"), 2)
        body = "<p>short</p><p>" + "word " * 50 + "</p><p>" + "word " * 50 + "</p>"
        self.assertEqual(render_body(body, level=10).plain_free, "short")

    def test_first_block_is_always_free(self):
        self.assertEqual(render_body("<p>" + "word " * 90 + "</p><p>end</p>", level=10).words_free, 90)

    def test_word_counts_leave_out_captions_credits_and_footnotes(self):
        details = {UUID: {"alt": "", "caption": "six words", "credit": "two words"}}
        note = '<sup data-footnote="not counted"></sup>'
        result = render_body(
            f"<p>one<br>two{note}</p>{FIGURE}<hr data-gate><ul><li>three</li><li>four</li></ul>", 10, details=details
        )
        self.assertEqual((result.words_free, result.words_all), (2, 4))

    def test_free_article_has_no_gated_part(self):
        result = render_body("<p>one</p><hr data-gate><p>two</p>")
        self.assertEqual((result.plain_free, result.paid_html), ("one\ntwo", ""))

    def test_notes_of_the_gated_part_are_gated(self):
        result = render_body(
            '<p>a<sup data-footnote="free note"></sup></p><hr data-gate><p>b<sup data-footnote="paid note"></sup></p>',
            level=10,
        )
        self.assertIn("free note", result.free_notes)
        self.assertNotIn("paid note", result.free_html + result.free_notes + result.plain_free)
        self.assertIn("paid note", result.paid_html + result.paid_notes)
        self.assertIn("free note", result.paid_notes)


class RenderTests(SimpleTestCase):
    def test_footnotes_are_numbered_and_linked_both_ways(self):
        html = render_body('<p>a<sup data-footnote="one"></sup> b<sup data-footnote="two"></sup> c</p>')
        self.assertIn('<a href="#note-2" role="doc-noteref"', html.free_html)
        self.assertIn('<li id="note-2">two <a href="#ref-2" role="doc-backlink">', html.free_notes)
        self.assertEqual(html.plain_all, "a b c")

    def test_footnotes_at_the_same_word_are_separated(self):
        note = '<sup data-footnote="n"></sup>'
        html = render_body(f"<p>a{note}{note} b{note} c</p>")
        numbers = [mark.text_content() for mark in fromstring(html.free_html).iter("sup")]
        self.assertEqual((numbers, html.plain_all), (["1", ", 2", "3"], "a b c"))

    def test_markup_in_footnotes_is_escaped(self):
        html = render_body('<p>a<sup data-footnote="&lt;script&gt;alert(1)&lt;/script&gt;"></sup></p>')
        self.assertNotIn("<script", html.free_html + html.free_notes)

    def test_urls_in_footnotes_are_linked(self):
        html = render_body(
            '<p>a<sup data-footnote="Minutes (https://example.org/a?b=1&amp;c=2)."></sup></p>'
        ).free_notes
        link = '<a href="https://example.org/a?b=1&amp;c=2" rel="noopener">https://example.org/a?b=1&amp;c=2</a>'
        self.assertIn(f"Minutes ({link}).", html)

    def test_superscript_and_subscript_are_not_footnotes(self):
        html = render_body("<p>CO<sub>2</sub> in m<sup>2</sup></p>")
        self.assertIn("CO<sub>2</sub> in m<sup>2</sup>", html.free_html)
        self.assertEqual((html.free_notes, html.plain_all), ("", "CO2 in m2"))

    def test_headings_have_unique_ids(self):
        html = render_body("<h2>The cost</h2><h2>The cost</h2><h2>费用</h2>").free_html
        self.assertEqual([part.split('"')[0] for part in html.split('id="')[1:]], ["the-cost", "the-cost-2", "part"])

    def test_pull_quote_has_an_attribution(self):
        html = render_body('<aside class="pullquote" data-by="A. Speaker">So it <em>is</em>.</aside>').free_html
        self.assertIn("<p>So it <em>is</em>.</p><footer>A. Speaker</footer>", html)

    def test_table_is_scrollable_and_has_a_head(self):
        html = render_body(
            "<table><tbody><tr><th><p>A</p></th><th>B</th></tr><tr><td>1</td><td>2</td></tr></tbody></table>"
        ).free_html
        self.assertIn('<thead><tr><th scope="col">A</th>', html)
        self.assertIn('role="region"', html)
        self.assertEqual(plain_text(html), "A B\n1 2")

    def test_number_columns_are_marked(self):
        rows = [
            ["Year", "Sum", "Share", "Length", "Who", "Nothing"],
            ["2024", "1,234", "−3.5 %", "12 km", "Ann", "–"],
            ["2025", "€90", "–", "(3 m)", "5 ministers", ""],
        ]
        cells = "".join("<tr>" + "".join(f"<td>{cell}</td>" for cell in row) + "</tr>" for row in rows[1:])
        head = "<tr>" + "".join(f"<th>{cell}</th>" for cell in rows[0]) + "</tr>"
        html = render_body(f"<table><tbody>{head}{cells}</tbody></table>").free_html
        marked = re.findall(r'class="figures"[^>]*>([^<]+)<', html)
        self.assertEqual(marked, ["Sum", "Share", "Length", "1,234", "−3.5 %", "12 km", "€90", "–", "(3 m)"])

    def test_columns_of_tables_with_spanning_cells_are_not_marked(self):
        rows = '<tr><td>a</td><td colspan="2">1</td></tr><tr><td>b</td><td>2</td><td>3</td></tr>'
        body = f"<table><tbody>{rows}</tbody></table>"
        self.assertNotIn("figures", render_body(body).free_html)

    def test_prose_columns_are_marked_including_their_head(self):
        prose = "The ministry could not say who had signed the contract, or on which day."
        body = f"<table><tbody><tr><th>What</th><th>Said</th></tr><tr><td>{prose}</td><td>42</td></tr></tbody></table>"
        html = render_body(body).free_html
        self.assertEqual(re.findall(r'class="words"[^>]*>([^<]+)<', html), ["What", prose])
        self.assertEqual(re.findall(r'class="figures"[^>]*>([^<]+)<', html), ["Said", "42"])

    def test_right_to_left_blocks_have_a_dir_attribute(self):
        arabic, hebrew = "وقّع الوزير العقد يوم الأحد", "איש אינו יודע מדוע"
        body = (
            f"<p>{arabic}, 42.</p><p>The minister said “{arabic}”, and left.</p><p>NATO: {arabic}</p><h2>{hebrew}</h2>"
        )
        body += f"<ul><li>{arabic}</li><li>Two</li></ul><ol><li>{hebrew}</li></ol>"
        directions = re.findall(r"<(\w+)[^>]*dir=\"rtl\"", render_body(body).free_html)
        self.assertEqual(directions, ["p", "p", "h2", "li", "ol", "li"])
        self.assertEqual(render_body(body).free_html.count("<p>"), 1)

    def test_portrait_images_are_marked(self):
        for height, classes in ((500, "figure"), (501, "figure figure--tall")):
            images = {UUID: ResponsiveImage(500, height, {"jpeg": (("/media/a.jpg", 500),)})}
            details = {UUID: {"alt": "a", "caption": "", "credit": "b"}}
            self.assertIn(f'<figure class="{classes}">', render_body(FIGURE, images=images, details=details).free_html)

    def test_images_of_few_pixels_and_captions_from_right_to_left_are_marked(self):
        body = f'<figure data-image="{UUID}"><figcaption><em>שלום</em> עולם</figcaption></figure>'
        images = {UUID: ResponsiveImage(479, 300, {"jpeg": (("/media/a.jpg", 479),)})}
        html = render_body(body, images=images, details={UUID: {"alt": "a", "caption": "", "credit": "b"}}).free_html
        self.assertIn('<figure class="figure figure--small">', html)
        self.assertIn('<figcaption class="figure__caption" dir="rtl"><em>', html)

    def test_code_blocks_are_focusable(self):
        self.assertIn('<pre tabindex="0"><code>a</code></pre>', render_body("<pre><code>a</code></pre>").free_html)

    def test_figure_text_is_from_the_version_and_files_are_from_the_library(self):
        body = f'<figure data-image="{UUID}"><figcaption></figcaption></figure>'
        details = {UUID: {"alt": 'A "field"', "caption": "Under the image", "credit": "Photo: N"}}
        images = {
            UUID: ResponsiveImage(
                1200, 800, {"jpeg": (("/media/a.jpg", 480), ("/media/b.jpg", 800)), "webp": (("/media/a.webp", 480),)}
            )
        }
        html = render_body(body, details=details, images=images).free_html
        self.assertIn('srcset="/media/a.jpg 480w, /media/b.jpg 800w"', html)
        self.assertIn('alt="A &quot;field&quot;" width="1200" height="800"', html)
        self.assertIn("Under the image", html)

    def test_figure_without_files_is_left_out_with_its_caption(self):
        body = f'<p>Before.</p><figure data-image="{UUID}"><figcaption>Own caption</figcaption></figure><p>After.</p>'
        details = {UUID: {"alt": "A field", "caption": "Under the image", "credit": "Photo: N"}}
        for images in ({}, {UUID: ResponsiveImage(1200, 800, {})}):
            html = render_body(body, details=details, images=images).free_html
            self.assertEqual(html.split(), ["<p>Before.</p>", "<p>After.</p>"])
