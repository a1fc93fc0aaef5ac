"""The bodies of Ghost: its HTML with cards, and the two formats of its editor."""

import time

from django.test import SimpleTestCase

from articles.access import Level
from articles.models import Kind
from tests.contrib.importers.ghost.files import lexical, mobiledoc, node, text
from truthlytics.contrib.importers.bodies import convert_body
from truthlytics.contrib.importers.ghost.body import to_html
from truthlytics.contrib.importers.records import Record

VIDEO = '<div data-embed="https://www.youtube.com/watch?v=hmH3XMlms8E" data-title="{}"></div>'
GATE = '<hr data-gate="">'


class BodyCase(SimpleTestCase):
    def convert(self, content, *, level=Level.EVERYONE, is_markdown=False):
        """Return the body as it is stored, and the reported losses as (code, what)."""
        losses = []

        def report(code, what):
            losses.append((code, what))

        html = to_html(content, is_markdown=is_markdown, is_gated=level != Level.EVERYONE, report_loss=report)
        record = Record(
            line=1, source="s", source_id="1", digest="", title="T", standfirst="", body=html, body_format="html",
            authors=(), topics=(), section="", kind=Kind.ANALYSIS, published_at=None, level=level, slug="", url="",
            base="", paths=(), file="", is_plain=True,
        )  # fmt: skip
        return convert_body(record, lambda href: href, report), losses

    def check(self, content, html, losses=(), **options):
        self.assertEqual(self.convert(content, **options), (html, list(losses)))


