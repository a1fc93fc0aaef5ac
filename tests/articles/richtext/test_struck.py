"""Struck words: a newsroom's old corrections must not become statements, wherever they are shown."""

import random

from django.test import SimpleTestCase, TestCase, tag
from django.urls import reverse

from articles.revisions.blocks import blocks
from articles.richtext.anchors import Anchor
from articles.richtext.markdown import to_markdown
from articles.richtext.rendering import plain_text, render
from articles.richtext.short_text import clean_short_text
from articles.richtext.struck import without_struck
from articles.richtext.vocabulary import clean
from articles.seo.meta import meta_description
from comments.quotes import ArticleText, text_fragment
from tests.factories import make_article
from truthlytics.newsletters.email_html import for_email, plain

STRUCK = "<p>The dam has <s>12</s> 15 gates.</p>"


@tag("sqlite")
class SanitiserTests(SimpleTestCase):
    def test_all_elements_that_strike_out_become_one(self):
        for name in ("s", "S", "del", "DEL", "strike", "Strike", 'del datetime="2020-01-01" cite="x"'):
            with self.subTest(name):
                html = clean(f"<p>The dam has <{name}>12</{name.split()[0]}> 15 gates.</p>")
                self.assertEqual(html, STRUCK)

    def test_blocks_in_struck_elements_stay_struck(self):
        cases = {
            "<del><p>a</p><p>b <em>c</em></p></del>": "<p><s>a</s></p><p><s>b <em>c</em></s></p>",
            "<p>a <s>b</p><p>c</s> d</p>": "<p>a <s>b</s></p><p><s>c</s> d</p>",
            "<s><ul><li>a</li></ul></s>": "<ul><li><s>a</s></li></ul>",
            "<del><table><tr><td>a</td></tr></table></del>": "<table><tbody><tr><td><s>a</s></td></tr></tbody></table>",
        }
        for before, after in cases.items():
            with self.subTest(before):
                self.assertEqual(clean(before), after)

    def test_no_word_loses_its_stroke_in_generated_markup(self):
        pick = random.Random(5)
        for _ in range(60):
            html, depth, expected = "", 0, []
            for number in range(12):
                struck = depth > 0
                tag_name = pick.choice(["p", "li", "em", "strong", "blockquote", "h2"])
                html += f"<{tag_name}>word{number} </{tag_name}>"
                expected += [f"word{number}"] * (not struck)
                if pick.random() < 0.4:
                    html, depth = html + "<del>", depth + 1
                elif depth and pick.random() < 0.4:
                    html, depth = html + "</del>", depth - 1
            body = clean(html)
            with self.subTest(html):
                self.assertEqual(clean(body), body)
                self.assertEqual(without_struck(plain_text(body)).split(), expected)

    def test_short_texts_keep_it_too(self):
        self.assertEqual(clean_short_text("<p><del>12</del> 15</p>"), "<p><s>12</s> 15</p>")


@tag("sqlite")
class PlainTextTests(SimpleTestCase):
    def test_struck_words_have_marks(self):
        cases = {
            STRUCK: "The dam has ~~12~~ 15 gates.",
            "<p>a<s> b </s>c</p>": "a ~~b~~ c",
            "<p>wo<s>r</s>d</p>": "wo~~r~~d",
            "<p><s>a <strong>b</strong></s>.</p>": "~~a b~~.",
            "<p>a<s> </s>b</p>": "a b",
            "<p><s><s>a</s> b</s></p>": "~~a b~~",
        }
        for html, text in cases.items():
            with self.subTest(html):
                self.assertEqual(plain_text(html), text)

    def test_they_are_no_further_words(self):
        content = {"body": STRUCK, "required_level": 0, "pictures": {}}
        self.assertEqual(render(content, {}).words_all, 6)

    def test_emails_markdown_and_comparisons(self):
        self.assertEqual(for_email(STRUCK, url="https://site.example/"), STRUCK)
        self.assertEqual(plain(STRUCK), "The dam has ~~12~~ 15 gates.")
        self.assertEqual(to_markdown(STRUCK, {}, {}), "The dam has ~~12~~ 15 gates.\n")
        self.assertEqual(blocks(STRUCK)[0].spelled, "The dam has ~~12~~ 15 gates.")
        self.assertNotEqual(blocks(STRUCK)[0].key, blocks("<p>The dam has 12 15 gates.</p>")[0].key)


class ReaderTests(TestCase):
    @classmethod
    def setUpTestData(cls):
        cls.article = make_article(standfirst="", body=STRUCK)

    def test_pages_and_feeds_have_the_element_and_summaries_leave_it_out(self):
        page = self.client.get(self.article.get_absolute_url())
        self.assertContains(page, "<s>12</s> 15")
        self.assertContains(self.client.get(reverse("articles:rss")), "&lt;s&gt;12&lt;/s&gt; 15")
        self.assertEqual(meta_description(self.article.live), "The dam has 15 gates.")

    def test_search_shows_that_they_are_struck(self):
        page = self.client.get(reverse("articles:search"), {"q": "gates"})
        self.assertContains(page, "~~12~~ 15")

    def test_quotations_of_them_keep_the_marks_and_are_found_again(self):
        text = ArticleText(self.article.live.plain_free)
        for selected, quoted in (
            ("has 12 15 gates", "has ~~12~~ 15 gates"),
            ("has 12", "has ~~12~~"),
            ("12 15 gates", "~~12~~ 15 gates"),
            ("15 gates", "15 gates"),
        ):
            with self.subTest(selected):
                passage = text.find_sent(selected, "The dam ", "")
                self.assertEqual(passage.anchor.quote, quoted)
                self.assertEqual(text.find(passage.anchor).anchor, passage.anchor)
                self.assertNotIn("~~", text_fragment(quoted))

    def test_a_part_of_struck_words_is_quoted_as_struck(self):
        text = ArticleText("It was ~~twelve or thirteen metres~~ fifteen metres high.")
        passage = text.find(Anchor("thirteen metres fifteen"))
        self.assertEqual(passage.anchor.quote, "~~thirteen metres~~ fifteen")
