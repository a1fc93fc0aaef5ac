"""The German catalogue is complete for readers' pages and emails, and compiled."""

import re

from django.conf import settings
from django.test import SimpleTestCase

from tests.truthlytics.catalogue import placeholders, read_mo, read_po, reader_messages

FOLDER = settings.BASE_DIR / "truthlytics/locale/de/LC_MESSAGES"


class CatalogueTests(SimpleTestCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.entries = read_po(FOLDER / "django.po")

    def test_every_string_of_readers_pages_is_translated(self):
        untranslated = [
            f"{file}: {message.text}"
            for message, file in reader_messages().items()
            if message not in self.entries or not all(self.entries[message].translations)
        ]
        self.assertEqual(sorted(untranslated), [], "Run makemessages, translate, and run compilemessages.")

    def test_translations_are_not_fuzzy_and_keep_placeholders_and_markup(self):
        for message, entry in self.entries.items():
            for text in filter(None, entry.translations):
                with self.subTest(message.text):
                    self.assertFalse(entry.is_fuzzy)
                    # "a month" has no number.
                    self.assertIn(placeholders(text), [placeholders(message.text), placeholders(message.plural)])
                    self.assertEqual(sorted(tags(text)), sorted(tags(message.plural or message.text)))

    def test_the_compiled_catalogue_is_current(self):
        compiled = read_mo(FOLDER / "django.mo")
        translated = {message: entry.translations for message, entry in self.entries.items() if all(entry.translations)}
        self.assertEqual(set(translated) ^ set(compiled), set())
        self.assertEqual([m for m, texts in translated.items() if m.text and compiled[m] != texts], [])


class AccountTextTests(SimpleTestCase):
    """The texts of allauth's pages, which makemessages does not find."""

    folder = settings.BASE_DIR / "truthlytics/locale/accounts/de/LC_MESSAGES"

    def test_all_texts_reworded_in_english_are_in_german(self):
        english = read_po(settings.BASE_DIR / "truthlytics/locale/en_GB/LC_MESSAGES/django.po")
        self.assertEqual(set(english) - set(read_po(self.folder / "django.po")), set())

    def test_readers_are_addressed_formally(self):
        for folder in (FOLDER, self.folder):
            texts = [text for entry in read_po(folder / "django.po").values() for text in entry.translations]
            self.assertEqual(
                [text for text in texts if re.search(r"\b([Dd]u|[Dd]eine?[mnrs]?|[Dd]i(r|ch))\b", text)], []
            )

    def test_the_compiled_catalogue_is_current(self):
        compiled = read_mo(self.folder / "django.mo")
        entries = read_po(self.folder / "django.po")
        self.assertEqual(
            {m: e.translations for m, e in entries.items() if m.text}, {m: t for m, t in compiled.items() if m.text}
        )


def tags(text):
    """Return the HTML tags in `text`."""
    return [part.partition(">")[0] for part in text.split("<")[1:]]
