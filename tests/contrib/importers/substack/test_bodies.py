"""Texts of Substack become plain HTML."""

from dataclasses import replace
from urllib.parse import quote

from django.test import SimpleTestCase

from tests.contrib.importers.substack.files import row, widget
from truthlytics.contrib.importers.bodies import convert_body
from truthlytics.contrib.importers.substack import body
from truthlytics.contrib.importers.substack.records import make_record
from truthlytics.contrib.importers.substack.rows import Row
from truthlytics.contrib.importers.substack.widgets import source_address

ORIGINAL = "https://substack-post-media.s3.amazonaws.com/public/images/abc_1024x683.jpeg"
CDN = (
    "https://substackcdn.com/image/fetch/$s_!xY1!,w_1456,c_limit,f_auto,q_auto:good,fl_progressive:steep/"
    "https%3A%2F%2Fsubstack-post-media.s3.amazonaws.com%2Fpublic%2Fimages%2Fabc_1024x683.jpeg"
)
LINKS = body.OwnLinks({"varn.substack.com", "varn.example"}, {"other"}, "https://varn.example")
IMAGE = f'<a class="image-link image2" href="{CDN}"><div class="image2-inset"><picture><source srcset="{CDN} 424w">'
IMAGE += (
    f'<img src="{CDN}" class="sizing-normal" alt="A boat" srcset="{CDN} 424w"></picture><div><button>+</button></div>'
)
IMAGE += "</div></a>"


class BodyCase(SimpleTestCase):
    def convert(self, html, **fields):
        """Return the HTML that the reader makes of `html`; `self.losses` are what it reports."""
        self.losses = []
        self.record = make_record(Row(2, row(**fields)), html, "https://varn.example")
        return body.to_html(self.record, LINKS, lambda code, what: self.losses.append((code, what)))

    def stored(self, html, **fields):
        """Return the body that is stored."""
        converted = self.convert(html, **fields)
        record = replace(self.record, body=converted)
        return convert_body(record, lambda href: href, lambda code, what: self.losses.append((code, what)))


class WidgetTests(BodyCase):
    def test_forms_and_buttons_of_substack_are_removed_and_counted(self):
        subscribe = {"url": "https://varn.substack.com/subscribe?", "text": "Subscribe", "class": None}
        parts = [
            widget("subscription-widget-wrap-editor", subscribe, "<p class='cta-caption'>Thanks!</p><form></form>"),
            widget(
                "button-wrapper",
                subscribe,
                '<a class="button" href="https://varn.substack.com/subscribe?">Go</a>',
                tag="p",
            ),
            widget(
                "button-wrapper",
                {"url": "%%share_url%%", "text": "Share"},
                '<a href="%%share_url%%">Share</a>',
                tag="p",
            ),
            widget("button-wrapper", {"url": "https://varn.example/p/x/comments", "text": "Leave a comment"}, tag="p"),
            widget("captioned-button-wrap", subscribe, "<p>Please share</p>"),
            widget("poll-embed", {"id": 7}),
            widget("install-substack-app-embed", {}, "<p>Get the app</p>"),
            widget("community-chat", {"url": "https://open.substack.com/pub/varn/chat"}, "<p>Join</p>"),
        ]
        html = self.convert(f"<p>One</p>{''.join(parts)}<p>Two</p>")
        self.assertEqual(html, "<p>One</p><p>Two</p>")
        self.assertEqual([code for code, _ in self.losses], ["widget"] * len(parts))
        self.assertIn(("widget", "button “Leave a comment”"), self.losses)

    def test_other_buttons_stay_as_links(self):
        link = '<a class="button primary" href="https://shop.example/book"><span>Buy</span></a>'
        button = widget("button-wrapper", {"url": "https://shop.example/book", "text": "Buy"}, link, tag="p")
        self.assertEqual(self.stored(button), '<p><a href="https://shop.example/book">Buy</a></p>')
        self.assertEqual(self.losses, [])

    def test_headings_lose_their_anchors_and_names_stay(self):
        heading = '<h3 class="header-with-anchor-widget">Why<div class="header-anchor-parent"><div class="x">'
        heading += '<div id="§why"><button><svg></svg></button></div></div></div></h3>'
        mention = widget("mention-wrap", {"name": "Ada Orr", "id": 5}, tag="span")
        html = self.stored(f"{heading}<p>By {mention}, {widget('cashtag-wrap', {'symbol': '$ABC'}, tag='span')}.</p>")
        self.assertEqual(html, "<h2>Why</h2><p>By Ada Orr, $ABC.</p>")
        self.assertEqual(self.losses, [])

    def test_damaged_descriptions_of_widgets_lose_no_text(self):
        for data in ("{", "[]", "null", '{"url": 5, "gallery": {"images": [1, {"src": []}]}}', '{"comment": "x"}'):
            for name in (
                "image-gallery-embed",
                "tweet",
                "embedded-post-wrap",
                "youtube-wrap",
                "bluesky-wrap",
                "captioned-image-container",
                "image3",
                "latex-rendered",
                "mention-wrap",
                "datawrapper-wrap",
            ):
                with self.subTest(data, name=name):
                    html = self.convert(f"<p>One</p><div class=\"{name}\" data-attrs='{data}'></div><p>Two</p>")
                    self.assertIn("<p>One</p>", html)
                    self.assertIn("<p>Two</p>", html)