class HtmlTests(BodyCase):
    def test_cards(self):
        cases = {
            "bookmark": (
                '<figure class="kg-card kg-bookmark-card kg-card-hascaption"><a class="kg-bookmark-container" '
                'href="https://x.example/a"><div class="kg-bookmark-content"><div class="kg-bookmark-title">A &amp; B'
                '</div><div class="kg-bookmark-description">About it.</div><div class="kg-bookmark-metadata"><img '
                'class="kg-bookmark-icon" src="i.png"><span class="kg-bookmark-author">Ann</span><span '
                'class="kg-bookmark-publisher">The X</span></div></div></a><figcaption>Read <b>it</b></figcaption>'
                "</figure>",
                '<aside class="callout"><p><a href="https://x.example/a">A &amp; B</a></p><p>About it.</p>'
                "<p>Ann · The X</p></aside><p>Read <strong>it</strong></p>",
            ),
            "callout": (
                '<div class="kg-card kg-callout-card kg-callout-card-blue"><div class="kg-callout-emoji">💡</div>'
                '<div class="kg-callout-text">Worth <a href="/x/">knowing</a>.<br>Yes.</div></div>',
                '<aside class="callout"><p>💡 Worth <a href="/x/">knowing</a>.<br>Yes.</p></aside>',
            ),
            "toggle": (
                '<div class="kg-card kg-toggle-card" data-kg-toggle-state="close"><div class="kg-toggle-heading">'
                '<h4 class="kg-toggle-heading-text"><span>More?</span></h4><button class="kg-toggle-card-icon"><svg>'
                '</svg></button></div><div class="kg-toggle-content"><p>Yes.</p><ul><li>One</li></ul></div></div>',
                "<p><strong>More?</strong></p><p>Yes.</p><ul><li>One</li></ul>",
            ),
            "button": (
                '<div class="kg-card kg-button-card"><a href="https://x.example/" class="kg-btn">Go &gt;</a></div>',
                '<p><a href="https://x.example/">Go &gt;</a></p>',
            ),
            "file": (
                '<div class="kg-card kg-file-card"><a class="kg-file-card-container" href="/content/files/a.zip">'
                '<div class="kg-file-card-contents"><div class="kg-file-card-title">The report</div>'
                '<div class="kg-file-card-caption">In full</div><div class="kg-file-card-metadata">'
                '<div class="kg-file-card-filename">a.zip</div><div class="kg-file-card-filesize">9 KB</div></div>'
                '</div><div class="kg-file-card-icon"><svg></svg></div></a></div>',
                '<aside class="callout"><p><a href="/content/files/a.zip">The report</a></p><p>In full</p>'
                "<p>a.zip, 9 KB</p></aside>",
            ),
            "product": (
                '<div class="kg-card kg-product-card"><div class="kg-product-card-container">'
                '<h4 class="kg-product-card-title">A lamp</h4><span class="kg-product-card-rating-active '
                'kg-product-card-rating-star"><svg></svg></span><div class="kg-product-card-description"><p>Bright.'
                '</p></div><a href="https://x.example/" class="kg-product-card-button"><span>Buy</span></a></div>'
                "</div>",
                '<aside class="callout"><p><strong>A lamp</strong></p><p>★☆☆☆☆</p><p>Bright.</p>'
                '<p><a href="https://x.example/">Buy</a></p></aside>',
            ),
            "header": (
                '<div class="kg-card kg-header-card kg-v2"><div class="kg-header-card-content"><h2 '
                'class="kg-header-card-heading">Hello</h2><p class="kg-header-card-subheading">You.</p>'
                '<a href="/go/" class="kg-header-card-button">Go</a></div></div>',
                '<h2>Hello</h2><p>You.</p><p><a href="/go/">Go</a></p>',
            ),
            "call to action": (
                '<div class="kg-card kg-cta-card kg-cta-bg-grey"><div class="kg-cta-sponsor-label"><p>AD</p></div>'
                '<div class="kg-cta-content"><div class="kg-cta-text"><p>Buy.</p></div>'
                '<a href="https://x.example/" class="kg-cta-button">Now</a></div></div>',
                '<aside class="callout"><p>AD</p><p>Buy.</p><p><a href="https://x.example/">Now</a></p></aside>',
            ),
            "embed": (
                '<figure class="kg-card kg-embed-card"><iframe src="https://www.youtube.com/embed/hmH3XMlms8E?x=1" '
                'title="A film"></iframe><figcaption>Look</figcaption></figure>',
                VIDEO.format("A film") + "<p>Look</p>",
            ),
            "post on another site": (
                '<figure class="kg-card kg-embed-card"><blockquote class="twitter-tweet"><p>Ha.</p>— X '
                '<a href="https://twitter.com/x/1">May</a></blockquote><script async src="https://x.com/w.js">'
                "</script></figure>",
                '<blockquote><p>Ha.</p><p>— X <a href="https://twitter.com/x/1">May</a></p></blockquote>',
            ),
            "code": (
                '<figure class="kg-card kg-code-card"><pre><code class="language-py">a &lt; b</code></pre>'
                "<figcaption>Less</figcaption></figure>",
                "<pre><code>a &lt; b</code></pre><p>Less</p>",
            ),
            "markup of other cards": (
                "<!--kg-card-begin: html--><table><tr><td>1</td></tr></table><!--kg-card-end: html--><hr>",
                "<table><tbody><tr><td>1</td></tr></tbody></table><hr>",
            ),
        }
        for name, (old, new) in cases.items():
            with self.subTest(name):
                body, losses = self.convert(old)
                self.assertEqual(body, new)
                self.assertEqual([code for code, _ in losses], ["media"] if name == "file" else [])

    def test_images_keep_alternative_texts_and_captions(self):
        image = (
            '<figure class="kg-card kg-image-card"><img src="__GHOST_URL__/content/images/size/w600/2020/a.jpg" alt="A '
            'boat" srcset="x"><figcaption>On the <em>river</em></figcaption></figure>'
        )
        gallery = (
            '<figure class="kg-card kg-gallery-card"><div class="kg-gallery-row">'
            '<div class="kg-gallery-image"><img src="/content/images/1.jpg" alt="One"></div>'
            '<div class="kg-gallery-image"><img src="/content/images/2.jpg" alt="Two"></div></div>'
            "<figcaption>Both</figcaption></figure>"
        )
        html = to_html(image + gallery, is_markdown=False, is_gated=False, report_loss=lambda code, what: None)
        self.assertIn('<img src="/content/images/2020/a.jpg" alt="A boat"', html)
        self.assertIn("<figcaption>On the <em>river</em></figcaption></figure>", html)
        self.assertEqual(html.count("<figure>"), 2)
        self.assertIn('alt="Two"></figure></div><p>Both</p>', html)

    def test_players(self):
        audio = (
            '<div class="kg-card kg-audio-card"><audio src="/content/media/a.mp3"></audio><div class="kg-audio-title">'
            'Talk</div><div class="kg-audio-player">0:00</div></div>'
        )
        video = (
            '<figure class="kg-card kg-video-card"><div><video src="https://x.example/v.mp4"></video><div>0:00</div>'
            "</div><figcaption>Film</figcaption></figure>"
        )
        html = to_html(audio + video, is_markdown=False, is_gated=False, report_loss=lambda code, what: None)
        self.assertIn('<audio src="/content/media/a.mp3" title="Talk"></audio>', html)
        self.assertIn('<video src="https://x.example/v.mp4"', html)
        self.assertIn("<p>Film</p>", html)
        self.assertNotIn("0:00", html)

    def test_forms_and_cards_for_emails_are_left_out(self):
        form = '<div class="kg-card kg-signup-card"><h2>Join</h2></div><p>Text</p>'
        self.check(form, "<p>Text</p>", [("block", "a form to sign up: Join")])

    def test_parts_for_some_members_are_left_out(self):
        part = '<p>A</p><!--kg-gated-block:begin {} memberSegment:"status:free" --><p>B</p><!--kg-gated-block:end-->'
        self.check(part.format("nonMember:true"), "<p>A</p><p>B</p>")
        self.check(
            part.format("nonMember:false"), "<p>A</p>", [("block", "a part that only some members could see: B")]
        )

    def test_the_paid_part(self):
        html = "<p>Free</p><!--members-only--><p>Paid</p>"
        self.check(html, f"<p>Free</p>{GATE}<p>Paid</p>", level=Level.SUBSCRIBER)
        self.check(html, "<p>Free</p><p>Paid</p>")
        self.check("<p>All</p>", f"{GATE}<p>All</p>", level=Level.REGISTERED)

    def test_footnotes(self):
        html = (
            'A<sup class="footnote-ref"><a href="#fn1" id="fnref1">[1]</a></sup> b.<hr class="footnotes-sep"><section '
            'class="footnotes"><ol class="footnotes-list"><li id="fn1" class="footnote-item"><p>See <a '
            'href="https://x.example/">it</a>. <a href="#fnref1" class="footnote-backref">↩︎</a></p></li></ol></section>'
        )
        self.check(html, '<p>A<sup data-footnote="See it (https://x.example/)."></sup> b.</p>')

    def test_hostile_text_takes_no_long_time(self):
        start = time.process_time()
        for hostile in (
            "<!--kg-gated-block:begin " * 40_000,
            f'<p class="{"kg-" * 200_000}">A</p>',
            "<!--" + " " * 10**6,
        ):
            self.convert(hostile)
        self.assertLess(time.process_time() - start, 5)

    def test_damaged_html_and_deep_nesting(self):
        body, _ = self.convert('<div class="kg-card kg-callout-card"><div class="kg-callout-text">Open')
        self.assertEqual(body, '<aside class="callout"><p>Open</p></aside>')
        body, _ = self.convert("<div>" * 5000 + "Deep" + "<p>\x00\x01é</p>")
        self.assertIn("Deep", body)
        card = '<div class="kg-card kg-callout-card"><div class="kg-callout-text">'
        self.assertIn("In", self.convert(card * 200 + "In")[0])


