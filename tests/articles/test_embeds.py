"""What stands elsewhere is an address of one shape, and a reader sees a link and nothing else."""

import json

from django.test import SimpleTestCase, TestCase

from articles.feeds.channel import item
from articles.media.html import Picture
from articles.revisions.blocks import blocks
from articles.revisions.diff import rows
from articles.richtext.embeds import address, place
from articles.richtext.rendering import render
from articles.richtext.vocabulary import clean, pictures_in
from tests.factories import make_article, make_image

UUID = "0b6f4c1e-8f43-4c53-9d36-6a8e2d1f0a11"
FILM = '<div data-embed="https://www.youtube.com/watch?v=a1" data-title="The harbour by night"></div>'
PICTURE = Picture(100, 50, {"jpeg": (("/media/a.jpg", 100),)})
WORDS = {UUID: {"alt": "Cranes", "caption": "", "credit": "Photograph: N. N."}}

BARE = '<div data-embed="https://example.org/"></div>'
PICTURED = BARE.replace("></div>", f' data-image="{UUID}"></div>')
GOOD = [
    "https://example.org", " https://example.org/ ", "https://a.example.org/b-c/?d=e&f=%20#g",
    "https://xn--bcher-kva.example/", "https://example.org/@somebody/1", "https://example.org/a_(b),c;d=1!",
]  # fmt: skip
BAD = [
    "", "javascript:alert(1)", "JAVASCRIPT:alert(1)//https://example.org/", "data:text/html,x", "http://example.org/",
    "//example.org/", "https:example.org", "https://user@example.org/", "https://user:word@example.org/",
    "https://example.org:8443/", "https://example.org.", "https://localhost/", "https://127.0.0.1/", "https://[::1]/",
    "https://example.org/a b", 'https://example.org/"><script>', r"https://example.org\@e.test/", "https://пример.рф/",
    "https://exa\nmple.org/", "https://example.org/\x00",
    f"https://{'a' * 64}.org/", f"https://example.org/{'a' * 2000}",
]  # fmt: skip


def rendered(body, pictures=None):
    return render({"body": clean(body), "required_level": 0, "pictures": WORDS}, pictures or {})


class AddressTests(SimpleTestCase):
    def test_only_a_whole_address_of_the_secure_web_is_one(self):
        for url in GOOD:
            with self.subTest(url):
                self.assertEqual(address(url), url.strip())
        for url in BAD:
            with self.subTest(url):
                self.assertIsNone(address(url))

    def test_a_place_is_called_as_readers_call_it(self):
        self.assertEqual(place("https://www.youtube.com/watch?v=1"), "YouTube")
        self.assertEqual(place("https://maps.example.org/"), "maps.example.org")


class CleanTests(SimpleTestCase):
    def test_what_is_kept_of_an_embed(self):
        for before, after in {
            FILM: FILM,
            f"<p>a</p>{FILM}<p>b</p>": f"<p>a</p>{FILM}<p>b</p>",
            '<div data-embed="javascript:alert(1)" data-title="t">words</div>': "<p>words</p>",
            BARE.replace("></div>", ' data-image="x" onclick="y()" class="z"></div>'): BARE,
            PICTURED: PICTURED,
            BARE.replace("</div>", "<p>words</p></div>"): f"<p>words</p>{BARE}",
            f"<ul><li>a{BARE}</li></ul><p>b</p>": f"<ul><li>a</li></ul>{BARE}<p>b</p>",
            "<div><p>a</p><div>b</div></div>c": "<p>a</p><p>bc</p>",
            '<iframe src="https://example.org/"></iframe>': "",
        }.items():  # fmt: skip
            with self.subTest(before):
                self.assertEqual(clean(before), after)
                self.assertEqual(clean(clean(before)), clean(before))


class DrawnTests(SimpleTestCase):
    def test_a_reader_sees_a_link_and_nothing_is_loaded(self):
        html = rendered(f"<p>a</p>{FILM}").free_html
        self.assertIn('<a class="embed__link" href="https://www.youtube.com/watch?v=a1" rel="noopener">', html)
        self.assertIn("The harbour by night", html)
        self.assertIn("Opens YouTube", html)
        for tag in ("<iframe", "<img", "<script", "src="):
            self.assertNotIn(tag, html)

    def test_without_a_title_the_address_is_said(self):
        html = rendered('<div data-embed="https://www.example.org/map?a=1&amp;b=2"></div>').free_html
        self.assertIn(">example.org/map?a=1&amp;b=2</span>", html)

    def test_a_picture_of_the_library_stands_beside_it_with_its_credit(self):
        body = FILM.replace("></div>", f' data-image="{UUID}"></div>')
        self.assertEqual(pictures_in(body), [UUID])
        html = rendered(body, {UUID: PICTURE}).free_html
        self.assertIn('alt="Cranes"', html)
        self.assertIn("Photograph: N. N.", html)
        self.assertNotIn("Photograph", rendered(body, {UUID: PICTURE}).plain_all)

    def test_search_and_the_length_of_a_text_know_its_title_alone(self):
        self.assertEqual(rendered(f"<p>a b</p>{FILM}<p>c</p>").plain_all, "a b\nThe harbour by night\nc")

    def test_a_comparison_says_where_it_leads(self):
        self.assertEqual(blocks(FILM)[0].text, "Elsewhere: The harbour by night")
        moved = FILM.replace("watch?v=a1", "watch?v=b2")
        self.assertTrue(any(row.kind != "same" for row in rows(FILM, moved)))


class PublishedTests(TestCase):
    def test_its_picture_belongs_to_the_record_and_feeds_have_the_link(self):
        image = make_image()
        article = make_article(body=f"<p>a</p>{FILM}".replace("></div>", f' data-image="{image.uuid}"></div>'))
        self.assertIn(str(image.uuid), json.loads(article.live.content)["pictures"])
        html = item(article.live).html
        self.assertIn('href="https://www.youtube.com/watch?v=a1"', html)
        self.assertNotIn("<iframe", html)