class ImageTests(BodyCase):
    def test_addresses_of_originals_are_found(self):
        for url in (
            CDN,
            f"https://cdn.substack.com/image/fetch/c_limit,f_auto/{ORIGINAL}",
            f"https://substackcdn.com/image/fetch/w_9/{quote(CDN, safe='')}",
        ):
            with self.subTest(url):
                self.assertEqual(source_address(url), ORIGINAL)
        for url in ("https://substackcdn.com/image/fetch/w_9/javascript%3Aalert", "https://other.example/a.jpg", ""):
            self.assertEqual(source_address(url), url)

    def test_images_become_figures_with_captions(self):
        caption = '<figcaption class="image-caption">At <a href="https://x.example/">dawn</a></figcaption>'
        html = self.convert(f'<div class="captioned-image-container"><figure>{IMAGE}{caption}</figure></div>')
        expected = f'<figure><img src="{ORIGINAL}" alt="A boat"><figcaption>At <a href="https://x.example/">dawn</a>'
        self.assertEqual(html, f"{expected}</figcaption></figure>")
        self.assertEqual(self.convert(f"<p>One</p>{IMAGE}").count("<figure><img "), 1)

    def test_galleries_become_several_figures(self):
        images = [{"type": "image/jpeg", "src": CDN}, {"src": "https://x.example/b.png"}]
        html = self.convert(widget("image-gallery-embed", {"gallery": {"images": images, "caption": "Boats"}}))
        self.assertEqual(
            html,
            f'<figure><img src="{ORIGINAL}" alt=""></figure>'
            '<figure><img src="https://x.example/b.png" alt=""><figcaption>Boats</figcaption></figure>',
        )


