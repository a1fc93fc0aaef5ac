"""Edits of one paragraph by two users."""

from django.test import SimpleTestCase

from articles.revisions.passages import changes, combine, combined_changes, passages

BASE = "<p>The <strong>quick</strong> fox jumps over the lazy dog.</p>"


class CombineTests(SimpleTestCase):
    def test_changes_that_do_not_touch_are_combined(self):
        theirs, mine = BASE.replace("fox", "brown fox"), BASE.replace("lazy", "sleepy")
        self.assertEqual(combine(BASE, theirs, mine), theirs.replace("lazy", "sleepy"))
        self.assertEqual(combine(BASE, mine, theirs), theirs.replace("lazy", "sleepy"))

    def test_the_same_change_counts_once(self):
        theirs = BASE.replace("fox", "wolf")
        self.assertEqual(combine(BASE, theirs, theirs.replace("lazy", "sleepy")), theirs.replace("lazy", "sleepy"))

    def test_changes_of_the_same_word_are_not(self):
        self.assertIsNone(combine(BASE, BASE.replace("lazy", "sleepy"), BASE.replace("lazy", "tired")))

    def test_markup_stays_valid(self):
        theirs = BASE.replace("<strong>", "").replace("</strong>", "")
        linked = BASE.replace(
            "<strong>quick</strong> fox", '<a href="https://example.org/"><strong>quick</strong> fox</a>'
        )
        self.assertIsNone(combine(BASE, theirs, linked))


class ChangesTests(SimpleTestCase):
    def test_each_side_shows_its_own_changes(self):
        theirs, mine = BASE.replace("fox", "wolf"), BASE.replace("lazy", "sleepy")
        (passage,) = passages(theirs, mine, BASE)
        ((_, left, right),) = changes(passage)
        self.assertEqual([(p.op, p.text.strip()) for p in left if p.op != "="], [("-", "fox"), ("+", "wolf")])
        self.assertEqual([(p.op, p.text.strip()) for p in right if p.op != "="], [("-", "lazy"), ("+", "sleepy")])
        self.assertEqual(len([part for part in combined_changes(passage) if part.op == "+"]), 2)

    def test_without_a_common_text_differences_are_marked_on_both_sides(self):
        (passage,) = passages(BASE, BASE.replace("lazy", "sleepy"))
        ((_, left, right),) = changes(passage)
        self.assertEqual([p.text.strip() for p in left if p.op == "~"], ["lazy"])
        self.assertEqual([p.text.strip() for p in right if p.op == "~"], ["sleepy"])
