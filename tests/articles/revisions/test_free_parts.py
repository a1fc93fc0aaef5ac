"""The free parts of several versions, cut so that none repeats gated words of another."""

from django.test import SimpleTestCase

from articles.revisions.free_parts import free_body, gated_alike

LINES = [f"Sentence {n} has alpha{n} beta{n} gamma{n} delta{n} words." for n in range(8)]


def text(*lines, level=10):
    """A content: numbers stand for paragraphs, "|" for the paywall marker."""
    body = "".join('<hr data-gate="">' if line == "|" else f"<p>{LINES[line]}</p>" for line in lines)
    return {"body": body, "required_level": level}


class FreePartTests(SimpleTestCase):
    def free(self, *contents, level=10):
        """The numbers of the free paragraphs of each content."""
        bodies = [free_body(content) for content in gated_alike(contents, level)]
        return [[n for n, line in enumerate(LINES) if line in body] for body in bodies]

    def test_own_marker_ends_the_free_part(self):
        self.assertEqual(self.free(text(0, 1, "|", 2)), [[0, 1]])

    def test_without_a_level_everything_is_free(self):
        (content,) = gated_alike([text(0, "|", 1, level=0)], 0)
        self.assertEqual(content["required_level"], 0)
        self.assertIn(LINES[1], content["body"])

    def test_version_that_was_free_is_cut_like_the_gated_one(self):
        self.assertEqual(self.free(text(0, 1, 2, 3, level=0), text(0, 1, "|", 2, 3)), [[0, 1], [0, 1]])
        self.assertEqual(self.free(text(0, level=0), text(1, 2, "|", 3)), [[0], [1, 2]])

    def test_free_part_ends_before_words_that_are_gated_elsewhere(self):
        self.assertEqual(self.free(text(0, 2, 1, "|", 3), text(0, 1, "|", 2, 3)), [[0], [0]])

    def test_part_of_a_paragraph_counts(self):
        half = {"body": f"<p>New start. {LINES[2]}</p>", "required_level": 0}
        bodies = gated_alike([half, text(0, "|", 2)], 10)
        self.assertEqual([free_body(content) for content in bodies], ["", f"<p>{LINES[0]}</p>"])

    def test_words_that_a_version_has_in_its_free_part_too_are_not_secret(self):
        self.assertEqual(self.free(text(0, 1, "|", 0, 2), text(0, 1, "|", 3)), [[0, 1], [0, 1]])

    def test_only_one_marker_remains(self):
        (content, _) = gated_alike([text(0, 1, "|", 2), text(0, "|", 1, 2)], 10)
        self.assertEqual(content["body"].count("<hr"), 1)

    def test_all_versions_were_free_but_the_current_text_was_removed(self):
        self.assertEqual(self.free(text(0, 1, 2, 3, 4, 5, level=0)), [[0, 1]])
