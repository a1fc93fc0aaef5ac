"""Embeds: accepted URLs, sanitising, and rendering as a link."""

import json
import re
from pathlib import Path

from django.contrib.staticfiles import finders
from django.test import SimpleTestCase, TestCase

from articles.feeds.channel import build_item
from articles.media.html import ResponsiveImage
from articles.revisions.blocks import blocks
from articles.revisions.diff import block_diff
from articles.richtext.embeds import SITE_NAMES, clean_url, site_name
from articles.richtext.rendering import render
from articles.richtext.vocabulary import clean, image_uuids
from tests.factories import make_article, make_image

UUID = "0b6f4c1e-8f43-4c53-9d36-6a8e2d1f0a11"
VIDEO = '<div data-embed="https://www.youtube.com/watch?v=a1" data-title="The harbour by night"></div>'
IMAGE = ResponsiveImage(100, 50, {"jpeg": (("/media/a.jpg", 100),)})
DETAILS = {UUID: {"alt": "Cranes", "caption": "", "credit": "Photograph: N. N."}}

EMBED = '<div data-embed="https://example.org/"></div>'
WITH_IMAGE = EMBED.replace("></div>", f' data-image="{UUID}"></div>')
VALID = [
    "https://example.org",
    " https://example.org/ ",
    "https://a.example.org/b-c/?d=e&f=%20#g",
    "https://xn--bcher-kva.example/",
    "https://example.org/@name/1",
    "https://example.org/a_(b),c;d=1!",
]
INVALID = [
    "", "javascript:alert(1)", "JAVASCRIPT:alert(1)//https://example.org/", "data:text/html,x", "http://example.org/",
    "//example.org/", "https:example.org", "https://user@example.org/", "https://user:word@example.org/",
    "https://example.org:8443/", "https://example.org.", "https://localhost/", "https://127.0.0.1/", "https://[::1]/",
    "https://example.org/a b", 'https://example.org/"><script>', r"https://example.org\@e.test/", "https://пример.рф/",
    "https://exa\nmple.org/", "https://example.org/\x00",
    f"https://{'a' * 64}.org/", f"https://example.org/{'a' * 2000}",
]  # fmt: skip


def render_body(body, images=None):
    return render({"body": clean(body), "required_level": 0, "pictures": DETAILS}, images or {})


class CleanUrlTests(SimpleTestCase):
    def test_only_https_urls_with_a_full_host_name_are_accepted(self):
        for url in VALID:
            with self.subTest(url):
                self.assertEqual(clean_url(url), url.strip())
        for url in INVALID:
            with self.subTest(url):
                self.assertIsNone(clean_url(url))

    def test_known_sites_are_named(self):
        self.assertEqual(site_name("https://www.youtube.com/watch?v=1"), "YouTube")
        self.assertEqual(site_name("https://maps.example.org/"), "maps.example.org")

    def test_editor_knows_the_same_sites(self):
        script = Path(finders.find("newsroom/js/editor/embed-sites.js")).read_text()
        known = re.search(r"const SITES = \{(.*?)\}", script, re.DOTALL)
        self.assertEqual(dict(re.findall(r'"([^"]+)": "([^"]+)"', known[1])), SITE_NAMES)


class SanitiserTests(SimpleTestCase):
    def test_embed_is_kept_at_the_top_level_without_content(self):
        for before, after in {
            VIDEO: VIDEO,
            f"<p>a</p>{VIDEO}<p>b</p>": f"<p>a</p>{VIDEO}<p>b</p>",
            '<div data-embed="javascript:alert(1)" data-title="t">words</div>': "<p>words</p>",
            EMBED.replace("></div>", ' data-image="x" onclick="y()" class="z"></div>'): EMBED,
            WITH_IMAGE: WITH_IMAGE,
            EMBED.replace("</div>", "<p>words</p></div>"): f"<p>words</p>{EMBED}",
            f"<ul><li>a{EMBED}</li></ul><p>b</p>": f"<ul><li>a</li></ul>{EMBED}<p>b</p>",
            "<div><p>a</p><div>b</div></div>c": "<p>a</p><p>bc</p>",
            '<iframe src="https://example.org/"></iframe>': "",
        }.items():
            with self.subTest(before):
                self.assertEqual(clean(before), after)
                self.assertEqual(clean(clean(before)), clean(before))


class RenderTests(SimpleTestCase):
    def test_embed_is_rendered_as_a_card_that_opens_a_new_tab(self):
        html = render_body(f"<p>a</p>{VIDEO}").free_html
        self.assertIn(
            '<a class="embed__link" href="https://www.youtube.com/watch?v=a1" target="_blank" rel="noopener">', html
        )
        self.assertIn("The harbour by night", html)
        self.assertIn('<small class="embed__site">YouTube</small>', html)
        self.assertIn("Opens in a new tab", html)
        for tag in ("<iframe", "<img", "<script", "src="):
            self.assertNotIn(tag, html)

    def test_embed_without_a_title_shows_the_url(self):
        html = render_body('<div data-embed="https://www.example.org/map?a=1&amp;b=2"></div>').free_html
        self.assertIn(">example.org/map?a=1&amp;b=2</span>", html)

    def test_library_image_is_shown_with_its_credit(self):
        body = VIDEO.replace("></div>", f' data-image="{UUID}"></div>')
        self.assertEqual(image_uuids(body), [UUID])
        html = render_body(body, {UUID: IMAGE}).free_html
        self.assertIn('alt="Cranes"', html)
        self.assertIn("Photograph: N. N.", html)
        self.assertNotIn("Photograph", render_body(body, {UUID: IMAGE}).plain_all)

    def test_plain_text_includes_the_title_only(self):
        self.assertEqual(render_body(f"<p>a b</p>{VIDEO}<p>c</p>").plain_all, "a b\nThe harbour by night\nc")

    def test_diff_includes_the_url(self):
        self.assertEqual(blocks(VIDEO)[0].text, "Embed: The harbour by night")
        moved = VIDEO.replace("watch?v=a1", "watch?v=b2")
        self.assertTrue(any(row.kind != "same" for row in block_diff(VIDEO, moved)))


class PublishedEmbedTests(TestCase):
    def test_image_is_part_of_the_version_and_feeds_have_the_link(self):
        image = make_image()
        article = make_article(body=f"<p>a</p>{VIDEO}".replace("></div>", f' data-image="{image.uuid}"></div>'))
        self.assertIn(str(image.uuid), json.loads(article.live.content)["pictures"])
        html = build_item(article.live).html
        self.assertIn('href="https://www.youtube.com/watch?v=a1"', html)
        self.assertNotIn("<iframe", html)
