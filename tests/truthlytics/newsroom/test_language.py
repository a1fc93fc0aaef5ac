"""The language of the newsroom: the publication's, or the one chosen in a browser."""

from django.test import Client, TestCase
from django.urls import reverse

from tests.factories import make_article, make_editor, make_user
from truthlytics.publication.models import Publication

LIST = reverse("admin:articles_article_changelist")


class NewsroomLanguageTests(TestCase):
    def setUp(self):
        self.client.force_login(make_editor())

    def choose(self, code, after=LIST):
        return self.client.post(reverse("admin:set_language"), {"language": code, "next": after})

    def test_without_a_choice_it_is_the_publications(self):
        self.assertContains(self.client.get(LIST), '<html lang="en-gb"')
        Publication.objects.update_or_create(pk=1, defaults={"language": "de"})
        self.assertContains(self.client.get(LIST), '<html lang="de"')

    def test_each_browser_has_its_own_and_readers_pages_keep_the_publications(self):
        article, other = make_article(), Client()
        other.force_login(make_editor())
        self.assertRedirects(self.choose("de"), LIST)
        self.assertContains(self.client.get(LIST), '<html lang="de"')
        self.assertContains(other.get(LIST), '<html lang="en-gb"')
        self.assertContains(self.client.get(article.get_absolute_url()), '<html lang="en-gb"')
        self.choose("en-gb")
        self.assertContains(self.client.get(LIST), '<html lang="en-gb"')

    def test_unknown_languages_and_addresses_elsewhere_are_ignored(self):
        for code in ("xx", "../de", "fr", ""):
            with self.subTest(code):
                self.choose(code)
                self.assertContains(self.client.get(LIST), '<html lang="en-gb"')
        self.assertEqual(self.choose("de", "https://evil.example/").url, "/")

    def test_only_those_with_access_to_the_newsroom_choose(self):
        client = Client()
        for user in (None, make_user()):
            with self.subTest(user=user):
                if user:
                    client.force_login(user)
                client.post(reverse("admin:set_language"), {"language": "de"})
                self.assertNotIn("language", client.cookies)
        self.client.get(reverse("admin:set_language") + "?language=de")
        self.assertNotIn("language", self.client.cookies)
