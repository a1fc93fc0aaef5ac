"""Names that look alike."""

from django.test import SimpleTestCase

from truthlytics.web.lookalikes import mixes_scripts, skeleton, skeleton_words


class LookalikeTests(SimpleTestCase):
    def test_names_that_look_alike_have_one_skeleton(self):
        for name in [
            "TOMASZ  WIECZOREK",
            "Tom\u200basz Wieczórek",
            "Тоmаsz Wiесzоrеk",
            "T0masz W1eczorek",
            "Ｔｏｍａｓｚ 𝐖ieczorek ✓",
            "Tomasz-Wieczorek99",
            "T.o.m.a.s.z WIECZ0REK",
        ]:
            with self.subTest(name):
                self.assertEqual(skeleton(name), skeleton("Tomasz Wieczorek"))

    def test_different_names_differ(self):
        skeletons = {
            skeleton(name) for name in ["Tomasz Wieczorek", "Tamara Wieczorek", "山田 太郎", "Łukasz", "Мария"]
        }
        self.assertEqual(len(skeletons), 5)

    def test_numbers_alone_and_symbols_are_no_letters(self):
        self.assertEqual(skeleton_words("Reader 21"), ["reader", "21"])
        self.assertEqual(skeleton_words("✓ –"), [])

    def test_only_words_of_two_alphabets_mix_scripts(self):
        for name in ["Tоmasz", "Αnna"]:
            self.assertTrue(mixes_scripts(name), name)
        for name in ["Мария Curie", "Zoë O’Brien", "山田ひろ子", "محمد", "Kalaniʻōpuʻu", "R2D2"]:
            self.assertFalse(mixes_scripts(name), name)

    def test_outer_digits_can_be_read_as_letters(self):
        self.assertEqual(skeleton("0rla", outer_digits=True), skeleton("Orla"))
        self.assertEqual(skeleton("Orla2"), skeleton("Orla"))
