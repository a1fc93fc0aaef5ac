"""Text comparison by words and by blocks, merging, and bounded running time."""

import random

from django.test import SimpleTestCase

from articles.revisions.diff import Part, block_diff, word_diff
from articles.revisions.passages import merged, passages
from tests.budget import takes_longer
from tests.growth import LINEAR, growth


def marked(parts):
    """Return the parts as text, with [-removed-] and {+added+} words marked."""
    sign = {"=": "{}", "-": "[-{}-]", "+": "{{+{}+}}"}
    return "".join(sign[part.op].format(part.text) for part in parts)


def paragraphs(*texts):
    return "".join(f"<p>{text}</p>" for text in texts)


class WordDiffTests(SimpleTestCase):
    def test_changed_words_are_marked(self):
        self.assertEqual(marked(word_diff("Only 14 of 41.", "Fourteen of 41.")), "[-Only 14 -]{+Fourteen +}of 41.")

    def test_number_is_one_word(self):
        self.assertEqual(word_diff("0.84", "0.48"), [Part("-", "0.84"), Part("+", "0.48")])
        self.assertIn(Part("-", "1,200 "), word_diff("of 1,200 men", "of 1,250 men"))

    def test_text_without_spaces_is_compared_by_character(self):
        self.assertEqual(marked(word_diff("中国说不", "中国说是")), "中国说[-不-]{+是+}")

    def test_both_texts_can_be_rebuilt_from_the_parts(self):
        generator = random.Random(7)
        for _ in range(200):
            old, new = (" ".join(generator.choices("abcde", k=generator.randrange(30))) for _ in range(2))
            parts = word_diff(old, new)
            self.assertEqual("".join(p.text for p in parts if p.op != "+").split(), old.split())
            self.assertEqual("".join(p.text for p in parts if p.op != "-").split(), new.split())

    def test_equal_texts_have_no_changes(self):
        self.assertEqual(word_diff("The same.", "The same."), [Part("=", "The same.")])
        self.assertEqual(word_diff("", ""), [])


class BlockDiffTests(SimpleTestCase):
    def kinds(self, old, new):
        return [row.kind for row in block_diff(old, new)]

    def test_unchanged_blocks_form_one_row(self):
        result = block_diff(paragraphs("A", "B", "C"), paragraphs("A", "B", "C and more"))
        self.assertEqual([(row.kind, row.count) for row in result], [("same", 2), ("changed", 1)])
        self.assertEqual(marked(result[1].parts), "C {+and more+}")

    def test_moved_paragraph_is_recognised(self):
        moving = "A paragraph of some length that wanders."
        old, new = paragraphs(moving, "One.", "Two."), paragraphs("One.", "Two.", moving)
        self.assertEqual(self.kinds(old, new), ["gone", "same", "moved"])
        touched = paragraphs("One.", "Two.", moving.replace("wanders", "walks"))
        result = block_diff(old, touched)
        self.assertEqual([row.kind for row in result], ["gone", "same", "moved"])
        self.assertIn("[-wanders-]{+walks+}", marked(result[2].parts))

    def test_lists_tables_and_quotes_keep_their_structure(self):
        old = (
            "<ul><li><p>one</p></li></ul><table><tbody><tr><td><p>a</p></td><td><p>b</p></td></tr></tbody></table>"
            "<blockquote><p>said</p></blockquote>"
        )
        new = old.replace("one", "one or two").replace("<p>b</p>", "<p>c</p>") + '<hr data-gate=""><p>End</p>'
        result = block_diff(old, new)
        self.assertEqual([row.tag for row in result], ["li", "tr", "p", "hr", "p"])
        self.assertEqual(marked(result[1].parts), "a | [-b-]{+c+}")
        self.assertIn("paywall", marked(result[3].parts))

    def test_changed_link_or_emphasis_is_a_change(self):
        result = block_diff(
            '<p>See <a href="https://a.org">this</a>.</p>', '<p>See <a href="https://b.org">this</a>.</p>'
        )
        self.assertIn("a.org", marked(result[0].parts))
        self.assertEqual(self.kinds("<p>a b</p>", "<p>a <strong>b</strong></p>"), ["changed"])

    def test_equivalent_markup_is_unchanged(self):
        pairs = [
            ("<table><tr><th>Year</th></tr></table>", "<table><tbody><tr><th><p>Year</p></th></tr></tbody></table>"),
            ("<blockquote>Said <em>so</em>.</blockquote>", "<blockquote><p>Said <em>so</em>.</p></blockquote>"),
            ("<ul><li>one</li></ul>", "<ul><li><p>one</p></li></ul>"),
        ]
        for old, new in pairs:
            self.assertEqual(self.kinds(old, new), ["same"])
            self.assertEqual([passage.number for passage in passages(old, new)], [None])
        self.assertEqual(self.kinds("<ul><li>one</li></ul>", "<ol><li>one</li></ol>"), ["changed"])
        self.assertEqual(self.kinds("<pre>a b</pre>", "<pre>a\n  b</pre>"), ["changed"])
        loose = "<blockquote>Loose<p>x</p></blockquote>"
        self.assertNotEqual(self.kinds(loose, loose.replace("Loose", "Other")), ["same"])

    def test_footnotes_are_compared_inline(self):
        old = '<p>Said.<sup data-footnote="Port, 2026."></sup></p>'
        result = block_diff(old, old.replace("2026", "2025"))
        self.assertEqual(marked(result[0].parts), "Said. [note: Port, [-2026-]{+2025+}.]")


