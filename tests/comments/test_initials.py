"""Initials and the colour behind them."""

from django.test import SimpleTestCase

from comments.initials import COLOURS, colour, initials


class InitialsTests(SimpleTestCase):
    def test_first_and_last_word_count(self):
        for name, expected in {
            "Nadia Lund": "NL",
            "Nadia": "N",
            "jean-luc de la tour": "JT",
            "(Anna) “B.”": "AB",
            "王小明": "王",
            "★ !": "",
            "": "",
        }.items():
            with self.subTest(name):
                self.assertEqual(initials(name), expected)

    def test_a_name_keeps_its_colour(self):
        self.assertEqual(colour("Nadia Lund"), colour("Nadia Lund"))
        self.assertGreater(len({colour(f"Reader {number}") for number in range(100)}), COLOURS // 2)
