"""Slugs of names and headlines in any language."""

from django.test import SimpleTestCase

from truthlytics.publication.slugs import make_slug, numbered


class MakeSlugTests(SimpleTestCase):
    def test_letters_follow_the_customs_of_the_language(self):
        for text, language, slug in [
            ("Köhlbrandbrücke", "de", "koehlbrandbruecke"),
            ("Große Straße: ÜBER Öl", "de", "grosse-strasse-ueber-oel"),
            ("Köhlbrand", "sv", "kohlbrand"),
            ("Älvsborgsbron på ön", "sv", "alvsborgsbron-pa-on"),
            ("Hämeenlinnan höyry", "fi", "hameenlinnan-hoyry"),
            ("Århus får øl", "da", "aarhus-faar-oel"),
            ("Blåbærsyltetøy", "nb", "blaabaersyltetoey"),
            ("İstanbul’da ışık", "tr", "istanbulda-isik"),
            ("Ça a coûté un œuf", "fr", "ca-a-coute-un-oeuf"),
            ("Zażółć gęślą jaźń", "pl", "zazolc-gesla-jazn"),
        ]:
            with self.subTest(text, language=language):
                self.assertEqual(make_slug(text, language), slug)

    def test_other_scripts_are_readable(self):
        for text, language, slug in [
            ("Юлия объехала Щукино", "ru", "yuliya-obekhala-shchukino"),
            ("Зеленський їде до Києва", "uk", "zelenskyy-ide-do-kyieva"),
            ("Щастие", "bg", "shtastie"),
            ("Το ευρώ του ουρανού", "el", "to-evro-tou-ouranou"),
            ("北京 2026", "zh-hans", "bei-jing-2026"),
            ("서울 사람", "ko", "seoul-salam"),
        ]:
            with self.subTest(text, language=language):
                self.assertEqual(make_slug(text, language), slug)

    def test_signs_part_words_or_vanish(self):
        for text, slug in [
            ("2024–25 and/or ½", "2024-25-and-or-1-2"),
            ("It’s CO₂ 😀", "its-co2"),
            ("“…” — €", ""),
            ("_x_", "x"),
        ]:
            with self.subTest(text):
                self.assertEqual(make_slug(text, "en-gb"), slug)

    def test_a_taken_slug_gets_the_next_number(self):
        self.assertEqual(numbered("a", {"b"}), "a")
        self.assertEqual(numbered("a", {"a", "a-2"}), "a-3")