class LexicalTests(BodyCase):
    def test_text_and_structure(self):
        formats = [text(" b", 1), text(" i", 2), text(" c", 16), text(" x", 3), text(" m", 128), text(" < &")]
        content = lexical(
            node("paragraph", text("A"), *formats, node("linebreak"), node("link", text("l"), url="/x/")),
            node("extended-heading", text("H"), tag="h2"),
            node("extended-quote", text("Q")),
            node(
                "list",
                node("listitem", text("1")),
                node("listitem", node("list", node("listitem", text("1a")), listType="bullet")),
                listType="number",
                start=3,
            ),
            node("list", node("listitem", text("Done"), checked=True), listType="check"),
            {"type": "horizontalrule"},
            node("mystery", text("kept")),
        )
        self.check(
            content,
            "<p>A<strong> b</strong><em> i</em><code> c</code><em><strong> x</strong></em> m &lt; &amp;<br>"
            '<a href="/x/">l</a></p><h2>H</h2><blockquote><p>Q</p></blockquote>'
            '<ol start="3"><li>1<ul><li>1a</li></ul></li></ol><ul><li>☑ Done</li></ul><hr><p>kept</p>',
        )

    def test_cards(self):
        cases = {
            "html": ({"html": "<p>H</p>"}, "<p>H</p>"),
            "markdown": ({"markdown": "**M**"}, "<p><strong>M</strong></p>"),
            "codeblock": ({"code": "a < b", "caption": "C"}, "<pre><code>a &lt; b</code></pre><p>C</p>"),
            "callout": (
                {"calloutEmoji": "💡", "calloutText": "<p><span>T</span></p>"},
                '<aside class="callout"><p>💡 T</p></aside>',
            ),
            "toggle": ({"heading": "<span>H</span>", "content": "<p>C</p>"}, "<p><strong>H</strong></p><p>C</p>"),
            "button": ({"buttonUrl": "/b/", "buttonText": "B"}, '<p><a href="/b/">B</a></p>'),
            "file": (
                {"src": "/f.pdf", "fileTitle": "F", "fileName": "f.pdf", "fileSize": 2097152},
                '<aside class="callout"><p><a href="/f.pdf">F</a></p><p>f.pdf, 2.0 MB</p></aside>',
            ),
            "bookmark": (
                {"url": "/a/", "metadata": {"title": "T", "description": "D", "publisher": None}},
                '<aside class="callout"><p><a href="/a/">T</a></p><p>D</p></aside>',
            ),
            "product": (
                {
                    "productTitle": "P",
                    "productRatingEnabled": True,
                    "productStarRating": 5,
                    "productDescription": "<p>D</p>",
                    "productButtonEnabled": False,
                    "productButton": "B",
                },
                '<aside class="callout"><p><strong>P</strong></p><p>★★★★★</p><p>D</p></aside>',
            ),
            "header": ({"header": "H", "subheader": "S"}, "<h2>H</h2><p>S</p>"),
            "call-to-action": (
                {"textValue": "<p>T</p>", "showButton": True, "buttonText": "B", "buttonUrl": "/b/"},
                '<aside class="callout"><p>T</p><p><a href="/b/">B</a></p></aside>',
            ),
            "embed": (
                {"url": "https://youtu.be/a", "html": "<iframe src='https://x'></iframe>", "metadata": {"title": "V"}},
                '<div data-embed="https://youtu.be/a" data-title="V"></div>',
            ),
            "paywall": ({}, ""),
        }
        for name, (fields, html) in cases.items():
            with self.subTest(name):
                self.assertEqual(self.convert(lexical({"type": name, **fields})), (html, []))

    def test_what_is_not_for_visitors_is_left_out(self):
        hidden = {"web": {"nonMember": False, "memberSegment": "status:free"}}
        content = lexical(
            {"type": "email", "html": "<p>E</p>"},
            {"type": "signup", "header": "S"},
            {"type": "html", "html": "<p>H</p>", "visibility": hidden},
            {"type": "strange"},
        )
        body, losses = self.convert(content)
        self.assertEqual((body, [code for code, _ in losses]), ("", ["block"] * 4))

    def test_values_of_any_type(self):
        nodes = [
            {"type": kind, "children": value, "text": value, "url": value, "tag": value, "format": value,
             "src": value, "metadata": value, "images": value, "html": value, "fileSize": value, "visibility": value}
            for kind in ("paragraph", "text", "link", "list", "image", "gallery", "bookmark", "embed", "file", None, 7)
            for value in (None, 7, [], {}, [None, 7], "x", True)
        ]  # fmt: skip
        self.assertIsInstance(self.convert(lexical(*nodes))[0], str)

    def test_deep_nesting_keeps_its_text(self):
        deep = text("bottom")
        for _ in range(150):
            deep = node("quote", deep)
        self.assertIn("bottom", self.convert(lexical(deep))[0])

    def test_damaged_json_is_reported(self):
        self.check('{"root": {"children": [', "", [("value", "Its text is damaged.")])


