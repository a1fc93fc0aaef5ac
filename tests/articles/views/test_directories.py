"""The pages that list all topics, series, dossiers and authors."""

from datetime import timedelta

from django.test import TestCase
from django.utils import timezone

from articles.media.renditions import create_first_renditions
from articles.models import Topic
from articles.services.publishing import withdraw
from tests.factories import make_article, make_author, make_dossier, make_image, make_series


class DirectoryTests(TestCase):
    @classmethod
    def setUpTestData(cls):
        cls.harbours = Topic.objects.create(name="Harbours", slug="harbours", intro="Ships and what they carry.")
        Topic.objects.create(name="Unused", slug="unused")
        cls.series = make_series(name="The long tide")
        portrait = make_image()
        create_first_renditions(portrait)
        cls.author = make_author(name="Ines Brandão", role="Ports editor", portrait=portrait)
        cls.article = make_article(topics=[cls.harbours], authors=[cls.author], series=cls.series, series_part=1)
        cls.dossier = make_dossier(cls.article, title="The strike")

    def test_lists_show_what_has_public_articles(self):
        for path, texts in {
            "/topics/": ("Harbours", "Ships and what they carry.", "/topics/harbours/"),
            "/series/": ("The long tide", self.series.get_absolute_url()),
            "/dossiers/": ("The strike", self.dossier.get_absolute_url()),
            "/authors/": ("Ines Brandão", "Ports editor", "<img"),
        }.items():
            page = self.client.get(path)
            for text in texts:
                self.assertContains(page, text)
            self.assertNotContains(page, "Unused")

    def test_a_topic_without_public_articles_disappears(self):
        withdraw(item=self.article)
        self.assertNotContains(self.client.get("/topics/"), "Harbours")

    def test_scheduled_articles_do_not_count(self):
        later = Topic.objects.create(name="Later", slug="later")
        make_article(topics=[later], at=timezone.now() + timedelta(days=1))
        self.assertNotContains(self.client.get("/topics/"), "Later")

    def test_number_of_queries_does_not_grow(self):
        def count():
            with self.assertNumQueries(self.queries):
                self.client.get("/authors/")

        self.queries = 5
        count()
        for number in range(5):
            make_article(authors=[make_author(name=f"Author {number}", portrait=make_image())])
        count()

    def test_each_topic_page_links_to_the_list(self):
        self.assertContains(self.client.get("/topics/harbours/"), '<a href="/topics/">Topic</a>')