class EmbedTests(BodyCase):
    def test_players_become_embeds(self):
        frame = '<div class="youtube-inner"><iframe src="https://www.youtube-nocookie.com/embed/abcdefghijk?rel=0">'
        for html, url in {
            widget(
                "youtube-wrap", {"videoId": "abcdefghijk"}, f"{frame}</iframe></div>"
            ): "https://www.youtube.com/watch?v=abcdefghijk",
            widget("vimeo-wrap", {"videoId": "77"}): "https://vimeo.com/77",
            widget(
                "spotify-wrap", {"title": "Talk", "url": "https://open.spotify.com/episode/4"}, tag="iframe"
            ): "https://open.spotify.com/episode/4",
            widget("instagram", {"instagram_id": "Xy_1"}): "https://www.instagram.com/p/Xy_1/",
            widget(
                "datawrapper-wrap outer", {"url": "https://datawrapper.dwcdn.net/ab/1/", "title": "Map"}
            ): "https://datawrapper.dwcdn.net/ab/1/",
            '<iframe src="https://player.vimeo.com/video/88"></iframe>': "https://vimeo.com/88",
        }.items():
            with self.subTest(url):
                self.assertIn(f'<div data-embed="{url}"', self.stored(f"<p>One</p>{html}"))

    def test_posts_of_other_networks_stay_readable(self):
        data = {
            "url": "https://twitter.com/ada/status/1?s=20",
            "full_text": "It <b>leaks</b>",
            "username": "ada",
            "name": "Ada Orr",
        }
        html = self.stored(widget("tweet", data))
        self.assertEqual(
            html,
            "<blockquote><p>It &lt;b&gt;leaks&lt;/b&gt;</p>"
            '<p>— <a href="https://twitter.com/ada/status/1">Ada Orr (@ada)</a></p></blockquote>',
        )
        rendered = '<a class="tweet-link-top" href="https://twitter.com/b/status/2"><span class="tweet-author-name">Ben'
        rendered += '</span><div class="tweet-text">Old form</div></a>'
        html = self.stored(f'<div class="tweet">{rendered}</div>')
        self.assertIn("<p>Old form</p>", html)
        bluesky = {"postId": "3k", "authorHandle": "ada.bsky.social", "text": "Hello"}
        self.assertIn("Hello", self.stored(widget("bluesky-wrap", bluesky)))

    def test_cards_and_files_become_links(self):
        card = {
            "url": "https://varn.substack.com/p/other?utm_source=substack",
            "title": "Other",
            "publication_name": "V",
        }
        html = self.stored(widget("embedded-post-wrap", card))
        self.assertEqual(html, '<p><a href="https://varn.example/p/other">Other</a> (V)</p>')
        digest = {"canonical_url": "https://x.example/p/a", "title": "A", "publishedBylines": []}
        self.assertEqual(
            self.stored(widget("digest-post-embed", digest)), '<p><a href="https://x.example/p/a">A</a></p>'
        )
        file = '<div class="file-embed-details-h1">Report</div><a class="file-embed-button" href="https://x.example/r.pdf">'
        html = self.stored(f'<div class="file-embed-wrapper">{file}Download</a></div>')
        self.assertEqual(html, '<p><a href="https://x.example/r.pdf">Report</a></p>')
        self.assertEqual(self.losses, [("media", "https://x.example/r.pdf")])

    def test_videos_without_an_address_are_reported(self):
        html = self.stored(f"<p>One</p>{widget('native-video-embed', {'mediaUploadId': 'u-1', 'duration': None})}")
        self.assertEqual((html, self.losses), ("<p>One</p>", [("media", "video u-1")]))


