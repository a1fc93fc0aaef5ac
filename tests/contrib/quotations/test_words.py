"""Which differences between a quotation and a text matter."""

from django.test import SimpleTestCase

from truthlytics.contrib.quotations.matching import Passage, find, find_similar

TEXT = "The mayor’s “well-known” office paid 1,250.50 euros (3.5%) for 10² flats, a ﬁne of –5 degrees and CO₂."


def is_same(quotation: str, text: str = TEXT) -> bool:
    return find(Passage.of(quotation), [Passage.of(text)]) is not None


class SameTests(SimpleTestCase):
    def test_typography_does_not_matter(self):
        for quotation in (
            TEXT,
            TEXT.upper(),
            "… " + TEXT + " […]",
            "»" + TEXT.replace("“", '"').replace("”", "„").replace("’", "'") + "«",
            TEXT.replace("fi", "ﬁ").replace("ﬁne", "fine"),
            TEXT.replace(" ", "\u00a0").replace("3.5%", "3.5\u202f%"),
            TEXT.replace("office", "of\u00adfice").replace("degrees", "de\u00ad\n  grees"),
            TEXT.replace("office", "of-\nfice").replace("well-known", "well-\r\nknown"),
            TEXT.replace("-known", "\u2011known").replace("–5", "\u22125"),
            TEXT.replace("10²", "10^2").replace("CO₂", "CO2"),
            TEXT.replace("flats", "\u200bflats\ufeff"),
        ):
            with self.subTest(quotation):
                self.assertTrue(is_same(quotation))

    def test_words_and_figures_matter(self):
        for old, new in (
            ("mayor", "major"),
            ("1,250.50", "1,250.05"),
            ("1,250.50", "1.250,50"),
            ("3.5%", "35%"),
            ("3.5%", "3.5"),
            ("3.5%", "3.5‰"),
            ("–5", "5"),
            ("10²", "102"),
            ("10²", "10³"),
            ("paid", "paid not"),
            ("well-known", "well known"),
            ("well-known", "wellknown"),
            ("office paid", "officepaid"),
        ):
            with self.subTest(new):
                self.assertFalse(is_same(TEXT.replace(old, new)))

    def test_fractions_and_other_numbers_stay_what_they_are(self):
        self.assertTrue(is_same("it was 5 1/2 metres", "it was 5½ metres"))
        for quotation in ("it was 51/2 metres", "it was 5 1 2 metres", "it was 5¼ metres"):
            self.assertFalse(is_same(quotation, "it was 5½ metres"))
        self.assertFalse(is_same("rule 1 applies", "rule ① applies"))

    def test_a_sign_belongs_to_its_figure_but_not_a_range(self):
        self.assertFalse(is_same("prices above >5 euros", "prices above <5 euros"))
        self.assertTrue(is_same("from 5-10 euros", "from 5–10 euros"))

    def test_accents_and_vowel_signs_matter(self):
        self.assertTrue(is_same("une re\u0301sume\u0301", "une résumé"))
        self.assertFalse(is_same("une resume", "une résumé"))
        self.assertFalse(is_same("की बात", "का बात"))

    def test_a_quotation_may_repeat_one_word(self):
        self.assertTrue(is_same("no no no", "no no no no yes"))
        self.assertFalse(is_same("no " * 300, "no " * 299 + "yes"))


class SimilarTests(SimpleTestCase):
    def parts(self, quotation: str, text: str) -> list[tuple[str, str]]:
        similar = find_similar(Passage.of(quotation), [Passage.of(text)])
        return [(part.op, part.text.strip()) for part in similar.parts] if similar else []

    def test_says_which_words_differ(self):
        text = "Before this, the council voted for the new bridge by nine to four on Monday. After that it rained."
        expected = [
            ("=", "the council voted for the"), ("-", "old"), ("+", "new"), ("=", "bridge by nine to"), ("-", "five"),
            ("+", "four"), ("=", "on Monday"),
        ]  # fmt: skip
        quotation = "The council voted for the old bridge by nine to five on Monday."
        self.assertEqual(self.parts(quotation, text), expected)

    def test_says_what_differs_at_the_ends(self):
        text = "Yes, the council voted for the bridge on Monday. Rain"
        expected = [("-", "A"), ("+", "the"), ("=", "council voted for the bridge on"), ("-", "Sunday"),
                    ("+", "Monday")]  # fmt: skip
        self.assertEqual(self.parts("A council voted for the bridge on Sunday", text), expected)

    def test_other_texts_are_not_similar(self):
        self.assertEqual(self.parts("The council voted for the bridge", "It rained on the council all day long."), [])
