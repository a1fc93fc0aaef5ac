"""The German catalogue is complete for readers' pages and emails, and compiled."""

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
        for message, file in reader_messages().items():
            with self.subTest(message.text, file=file):
                entry = self.entries.get(message)
                self.assertIsNotNone(entry, "missing: run makemessages")
                self.assertTrue(all(entry.translations), "not translated")

    def test_translations_are_not_fuzzy_and_keep_placeholders_and_markup(self):
        for message, entry in self.entries.items():
            for text in filter(None, entry.translations):
                with self.subTest(message.text):
                    self.assertFalse(entry.is_fuzzy)
                    self.assertEqual(placeholders(text), placeholders(message.plural or message.text))
                    self.assertEqual(sorted(tags(text)), sorted(tags(message.plural or message.text)))

    def test_the_compiled_catalogue_is_current(self):
        compiled = read_mo(FOLDER / "django.mo")
        translated = {message: entry.translations for message, entry in self.entries.items() if all(entry.translations)}
        self.assertEqual(set(translated) ^ set(compiled), set())
        self.assertEqual([m for m, texts in translated.items() if m.text and compiled[m] != texts], [])


def tags(text):
    """Return the HTML tags in `text`."""
    return [part.partition(">")[0] for part in text.split("<")[1:]]
