"""Checks of the wording."""

from articles.checks.wording import LONG_SENTENCE_WORDS, LongSentences, Placeholder
from tests.articles.checks.base import IMAGE, CheckTestCase


class PlaceholderTests(CheckTestCase):
    check = Placeholder

    def test_reports_placeholder_in_fields(self):
        for name in ("headline", "standfirst", "lead_caption", "seo_title", "seo_description"):
            with self.subTest(name):
                self.assertEqual(self.locations(**{name: "It has TK berths"}), [name])

    def test_reports_placeholder_in_blocks_with_context(self):
        for block in (
            "<p>{}</p>",
            "<h2>{}</h2>",
            "<ul><li>{}</li></ul>",
            "<blockquote><p>{}</p></blockquote>",
            "<table><tbody><tr><td>{}</td></tr></tbody></table>",
            "<aside>{}</aside>",
            f'<figure data-image="{IMAGE}"><figcaption>{{}}</figcaption></figure>',
            "<ol><li><p>{}</p></li></ol>",
        ):
            with self.subTest(block):
                findings = self.locations(body="<p>Before.</p>" + block.format("one TK two"))
                self.assertEqual(findings, ["body.1.qone TK two"])

    def test_reports_placeholder_next_to_punctuation_and_repeated(self):
        for words in (
            "TK",
            "(TK)",
            "TK, TK’s",
            "TKTK",
            "TK–2026",
            "<strong>T</strong>K",
            "€TK",
            "TK\N{NO-BREAK SPACE}km",
        ):
            with self.subTest(words):
                self.assertTrue(self.locations(body=f"<p>{words}</p>"))

    def test_reports_each_occurrence_with_its_own_context(self):
        findings = self.locations(body="<p>first TK here, and quite a way further the second TK there</p>")
        self.assertEqual(findings, ["body.0.qfirst TK here, and", "body.0.qthe second TK there"])

    def test_reports_placeholder_in_footnotes_and_attributes(self):
        body = '<p>One<sup data-footnote="See TK."></sup> and<sup data-footnote="A source."></sup>TK</p>'
        self.assertEqual(self.locations(body=body), ["body.0.qTK", "body.0.n1"])
        self.assertEqual(self.locations(body='<aside data-by="TK">Said.</aside>'), ["body.0"])
        embed = '<div data-embed="https://www.youtube.com/watch?v=dQw4w9WgXcQ" data-title="TK"></div>'
        self.assertEqual(self.locations(body=f"<p>Words.</p>{embed}"), ["body.1"])
        self.assertEqual(self.locations(body="<p>10<sup>TK</sup></p>"), [])
        self.assertEqual(self.locations(body="<p>See <sup>TK</sup></p>"), ["body.0.qSee TK"])

    def test_accepts_parts_of_words_lower_case_and_code(self):
        for words in ("ATK", "TKO", "tk", "Tk", "STK-3", "TK1", "T K", "_TK_", "<code>TK</code>"):
            with self.subTest(words):
                self.assertEqual(self.locations(body=f"<p>{words}</p>"), [])
        self.assertEqual(self.locations(body="<pre><code>TK = 1</code></pre>"), [])


class LongSentencesTests(CheckTestCase):
    check = LongSentences
    long = "word " * LONG_SENTENCE_WORDS + "end. "

    def test_reports_more_than_a_quarter_of_long_sentences(self):
        body = f"<p>{'Short one. ' * 5}</p><p>{self.long * 3}</p>"
        self.assertEqual(len(self.messages(body=body)), 1)
        self.assertIn("3 of 8 sentences", self.messages(body=body)[0])
        self.assertTrue(self.locations(body=body)[0].startswith("body.1.qword word"))

    def test_accepts_short_texts_and_a_quarter_of_long_sentences(self):
        self.assertEqual(self.messages(body=f"<p>{self.long * 3}</p>"), [])
        self.assertEqual(self.messages(body=f"<p>{self.long * 2}{'Short. ' * 6}</p>"), [])
