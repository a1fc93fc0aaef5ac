"""The place of a remark is found again after edits. The browser is held to the same cases."""

import json
from pathlib import Path

from django.test import SimpleTestCase

from articles.richtext.anchors import CONTEXT, Anchor, anchor_at, find, text_of

CASES = json.loads((Path(__file__).parent / "anchor_cases.json").read_text())
CASES.append({
    "name": "a letter after thousands of its kind", "text": "e " * 3000 + "the very end", "found": "e", "at": 6009,
    "anchor": ["e", "e the very ", "nd", 6009],
})  # fmt: skip
EVERYTHING = (
    "<h2>Head</h2><p>One <strong>bold</strong><sup data-footnote='x'></sup> word<br>and a line.</p><p></p>"
    "<ul><li><p>Point</p><ul><li><p>Within</p></li></ul></li></ul><blockquote><p>Quoted</p></blockquote>"
    "<aside data-by='T. Est'>Pulled</aside><hr data-gate><table><tbody><tr><th><p>A</p></th><td>B</td></tr></tbody>"
    "</table><pre><code>sum(x)</code></pre><figure data-image='00000000-0000-4000-8000-000000000001'>"
    "<figcaption>Caption</figcaption></figure><p>🦊 end</p>"
)
LINES = "Head\nOne bold word\nand a line.\nPoint\nWithin\nQuoted\nPulled\nA\nB\nsum(x)\nCaption\n🦊 end"


class AnchorTests(SimpleTestCase):
    def test_the_cases(self):
        for case in CASES:
            with self.subTest(case["name"]):
                span = find(case["text"], Anchor(*case["anchor"]))
                if case["found"] is None:
                    self.assertIsNone(span)
                else:
                    self.assertIsNotNone(span)
                    self.assertEqual((case["text"][slice(*span)], span[0]), (case["found"], case["at"]))

    def test_what_is_chosen_is_found_where_it_was_chosen(self):
        text = ("The same line again. " * 40 + "🦊 ") * 3
        for start in range(0, len(text) - 30, 7):
            for length in (1, 5, 30):
                anchor = anchor_at(text, start, start + length)
                if anchor.quote.strip():
                    span = find(text, anchor)
                    self.assertEqual(text[slice(*span)].strip(), anchor.quote.strip())
                    self.assertEqual(span[0], start)

    def test_neighbours_are_bounded(self):
        anchor = anchor_at("a" * 500, 200, 210)
        self.assertEqual((len(anchor.prefix), len(anchor.suffix), anchor.position), (CONTEXT, CONTEXT, 200))

    def test_a_body_is_read_line_by_line_without_notes(self):
        self.assertEqual(text_of(EVERYTHING), LINES)
        self.assertEqual(text_of(""), "")

    def test_a_long_text_is_searched_quickly(self):
        text = "The price of the place in the queue is e. " * 5000
        anchor = Anchor("e", "x" * 48, "y" * 48, 100_000)
        self.assertIsNone(find(text, anchor))