def by_paragraph(words):
    return paragraphs(*words)


def random_words(length):
    """Three texts: two that share their vocabulary, and one of two words."""
    generator = random.Random(1)
    numbered, different = ([f"w{generator.randrange(length * 3 // 10)}" for _ in range(length)] for _ in range(2))
    return numbered, different, [generator.choice("ab") for _ in range(length)]


class RunningTimeTests(SimpleTestCase):
    @takes_longer("Large input shows how the time grows.")
    def test_ten_thousand_words_take_four_times_as_long_as_a_quarter(self):
        small, large = random_words(2500), random_words(10_000)
        for name, compare in {
            "other words": lambda one, other, _: word_diff(" ".join(one), " ".join(other)),
            "repeated words": lambda _, __, two: word_diff(" ".join(two), " ".join(two[::-1])),
            "sorted words": lambda one, _, __: word_diff(" ".join(one), " ".join(sorted(one))),
            "repeated paragraphs": lambda _, __, two: block_diff(by_paragraph(two), by_paragraph(two[::-1])),
            "reversed paragraphs": lambda one, _, __: block_diff(by_paragraph(one), by_paragraph(one[::-1])),
        }.items():
            with self.subTest(name):
                self.assertLess(growth(lambda texts, compare=compare: compare(*texts), small, large), 4 * LINEAR)


class MergeTests(SimpleTestCase):
    BASE = paragraphs("One.", "Two.", "Three.")

    def passages(self, theirs, mine):
        return passages(theirs, mine, self.BASE)

    def test_separate_changes_merge_automatically(self):
        blocks = self.passages(paragraphs("One!", "Two.", "Three."), paragraphs("One.", "Two.", "Three!", "Four."))
        self.assertEqual(merged(blocks, {}), paragraphs("One!", "Two.", "Three!", "Four."))
        self.assertFalse(any(passage.both_changed for passage in blocks))

    def test_conflicting_passages_need_a_choice(self):
        blocks = self.passages(paragraphs("One theirs.", "Two.", "Three."), paragraphs("One mine.", "Two.", "Three."))
        self.assertTrue(blocks[0].both_changed)
        self.assertEqual(merged(blocks, {}), paragraphs("One mine.", "Two.", "Three."))
        self.assertEqual(merged(blocks, {0: "theirs"}), paragraphs("One theirs.", "Two.", "Three."))
        self.assertEqual(merged(blocks, {0: "both"}), paragraphs("One theirs.", "One mine.", "Two.", "Three."))

    def test_removal_on_one_side_is_kept(self):
        blocks = self.passages(paragraphs("One.", "Three."), paragraphs("One.", "Two.", "Three."))
        self.assertEqual(merged(blocks, {}), paragraphs("One.", "Three."))
        blocks = self.passages(paragraphs("One.", "Two.", "Three."), paragraphs("One.", "Three."))
        self.assertEqual(merged(blocks, {}), paragraphs("One.", "Three."))

    def test_own_text_is_proposed_without_a_base(self):
        blocks = passages(paragraphs("A"), paragraphs("B"))
        self.assertEqual((merged(blocks, {}), merged(blocks, {0: "theirs"})), (paragraphs("B"), paragraphs("A")))
