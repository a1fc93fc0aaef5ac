"""Shortened texts."""

from django.test import SimpleTestCase

from truthlytics.web.text import shorten


class ShortenTests(SimpleTestCase):
    def test_short_texts_stay_as_they_are(self):
        self.assertEqual(shorten("Writes about ports.", 19), "Writes about ports.")

    def test_the_cut_is_after_a_sentence_without_an_ellipsis(self):
        self.assertEqual(
            shorten("She asks why. It is known to no one else. What now?", 45),
            "She asks why. It is known to no one else.",
        )

    def test_without_a_sentence_the_cut_is_after_a_word(self):
        for text, length, short in [
            ("Writes about ports, and about rivers", 26, "Writes about ports, and…"),
            ("Writes about ports, and about rivers", 21, "Writes about ports…"),
            ("Has taught with Prof. Arnold for twenty years", 24, "Has taught with Prof…"),
            ("W" * 30, 10, "W" * 9 + "…"),
        ]:
            with self.subTest(text, length=length):
                self.assertEqual(shorten(text, length), short)
                self.assertLessEqual(len(shorten(text, length)), length)
