"""Passage anchors: finding a quoted passage after edits. The browser tests use the same cases."""

import json
from pathlib import Path

from django.test import SimpleTestCase

from articles.richtext.anchors import CONTEXT_LENGTH, Anchor, anchor_at, body_text, find_anchor

CASES = json.loads((Path(__file__).parent / "anchor_cases.json").read_text())
CASES.append(
    {
        "name": "a character after thousands of the same",
        "text": "e " * 3000 + "the very end",
        "found": "e",
        "at": 6009,
        "anchor": ["e", "e the very ", "nd", 6009],
    }
)
BODY = (
    "<h2>Head</h2><p>One <strong>bold</strong><sup data-footnote='x'></sup> word<br>and a line.</p><p></p>"
    "<ul><li><p>Point</p><ul><li><p>Within</p></li></ul></li></ul><blockquote><p>Quoted</p></blockquote>"
    "<aside data-by='T. Est'>Pulled</aside><hr data-gate><table><tbody><tr><th><p>A</p></th><td>B</td></tr></tbody>"
    "</table><pre><code>sum(x)</code></pre><figure data-image='00000000-0000-4000-8000-000000000001'>"
    "<figcaption>Caption</figcaption></figure><p>🦊 end</p>"
)
LINES = "Head\nOne bold word\nand a line.\nPoint\nWithin\nQuoted\nPulled\nA\nB\nsum(x)\nCaption\n🦊 end"


class AnchorTests(SimpleTestCase):
    def test_shared_cases(self):
        for case in CASES:
            with self.subTest(case["name"]):
                span = find_anchor(case["text"], Anchor(*case["anchor"]))
                if case["found"] is None:
                    self.assertIsNone(span)
                else:
                    self.assertIsNotNone(span)
                    self.assertEqual((case["text"][slice(*span)], span[0]), (case["found"], case["at"]))

    def test_selected_passage_is_found_at_its_position(self):
        text = ("The same line again. " * 40 + "🦊 ") * 3
        for start in range(0, len(text) - 30, 7):
            for length in (1, 5, 30):
                anchor = anchor_at(text, start, start + length)
                if anchor.quote.strip():
                    span = find_anchor(text, anchor)
                    self.assertEqual(text[slice(*span)].strip(), anchor.quote.strip())
                    self.assertEqual(span[0], start)

    def test_context_length_is_limited(self):
        anchor = anchor_at("a" * 500, 200, 210)
        self.assertEqual((len(anchor.prefix), len(anchor.suffix)), (CONTEXT_LENGTH, CONTEXT_LENGTH))
        self.assertEqual(anchor.position, 200)

    def test_body_text_has_one_line_per_block_and_no_footnotes(self):
        self.assertEqual(body_text(BODY), LINES)
        self.assertEqual(body_text(""), "")

    def test_long_text_is_searched_quickly(self):
        text = "The price of the place in the queue is e. " * 5000
        anchor = Anchor("e", "x" * 48, "y" * 48, 100_000)
        self.assertIsNone(find_anchor(text, anchor))
