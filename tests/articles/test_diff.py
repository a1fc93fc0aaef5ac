"""Two texts compared: by words, with the shape of the text kept, in a time that does not run away."""

import random
import time

from django.test import SimpleTestCase

from articles.revisions.diff import Part, rows, words
from articles.revisions.fields import merged, passages


def marked(parts):
    """Parts as people mark them: [-gone-] {+come+}."""
    sign = {"=": "{}", "-": "[-{}-]", "+": "{{+{}+}}"}
    return "".join(sign[part.op].format(part.text) for part in parts)


def paragraphs(*texts):
    return "".join(f"<p>{text}</p>" for text in texts)


class WordTests(SimpleTestCase):
    def test_changed_words_stand_beside_those_that_stay(self):
        self.assertEqual(marked(words("Only 14 of 41.", "Fourteen of 41.")), "[-Only 14 -]{+Fourteen +}of 41.")

    def test_a_figure_is_one_word(self):
        self.assertEqual(words("0.84", "0.48"), [Part("-", "0.84"), Part("+", "0.48")])
        self.assertIn(Part("-", "1,200 "), words("of 1,200 men", "of 1,250 men"))

    def test_signs_without_spaces_are_words_of_their_own(self):
        self.assertEqual(marked(words("中国说不", "中国说是")), "中国说[-不-]{+是+}")

    def test_each_text_can_be_read_out_of_the_parts(self):
        dice = random.Random(7)
        for _ in range(200):
            old, new = (" ".join(dice.choices("abcde", k=dice.randrange(30))) for _ in range(2))
            parts = words(old, new)
            self.assertEqual("".join(p.text for p in parts if p.op != "+").split(), old.split())
            self.assertEqual("".join(p.text for p in parts if p.op != "-").split(), new.split())

    def test_nothing_differs_where_nothing_changed(self):
        self.assertEqual(words("The same.", "The same."), [Part("=", "The same.")])
        self.assertEqual(words("", ""), [])


class RowTests(SimpleTestCase):
    def kinds(self, old, new):
        return [row.kind for row in rows(old, new)]

    def test_unchanged_blocks_are_one_row(self):
        found = rows(paragraphs("A", "B", "C"), paragraphs("A", "B", "C and more"))
        self.assertEqual([(row.kind, row.count) for row in found], [("same", 2), ("changed", 1)])
        self.assertEqual(marked(found[1].parts), "C {+and more+}")

    def test_a_paragraph_that_moved_is_said_to_have_moved(self):
        moving = "A paragraph of some length that wanders."
        old, new = paragraphs(moving, "One.", "Two."), paragraphs("One.", "Two.", moving)
        self.assertEqual(self.kinds(old, new), ["gone", "same", "moved"])
        touched = paragraphs("One.", "Two.", moving.replace("wanders", "walks"))
        found = rows(old, touched)
        self.assertEqual([row.kind for row in found], ["gone", "same", "moved"])
        self.assertIn("[-wanders-]{+walks+}", marked(found[2].parts))

    def test_lists_tables_quotes_and_pictures_keep_their_shape(self):
        old = (
            "<ul><li><p>one</p></li></ul><table><tbody><tr><td><p>a</p></td><td><p>b</p></td></tr></tbody></table>"
            "<blockquote><p>said</p></blockquote>"
        )
        new = old.replace("one", "one or two").replace("<p>b</p>", "<p>c</p>") + '<hr data-gate=""><p>End</p>'
        found = rows(old, new)
        self.assertEqual([row.tag for row in found], ["li", "tr", "p", "hr", "p"])
        self.assertEqual(marked(found[1].parts), "a | [-b-]{+c+}")
        self.assertIn("free part ends", marked(found[3].parts))

    def test_a_link_or_emphasis_alone_is_a_change_too(self):
        found = rows('<p>See <a href="https://a.org">this</a>.</p>', '<p>See <a href="https://b.org">this</a>.</p>')
        self.assertIn("a.org", marked(found[0].parts))
        self.assertEqual(self.kinds("<p>a b</p>", "<p>a <strong>b</strong></p>"), ["changed"])

    def test_the_same_thing_written_in_another_way_is_no_change(self):
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

    def test_a_footnote_is_compared_where_it_stands(self):
        old = '<p>Said.<sup data-footnote="Port, 2026."></sup></p>'
        found = rows(old, old.replace("2026", "2025"))
        self.assertEqual(marked(found[0].parts), "Said. [note: Port, [-2026-]{+2025+}.]")


class TimeTests(SimpleTestCase):
    """Generous limits: what is looked for is a time that grows with the square."""

    def assert_quick(self, compare, *texts):
        began = time.thread_time()
        compare(*texts)
        self.assertLess(time.thread_time() - began, 3)

    def test_ten_thousand_words_take_a_moment_however_they_differ(self):
        dice = random.Random(1)
        plain = [f"w{dice.randrange(3000)}" for _ in range(10_000)]
        other = [f"w{dice.randrange(3000)}" for _ in range(10_000)]
        few = [dice.choice("ab") for _ in range(10_000)]
        self.assert_quick(words, " ".join(plain), " ".join(other))
        self.assert_quick(words, " ".join(few), " ".join(reversed(few)))
        self.assert_quick(words, " ".join(plain), " ".join(sorted(plain)))
        self.assert_quick(rows, paragraphs(*few), paragraphs(*reversed(few)))
        self.assert_quick(rows, paragraphs(*plain), paragraphs(*reversed(plain)))


class MergingTests(SimpleTestCase):
    BASE = paragraphs("One.", "Two.", "Three.")

    def cut(self, theirs, mine):
        return passages(theirs, mine, self.BASE)

    def test_changes_in_different_places_come_together_by_themselves(self):
        cut = self.cut(paragraphs("One!", "Two.", "Three."), paragraphs("One.", "Two.", "Three!", "Four."))
        self.assertEqual(merged(cut, {}), paragraphs("One!", "Two.", "Three!", "Four."))
        self.assertFalse(any(passage.both_changed for passage in cut))

    def test_where_both_wrote_one_is_asked(self):
        cut = self.cut(paragraphs("One theirs.", "Two.", "Three."), paragraphs("One mine.", "Two.", "Three."))
        self.assertTrue(cut[0].both_changed)
        self.assertEqual(merged(cut, {}), paragraphs("One mine.", "Two.", "Three."))
        self.assertEqual(merged(cut, {0: "theirs"}), paragraphs("One theirs.", "Two.", "Three."))
        self.assertEqual(merged(cut, {0: "both"}), paragraphs("One theirs.", "One mine.", "Two.", "Three."))

    def test_what_one_took_away_the_other_does_not_bring_back(self):
        cut = self.cut(paragraphs("One.", "Three."), paragraphs("One.", "Two.", "Three."))
        self.assertEqual(merged(cut, {}), paragraphs("One.", "Three."))
        cut = self.cut(paragraphs("One.", "Two.", "Three."), paragraphs("One.", "Three."))
        self.assertEqual(merged(cut, {}), paragraphs("One.", "Three."))

    def test_without_the_text_that_both_began_with_ones_own_is_proposed(self):
        cut = passages(paragraphs("A"), paragraphs("B"))
        self.assertEqual((merged(cut, {}), merged(cut, {0: "theirs"})), (paragraphs("B"), paragraphs("A")))
