"""Every block put into every place of every other: no word and no picture of the text is lost on the way to readers."""

import re
from itertools import product
from uuid import UUID

from django.test import SimpleTestCase

from articles.media.html import ResponsiveImage
from articles.richtext.markdown import to_markdown
from articles.richtext.rendering import render
from articles.richtext.short_text import clean_letter
from articles.richtext.vocabulary import clean
from truthlytics.newsletters.email_html import for_email

UUIDS = [str(UUID(int=number)) for number in range(1, 4)]
IMAGES = {uuid: ResponsiveImage(100, 50, {"jpeg": ((f"/media/{uuid}.jpg", 100),)}) for uuid in UUIDS}
PICTURES = {uuid: {"alt": "", "caption": "", "credit": ""} for uuid in UUIDS}


def figure(number, caption):
    return f'<figure data-image="{UUIDS[number]}"><figcaption>{caption}</figcaption></figure>'


# Blocks with the words “inner …”, and what holds {}.
BLOCKS = {
    "image": figure(0, "inner caption"),
    "gallery": f'<div data-gallery="">{figure(0, "inner first")}{figure(1, "inner second")}</div>',
    "embed": '<div data-embed="https://www.youtube.com/watch?v=abcdefghijk" data-title="inner film"></div>',
    "pull quote": '<aside class="pullquote" data-by="inner speaker">inner quote</aside>',
    "callout": '<aside class="callout"><p>inner box</p><ul><li>inner point</li></ul></aside>',
    "button": '<p data-button=""><a href="https://example.org/">inner button</a></p>',
    "table": "<table><tbody><tr><th>inner head</th></tr><tr><td>inner cell</td></tr></tbody></table>",
    "list": "<ul><li><p>inner point</p></li></ul>",
    "numbers": "<ol><li><p>inner number</p></li></ol>",
    "quotation": "<blockquote><p>inner words</p></blockquote>",
    "heading": "<h2>inner heading</h2>",
    "code": "<pre><code>inner code</code></pre>",
    "footnote": '<p>inner text<sup data-footnote="inner note"></sup></p>',
    "line": "<hr>",
}
PLACES = {
    "paragraph": "<p>outer before {} outer after</p>",
    "list": "<ul><li><p>outer one</p>{}</li><li><p>outer two</p></li></ul>",
    "list, first": "<ul><li>{}<p>outer one</p></li></ul>",
    "list, alone": "<ul><li>{}</li></ul>",
    "numbers": "<ol><li><p>outer one</p>{}<p>outer more</p></li></ol>",
    "list in a list": "<ul><li><p>outer one</p><ul><li><p>outer deep</p>{}</li></ul></li></ul>",
    "quotation": "<blockquote><p>outer one</p>{}<p>outer two</p></blockquote>",
    "cell": "<table><tbody><tr><th><p>outer head</p></th></tr><tr><td><p>outer cell</p>{}</td></tr></tbody></table>",
    "cell, alone": "<table><tbody><tr><th><p>outer head</p></th></tr><tr><td>{}</td></tr></tbody></table>",
    "heading cell": "<table><tbody><tr><th>{}</th></tr><tr><td><p>outer cell</p></td></tr></tbody></table>",
    "callout": '<aside class="callout"><p>outer one</p>{}<p>outer two</p></aside>',
    "pull quote": '<aside class="pullquote" data-by="outer speaker">outer quote {}</aside>',
    "heading": "<h2>outer heading {}</h2>",
    "caption": f'<figure data-image="{UUIDS[2]}"><figcaption>outer caption {{}}</figcaption></figure>',
    "image": f'<figure data-image="{UUIDS[2]}">{{}}<figcaption>outer caption</figcaption></figure>',
    "gallery": f'<div data-gallery="">{figure(2, "outer caption")}{{}}{figure(1, "outer other")}</div>',
    "button": '<p data-button=""><a href="https://example.org/">outer button {}</a></p>',
}
WORDS = re.compile(r"(?:outer|inner) [a-z]+")


def words_in(html):
    return set(WORDS.findall(re.sub(r"\s+|\\\n", " ", html)))


def pictures_in(html):
    return {uuid for uuid in UUIDS if uuid in html}


class PlaceTests(SimpleTestCase):
    def cases(self):
        for (block, inner), (place, outer) in product(BLOCKS.items(), PLACES.items()):
            yield block, place, f"<p>Start.</p>{outer.format(inner)}<p>End.</p>"

    def test_all_words_and_pictures_reach_readers(self):
        for block, place, typed in self.cases():
            with self.subTest(block=block, place=place):
                stored = clean(typed)
                self.assertEqual(clean(stored), stored)
                rendered = render({"body": stored, "required_level": 0, "pictures": PICTURES}, IMAGES)
                page = rendered.free_html + rendered.free_notes
                outlets = {
                    "stored": stored,
                    "page": page,
                    "email": for_email(page, url="https://example.org/a/", campaign=""),
                    "markdown": to_markdown(stored, PICTURES, {}),
                }
                for name, shown in outlets.items():
                    self.assertEqual(words_in(typed) - words_in(shown), set(), (name, shown))
                    self.assertEqual(pictures_in(typed) - pictures_in(shown), set(), (name, shown))

    def test_pictures_are_at_the_top_level_or_in_a_gallery(self):
        for block, place, typed in self.cases():
            with self.subTest(block=block, place=place):
                body = clean(typed)
                nested = re.findall(r"<(?:li|td|th|blockquote|aside|p|h2|figcaption)[^>]*>(?:(?!</).)*<figure", body)
                self.assertEqual(nested, [], body)

    def test_letters_keep_what_their_editor_offers(self):
        offered = {"image", "embed", "button", "list", "numbers", "quotation", "heading", "line"}
        holds = {"paragraph", "list", "list, first", "list, alone", "numbers", "list in a list", "quotation", "heading"}
        for block, place, typed in self.cases():
            if block in offered and place in holds:
                with self.subTest(block=block, place=place):
                    letter = clean_letter(typed)
                    self.assertEqual(words_in(typed) - words_in(letter), set(), letter)
                    self.assertEqual(pictures_in(typed) - pictures_in(letter), set(), letter)
