"""Every page of the newsroom in a language in which translations stand in brackets: nothing else is to be read."""

import re
from zoneinfo import available_timezones

from django.apps import apps
from django.conf import settings
from django.db import models
from django.test import tag

from subscriptions.money import CURRENCIES
from tests.budget import takes_longer
from tests.factories import make_user
from tests.pseudo_locale import LANGUAGE, WORD, bracketed, untranslated
from tests.truthlytics.newsroom.admin_urls import admin_urls
from tests.truthlytics.newsroom.test_access import NewsroomRows
from truthlytics.publication.crawlers import CRAWLERS

# Pages in the language of the publication, for developers, and of other packages, which only superusers open.
OTHERS = (
    "preview_page",
    "import_links_preview",
    "styles",
    "styles_newsroom",
    "mfa_",
    "usersessions_",
    "django_tasks",
    "login",
)
# Names, which are the same in all languages, and units.
NAMES = """
    English Deutsch Ghost WordPress Substack Memberful WooCommerce JSON Lines CC BY-SA CSV Excel OpenDocument
    JPEG WebP MB px Aa
    http com localhost testserver articles Truthlytics post Authenticators Task Results Haitian Creole
"""
# Browsers show a field with another value as empty, whatever the language.
LOCALISED_DATE = re.compile(r'<input type="date"[^>]* value="(?!\d{4}-\d\d-\d\d")[^"]+"')


def words_of(*texts):
    return {word.lower() for text in texts for word in WORD.findall(str(text))}


def content_words():
    """Return the words of all rows, which are not the newsroom's own."""
    crawlers = (name for names in CRAWLERS.values() for name in names)
    words = words_of(NAMES, *available_timezones(), *CURRENCIES, *crawlers)
    for model in apps.get_models():
        fields = [field.attname for field in model._meta.concrete_fields if not isinstance(field, models.BooleanField)]
        words |= words_of(*(value for row in model._base_manager.values_list(*fields) for value in row))
    return words


@tag("sqlite")
class TranslatedTests(NewsroomRows):
    @takes_longer("It opens every page of the newsroom.")
    def test_every_text_of_the_newsroom_is_translated(self):
        client = self.client_of(make_user(is_staff=True, is_superuser=True))
        client.cookies[settings.LANGUAGE_COOKIE_NAME] = LANGUAGE
        content, pages = content_words(), 0
        with bracketed():
            for name, url in admin_urls().items():
                if name.startswith(OTHERS) or name.endswith(OTHERS) or name == "logout":
                    continue
                response = client.get(self.path(url))
                self.assertLess(response.status_code, 500, name)
                if response.status_code == 200 and response.headers["Content-Type"].startswith("text/html"):
                    pages += 1
                    with self.subTest(name):
                        html = response.content.decode()
                        self.assertEqual(untranslated(html, content), [])
                        self.assertNotRegex(html, LOCALISED_DATE)
        self.assertGreater(pages, 150)

    def test_a_text_in_no_brackets_is_found(self):
        page = '<p>⟦Leave <b>it</b>⟧ as it <i>⟦is⟧</i> 2</p><input title="Now" alt="⟦x⟧"><code>Code</code>'
        self.assertEqual(untranslated(page, set()), ["Now", "as it"])
        self.assertEqual(untranslated(page, {"now", "as"}), ["as it"])
