"""Articles in other languages, and the links between translations."""

import json
import re
from datetime import timedelta

from django.db import IntegrityError, transaction
from django.test import TestCase
from django.urls import reverse
from django.utils import timezone

from articles.models import Version
from articles.services.publishing import publish, withdraw
from tests.factories import make_article, make_draft, make_version
from tests.html import page_of, text_of


def translated(original, **fields):
    """Return a draft in German that translates `original`."""
    original.translation_group = original.uuid
    original.save()
    return make_draft(
        **{"language": "de", "translation_group": original.uuid, "headline": "Die Warteschlange"} | fields
    )


class ArticleLanguageTests(TestCase):
    def test_the_text_is_marked_and_the_interface_is_not(self):
        page = self.client.get(make_article(language="de", headline="Die Warteschlange").get_absolute_url())
        self.assertContains(page, '<html lang="en-gb" dir="ltr">')
        (title,) = page_of(page).find_class("page-header__title")
        self.assertEqual((title.get("lang"), text_of(title)), ("de", "Die Warteschlange"))
        self.assertEqual([text.get("lang") for text in page_of(page).find_class("prose--complete")], ["de"])
        self.assertContains(page, '"inLanguage":"de"')
        self.assertContains(page, '<meta property="og:locale" content="de_DE">')

    def test_labels_in_the_text_are_in_its_language(self):
        body = "<table><tbody><tr><td><p>1</p></td></tr></tbody></table>"
        page = self.client.get(make_article(language="de", body=body).get_absolute_url())
        self.assertContains(page, 'aria-label="Tabelle 1"')

    def test_lists_and_feeds_name_the_language(self):
        make_article(language="de", headline="Die Warteschlange")
        self.assertContains(self.client.get(reverse("articles:latest")), ' lang="de"')
        self.assertContains(self.client.get("/feeds/atom.xml"), '<summary xml:lang="de">')
        item = json.loads(self.client.get("/feeds/feed.json").content)["items"][0]
        self.assertEqual(item["language"], "de")
        self.assertContains(self.client.get(reverse("articles:sitemap_news")), "<news:language>de</news:language>")

    def test_the_record_contains_a_language_only_if_one_was_set(self):
        contents = [json.loads(make_article(language=code).live.content) for code in ("", "de")]
        self.assertEqual([content.get("language") for content in contents], [None, "de"])

    def test_a_new_language_is_a_change_to_publish(self):
        article = make_article()
        make_version(article, language="fr")
        self.assertEqual(Version.objects.get(article=article, number=2).language, "fr")


class TranslationTests(TestCase):
    def setUp(self):
        self.original = make_article(headline="The queue", at=timezone.now() - timedelta(days=2))
        self.translation = translated(self.original)

    def alternates(self, article):
        html = self.client.get(article.get_absolute_url()).content.decode()
        links = re.findall(r'<link rel="alternate" hreflang="([^"]+)" href="[^"]+/articles/([^/"]+)/">', html)
        return dict(links)

    def test_each_page_links_to_all_public_translations_and_to_itself(self):
        publish(item=self.translation)
        expected = {"en-GB": self.original.slug, "de": self.translation.slug, "x-default": self.original.slug}
        for article in (self.original, self.translation):
            self.assertEqual(self.alternates(article), expected)

    def test_readers_find_the_translation_near_the_byline(self):
        publish(item=self.translation)
        page = self.client.get(self.original.get_absolute_url())
        url = self.translation.get_absolute_url()
        self.assertContains(page, f'<a href="{url}" lang="de" hreflang="de" rel="alternate">Deutsch</a>')
        self.assertContains(page, "Also available in:")
        self.assertContains(page, '"workTranslation":[{"@type":"NewsArticle"')

    def test_drafts_and_withdrawn_translations_are_not_linked(self):
        self.assertEqual(self.alternates(self.original), {})
        publish(item=self.translation)
        withdraw(item=self.translation)
        self.assertEqual(self.alternates(self.original), {})
        self.assertNotContains(self.client.get(self.original.get_absolute_url()), "Also available in")

    def test_a_group_has_each_language_once(self):
        with self.assertRaises(IntegrityError), transaction.atomic():
            make_draft(language="de", translation_group=self.original.uuid)