class TextTests(BodyCase):
    def test_quotes_boxes_formulas_and_verses_keep_their_form(self):
        html = self.stored(
            '<div class="pullquote"><p>Big</p></div><div class="callout-block" data-callout="true"><p>Note</p></div>'
            f"{widget('latex-rendered', {'persistentExpression': 'a < b^2', 'id': 'X'})}"
            '<div class="preformatted-block"><label class="hide-text">Text within this block</label>'
            '<pre class="text">Roses\n   are red</pre></div>'
        )
        self.assertEqual(
            html,
            '<aside class="pullquote"><p>Big</p></aside><aside class="callout"><p>Note</p></aside>'
            "<pre><code>a &lt; b^2</code></pre><pre>Roses\n   are red</pre>",
        )

    def test_footnotes_move_to_their_references(self):
        def anchor(number):
            return f'<a class="footnote-anchor" id="footnote-anchor-{number}" href="#footnote-{number}">{number}</a>'

        def note(number, text):
            back = f'<a id="footnote-{number}" href="#footnote-anchor-{number}" class="footnote-number">{number}</a>'
            return f'<div class="footnote">{back}<div class="footnote-content">{text}</div></div>'

        html = self.stored(
            f"<p>One{anchor(1)} two{anchor(2)}.</p><p>Three{anchor(9)}</p>"
            + note(1, "<p>See <em>this</em></p><p><a href='https://x.example/'>page</a></p>")
            + '<div class="footnote" id="footnote-2"><a class="footnote-number">2</a>'
            + '<div class="footnote-content"><p>Second</p></div></div>'
            + note(4, "<p>Nobody refers to it</p>")
        )
        self.assertEqual(
            html,
            '<p>One<sup data-footnote="See this page (https://x.example/)"></sup> two'
            '<sup data-footnote="Second"></sup>.</p><p>Three</p><p>Nobody refers to it</p>',
        )
        self.assertEqual(self.losses, [("note", "number 9 has no text"), ("note", "Nobody refers to it")])

    def test_links_to_the_old_site_lead_to_the_new_one(self):
        own = "https://varn.example/p/other"
        for href, expected in {
            "https://varn.substack.com/p/other": own,
            "https://www.varn.example/p/other?s=r": own,
            "/p/other": own,
            "https://open.substack.com/pub/varn/p/other?r=1": own,
            "https://varn.substack.com/p/other/comments": own,
            "https://open.substack.com/pub/else/p/other": "https://open.substack.com/pub/else/p/other",
            "https://varn.substack.com/p/draft": "https://varn.substack.com/p/draft",
            "https://else.example/p/other": "https://else.example/p/other",
            "http://[": "http://[",
            CDN: ORIGINAL,
        }.items():
            with self.subTest(href):
                self.assertEqual(self.convert(f'<p><a href="{href}">x</a></p>'), f'<p><a href="{expected}">x</a></p>')

    def test_the_paid_part_begins_at_the_mark(self):
        jump = '<div class="paywall-jump" data-component-name="PaywallToDOM"></div>'
        html = self.stored(f"<p>Free</p>{jump}<p>Paid</p>", audience="only_paid")
        self.assertEqual(html, '<p>Free</p><hr data-gate=""><p>Paid</p>')
        nested = self.stored(f"<p>Free</p><blockquote><p>A</p>{jump}<p>B</p></blockquote>", audience="only_paid")
        self.assertEqual(nested, '<p>Free</p><hr data-gate=""><blockquote><p>A</p><p>B</p></blockquote>')

    def test_without_a_mark_nothing_of_a_restricted_text_is_free(self):
        for audience in ("only_free", "only_paid", "founding"):
            html = self.stored("Loose<p>Paid</p>", audience=audience)
            self.assertEqual(html, '<hr data-gate=""><p>Loose</p><p>Paid</p>')

    def test_the_recording_of_a_podcast_is_not_free_if_the_text_is_not(self):
        mark = body.recording("https://media.example/a.mp3?x=1&y=2")
        embed = '<div data-embed="https://media.example/a.mp3?x=1&amp;y=2" data-title="The bridge"></div>'
        self.assertEqual(self.stored(f"{mark}<p>One</p>"), f"{embed}<p>One</p>")
        jump = '<div class="paywall-jump"></div>'
        html = self.stored(f"{mark}<p>Free</p>{jump}<p>Paid</p>", audience="only_paid")
        self.assertEqual(html, f'<p>Free</p><hr data-gate="">{embed}<p>Paid</p>')

    def test_deep_nesting_and_scripts_do_no_harm(self):
        html = self.stored("<div>" * 3000 + "text" + "</div>" * 3000 + "<script>alert(1)</script><p onclick=x>Two</p>")
        self.assertEqual(" ".join(html.split()), "<p> text </p><p>Two</p>")
