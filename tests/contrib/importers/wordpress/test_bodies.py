"""The content of WordPress as HTML, and the text of comments."""

from django.test import SimpleTestCase

from tests.budget import takes_longer
from tests.growth import LINEAR, growth
from truthlytics.contrib.importers.records import MediaRecord
from truthlytics.contrib.importers.wordpress import body, notes
from truthlytics.contrib.importers.wordpress.autop import add_paragraphs
from truthlytics.contrib.importers.wordpress.comments import comment_text
from truthlytics.contrib.importers.wordpress.site import Site, file_keys


def make_site():
    site = Site("old.example")
    for number, name in (("1", "a.jpg"), ("2", "b.jpg")):
        url = f"https://old.example/wp-content/uploads/2014/05/{name}"
        site.media[number] = MediaRecord(0, "old.example", number, url, f"2014/05/{name}", alt=f"Alt {number}")
        site._uploads.setdefault("9", []).append(number)
        for key in file_keys(f"2014/05/{name}"):
            site._files.setdefault(key, number)
    site.reusable |= {"5": "<p>Reused</p>", "6": '<!-- wp:block {"ref":6} /-->'}
    return site


def converted(content, unknown="strip"):
    losses = []
    html = body.to_html(content, make_site(), "9", unknown, lambda *loss: losses.append(loss))
    return html.replace("\n", ""), losses


