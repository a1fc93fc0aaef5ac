"""The script with the translations of the newsroom’s scripts."""

from django.conf import settings
from django.test import SimpleTestCase, TestCase
from django.urls import reverse
from django.utils.translation import override

from tests.factories import make_editor
from truthlytics.newsroom.script_catalogue import catalogue, catalogue_url


class ScriptCatalogueTests(TestCase):
    def setUp(self):
        self.client.force_login(make_editor())

    def test_pages_load_it_in_their_language_and_browsers_keep_it(self):
        for language, text in (("en-gb", None), ("de", '"Undo": "R\\u00fcckg\\u00e4ngig"')):
            with self.subTest(language):
                self.client.cookies[settings.LANGUAGE_COOKIE_NAME] = language
                with override(language):
                    url = catalogue_url()
                page = self.client.get(reverse("admin:index"))
                self.assertContains(page, f'<script src="{url.replace("&", "&amp;")}"></script>', count=1, html=False)
                response = self.client.get(url)
                self.assertContains(response, "django.interpolate")
                self.assertEqual(text is None or text in response.content.decode(), True)
                self.assertEqual(response.headers["Cache-Control"], "private, max-age=31536000, immutable")

    def test_without_the_current_digest_it_is_checked_each_time(self):
        response = self.client.get(reverse("admin:jsi18n"), {"language": "de", "v": "old"})
        self.assertEqual(response.headers["Cache-Control"], "private, no-cache")
        self.assertContains(response, "Verwerfen")

    def test_other_languages_are_those_of_the_page(self):
        self.assertEqual(self.client.get(reverse("admin:jsi18n"), {"language": "../xx"}).content, catalogue("en-gb")[0])


class DigestTests(SimpleTestCase):
    def test_each_language_has_its_own(self):
        self.assertNotEqual(catalogue("de")[1], catalogue("en-gb")[1])
