"""The German catalogues of pages, emails and scripts are complete and compiled."""

import re

from django.conf import settings
from django.test import SimpleTestCase

from tests.budget import takes_longer
from tests.truthlytics.catalogue import messages, placeholders, read_mo, read_po

FOLDER = settings.BASE_DIR / "truthlytics/locale/de/LC_MESSAGES"
SCRIPT_MESSAGE = re.compile(r'\bn?gettext\(\s*"(.*?)"')


class CatalogueTests(SimpleTestCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.catalogues = {domain: read_po(FOLDER / f"{domain}.po") for domain in ("django", "djangojs")}

    @takes_longer("It reads all modules and templates.")
    def test_every_string_of_pages_and_emails_is_translated(self):
        entries = self.catalogues["django"]
        untranslated = [
            f"{file}: {message.text}"
            for message, file in messages().items()
            if message not in entries or not all(entries[message].translations)
        ]
        self.assertEqual(sorted(untranslated), [], "Run makemessages, translate, and run compilemessages.")

    def test_every_string_of_scripts_is_translated(self):
        entries = self.catalogues["djangojs"]
        scripts = (settings.BASE_DIR / "truthlytics").rglob("static/newsroom/js/**/*.js")
        used = {text for path in scripts for text in SCRIPT_MESSAGE.findall(path.read_text("utf-8"))}
        self.assertEqual(used - {message.text for message in entries}, set(), "Run makemessages -d djangojs.")
        self.assertEqual([m.text for m, entry in entries.items() if not all(entry.translations)], [])

    def test_translations_are_not_fuzzy_and_keep_placeholders_and_markup(self):
        for message, entry in (self.catalogues["django"] | self.catalogues["djangojs"]).items():
            for text in filter(None, entry.translations):
                with self.subTest(message.text):
                    self.assertFalse(entry.is_fuzzy)
                    # "a month" has no number.
                    self.assertIn(placeholders(text), [placeholders(message.text), placeholders(message.plural)])
                    self.assertEqual(sorted(tags(text)), sorted(tags(message.plural or message.text)))

    def test_the_compiled_catalogues_are_current(self):
        for domain, entries in self.catalogues.items():
            with self.subTest(domain):
                compiled = read_mo(FOLDER / f"{domain}.mo")
                translated = {m: entry.translations for m, entry in entries.items() if all(entry.translations)}
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