class ContentTests(SimpleTestCase):
    def check(self, cases):
        for content, html in cases.items():
            with self.subTest(content):
                self.assertEqual(converted(content)[0], html)

    def test_paragraphs(self):
        self.check(
            {
                "One\ntwo\n\nThree": "<p>One<br>two</p><p>Three</p>",
                "One\r\n\r\n<em>Two</em>": "<p>One</p><p><em>Two</em></p>",
                "<p>One</p>\nTwo": "<p>One</p><p>Two</p>",
                "<pre>a\n\nb</pre>\nc": "<pre>ab</pre><p>c</p>",
                "<ul>\n<li>a</li>\n<li>b\nc</li>\n</ul>": "<ul><li>a</li><li>b<br>c</li></ul>",
                "<blockquote>a\n\nb</blockquote>": "<blockquote><p>a</p><p>b</p></blockquote>",
                "<h2>a</h2>b": "<h2>a</h2><p>b</p>",
                "<!-- wp:paragraph -->\n<p>One\ntwo</p>\n<!-- /wp:paragraph -->": "<p>Onetwo</p>",
                "a<br /><br />b": "<p>a</p><p>b</p>",
                "a < b\n\nc": "<p>a < b</p><p>c</p>",
                " \n ": "",
            }
        )
        self.assertEqual(add_paragraphs("<pre>a\n\nb</pre>"), "<pre>a\n\nb</pre>")

    def test_more_is_the_gate_and_other_comments_are_removed(self):
        self.check(
            {
                "a\n\n<!--more-->\n\nb": "<p>a</p><hr data-gate><p>b</p>",
                "<p>a</p><!-- wp:more --><!--more On--><!-- /wp:more --><p>b</p>": "<p>a</p><hr data-gate><p>b</p>",
                "a<!--nextpage-->b<!-- note -->": "<p>a</p><p>b</p>",
                "a <!-- b": "<p>a &lt;!-- b</p>",
            }
        )

    def test_blocks(self):
        self.check({'<p>a</p><!-- wp:block {"ref":5} /-->': "<p>a</p><p>Reused</p>"})
        self.assertEqual(converted("<p>a</p><!-- wp:latest-posts /-->"), ("<p>a</p>", [("block", "latest-posts")]))
        self.assertEqual(converted('<!-- wp:block {"ref":6} /-->')[1], [("block", "block")])
        self.assertEqual(converted("<!-- wp:x {bad /-->")[0], "")

    def test_shortcodes(self):
        image = '<img src="https://old.example/wp-content/uploads/2014/05/{}.jpg" alt="Alt {}" data-media="{}">'
        a, b = (f"<figure>{image.format(name, n, n)}</figure>" for name, n in (("a", 1), ("b", 2)))
        self.check(
            {
                '[caption id="x"]<img src="x.jpg"> Two boats[/caption]':
                    '<figure><img src="x.jpg" alt=""><figcaption>Two boats</figcaption></figure>',
                '[caption caption="A &amp; b"]<img src="x.jpg">[/caption]':
                    '<figure><img src="x.jpg" alt=""><figcaption>A &amp; b</figcaption></figure>',
                '[gallery ids="2,1,7"]': f"<div data-gallery>{b}{a}</div>",
                "[gallery]": f"<div data-gallery>{a}{b}</div>",
                "[embed]https://youtu.be/x1[/embed]": '<div data-embed="https://youtu.be/x1"></div>',
                '[video mp4="https://old.example/a.mp4"][/video]':
                    '<p><a href="https://old.example/a.mp4">https://old.example/a.mp4</a></p>',
                "See [1], [sic], [[gallery]] and [the guy from a=b].":
                    "<p>See [1], [sic], [gallery] and [the guy from a=b].</p>",
                '[box type="info"]Kept[/box]': "<p> Kept </p>".replace("<p> Kept </p>", "<p>Kept</p>"),
            }
        )  # fmt: skip
        self.assertEqual(converted('[form id="7"] [form id="8"]')[1], [("shortcode", "[form]")] * 2)
        self.assertEqual(converted('[form id="7"]', "keep")[0], '<p>[form id="7"]</p>')

    def test_addresses_alone_on_their_line(self):
        self.check(
            {
                "a\nhttps://www.youtube.com/watch?v=abc123\nb":
                    '<p>a</p><div data-embed="https://www.youtube.com/watch?v=abc123"></div><p>b</p>',
                "http://youtu.be/abc": '<div data-embed="https://youtu.be/abc"></div>',
                "https://x.example/?a&b":
                    '<p><a href="https://x.example/?a&amp;b">https://x.example/?a&amp;b</a></p>',
                "<pre>\nhttps://x.example/\n</pre>": "<pre>https://x.example/</pre>",
                "See https://x.example/ there": "<p>See https://x.example/ there</p>",
            }
        )  # fmt: skip

    def test_players_become_embeds(self):
        cases = {
            '<iframe src="https://www.youtube.com/embed/abcdef1?x=1" title="A &quot;b&quot;"></iframe>':
                '<div data-embed="https://www.youtube.com/watch?v=abcdef1" data-title="A &quot;b&quot;"></div>',
            '<iframe src="//player.vimeo.com/video/12"></iframe>':
                '<div data-embed="https://vimeo.com/12" data-title=""></div>',
            '<iframe src="javascript:x"></iframe>': '<iframe src="javascript:x"></iframe>',
        }  # fmt: skip
        self.check(cases)

    def test_images_are_found_by_number_and_by_name_in_any_size(self):
        uploads = "wp-content/uploads/2014/05"
        for source in (
            f"https://old.example/{uploads}/a-300x200.jpg",
            f"http://www.old.example/{uploads}/a-scaled.jpg",
            f"https://i0.wp.com/old.example/{uploads}/a.jpg?resize=1",
            f"/{uploads}/a-e1234567890-10x10.jpg",
            "https://blog.files.wordpress.com/2014/05/a.jpg",
            "/files/2014/05/a-rotated.jpg",
        ):
            with self.subTest(source):
                self.assertIn('alt="Alt 1" data-media="1"', converted(f'<img src="{source}">')[0])
        self.assertIn('data-media="2"', converted(f'<img class="wp-image-2" src="/{uploads}/a.jpg">')[0])
        self.assertNotIn("data-media", converted('<img src="/other/c.jpg">')[0])
        self.assertNotIn("base64", converted('<img src="data:image/png;base64,AAAA">')[0])

    def test_hostile_content_takes_linear_time(self):
        for content in (
            "<!-- wp:a {" * 20_000,
            "[a " * 20_000,
            "[a b='" * 20_000,
            "<p" * 20_000,
            "<br>" * 20_000,
            "<iframe " * 5_000,
            "[caption]" * 5_000,
            "\n \n" * 20_000,
        ):
            converted(content)

    @takes_longer("Large input shows how the time grows.")
    def test_unclosed_elements_take_linear_time(self):
        for tag in ("<pre ", "<pre>", "<video ", "<video>", "<video>http ", "<!-- wp:a --><img ", "<!-- "):
            with self.subTest(tag):
                self.assertLess(growth(converted, f"http{tag * 5_000}", f"http{tag * 20_000}"), 4 * LINEAR)

    def test_long_words_and_spaces_take_linear_time(self):
        cases = {
            "[caption x{}=1 y]Text[/caption]": "a",
            "[caption id=1]{}[/caption]": "<a ",
            "a{}b\nc": " ",
            "http\n{}x\nhttps://x.example": "\t",
            "{}</p>": "<div>",
            "<div>{}": "<div></section>",
        }
        for text, part in cases.items():
            with self.subTest(text, part=part):
                few, many = (text.replace("{}", part * (size // len(part))) for size in (20_000, 80_000))
                self.assertLess(growth(converted, few, many), 4 * LINEAR)

    def test_hostile_references_to_notes_take_linear_time(self):
        for part in ("<sup ", '<sup data-fn="', "<sup data-fn='a' data-fn='b' ", "<sup data-fn='a'><a "):
            with self.subTest(part):
                few, many = (part * (size // len(part)) for size in (20_000, 80_000))
                self.assertLess(growth(lambda text: notes.attach(text, {}, []), few, many), 4 * LINEAR)

    def test_closing_many_blocks_takes_linear_time(self):
        few, many = ("<div>" * size + "</section></div>" * size for size in (2_000, 8_000))
        self.assertLess(growth(add_paragraphs, few, many), 4 * LINEAR)


class CommentTextTests(SimpleTestCase):
    def test_markup_becomes_that_of_comments(self):
        cases = {
            "a\n\nb &amp; c": "a\n\nb & c",
            "<p>a</p><p>b<br>c</p>": "a\n\nb\nc",
            'See <a href="https://x.example/">this</a>': "See this (https://x.example/)",
            '<a href="javascript:x">this</a>': "this",
            "<em>so</em> <strong>big</strong>": "*so* big",
            "<blockquote>a\nb</blockquote>c": "> a\n> b\n\nc",
            "<script>x</script>a < b": "a < b",
            '<img src="https://x.example/a.gif" alt="laughing">': "laughing",
        }
        for html, text in cases.items():
            with self.subTest(html):
                self.assertEqual(comment_text(html), text)