class MobiledocTests(BodyCase):
    def test_text_structure_and_cards(self):
        content = mobiledoc(
            [1, "p", [[0, [], 0, "A "], [0, [0, 1], 1, "b"], [0, [], 1, " c"], [1, [], 0, 0], [0, [2], 1, "l"]]],
            [1, "h2", [[0, [], 0, "H < 1"]]],
            [3, "ul", [[[0, [], 0, "One"]], [[0, [], 0, "Two"]]]],
            [10, 0],
            [10, 1],
            [10, 2],
            [10, 3],
            markups=[["strong"], ["em"], ["a", ["rel", "x", "href", "__GHOST_URL__/x/"]]],
            atoms=[["soft-return", "", {}]],
            cards=[
                ["card-markdown", {"markdown": "*M*"}],
                ["hr", {}],
                ["html", {"html": "<p>H</p>"}],
                ["code", {"code": "x"}],
            ],
        )
        self.check(
            content,
            '<p>A <strong><em>b</em> c</strong><br><a href="/x/">l</a></p><h2>H &lt; 1</h2><ul><li>One</li>'
            "<li>Two</li></ul><p><em>M</em></p><hr><p>H</p><pre><code>x</code></pre>",
        )

    def test_damaged_parts_are_left_out_and_reported(self):
        content = mobiledoc(
            [10, 9], None, [1], [1, "p", [None, [0, [7], 9, "kept"], [1, [], 0, 5]]], [10, 0], cards=[["nothing", {}]]
        )
        body, losses = self.convert(content)
        self.assertEqual((body, [code for code, _ in losses]), ("<p>kept</p>", ["block"] * 4))


class MarkdownTests(BodyCase):
    def test_the_source_of_the_first_versions(self):
        self.check(
            "# Two\n\nA[^1]\n\n[^1]: Note", '<h2>Two</h2><p>A<sup data-footnote="Note"></sup></p>', is_markdown=True
        )
