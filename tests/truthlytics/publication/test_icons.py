"""The letter of an icon that is drawn from the publication's name."""

from django.test import SimpleTestCase

from truthlytics.publication.images import initial_of


class InitialTests(SimpleTestCase):
    def test_english_articles_are_skipped(self):
        for name, letter in {
            "The Harbour Review": "H",
            "A Paper": "P",
            "Theatre today": "T",
            "The": "T",
            "« Élan »": "É",
            "…": "",
        }.items():
            self.assertEqual(initial_of(name), letter, name)
