"""Query counts of public pages, which must not grow with the amount of content."""

from dataclasses import replace
from datetime import timedelta

import time_machine
from django.core.cache import cache
from django.test import TestCase
from django.utils import timezone

from articles.homepage.layout import Layout, Place, RowLayout
from articles.models import Article, Section
from tests.factories import (
    make_article,
    make_comments,
    make_edition,
    make_price,
    make_section,
    make_subscriber,
    make_version,
)

# Article with its version, versions so far, menus, legal pages, policy pages, sections, authors, dossiers, related
# articles and what they are chosen from, and prices or comments.
ARTICLE = 11
# Edition, newest articles, sections, sections of the masthead, menus, legal pages, comment counts, longest threads and
# their articles, and three for the record of the month. Each of the eight sections takes one more.
FRONT = 12 + 8


class QueryCountTests(TestCase):
    @classmethod
    def setUpTestData(cls):
        make_price()
        cls.section = make_section()
        cls.open = make_article(section=cls.section)
        cls.gated = make_article(section=cls.section, required_level=10)
        for number in range(14):
            make_article(section=cls.section if number % 2 else make_section())
        make_version(cls.open, headline="Again", note="A better headline.")

    def test_anonymous_article(self):
        # Readers without access see no picked comments, which take a query beside the text and one above the thread.
        for article, queries in [(self.open, ARTICLE + 2 + 2), (self.gated, ARTICLE + 2)]:
            make_comments(article, 2)
            with self.subTest(article.required_level), self.assertNumQueries(queries):
                self.assertEqual(self.client.get(article.get_absolute_url()).status_code, 200)

    def test_article_with_a_thousand_comments(self):
        # The first page of a longer thread takes one query more than a thread that fits on it.
        for number, more in [(10, 0), (990, 1)]:
            make_comments(self.open, number)
            with self.subTest(number), self.assertNumQueries(ARTICLE + 2 + 2 + more):
                self.client.get(self.open.get_absolute_url())

    def test_article_for_a_subscriber(self):
        make_comments(self.gated, 60)
        self.client.force_login(make_subscriber())
        with self.assertNumQueries(18 + 2 + 3):
            self.assertContains(self.client.get(self.gated.get_absolute_url()), "article__paid")

    def test_front_page_with_many_articles_and_manual_placements(self):
        make_comments(self.open, 30)
        with self.assertNumQueries(FRONT):
            self.client.get("/")
        for _ in range(10):
            make_article(section=self.section)
        make_edition(Layout(lead=Place(str(self.open.uuid))))
        with self.assertNumQueries(FRONT):
            self.client.get("/")
        others = Article.objects.exclude(pk=self.open.pk).order_by("pk")
        older = tuple(str(article.uuid) for article in others[:5])
        rows = tuple(RowLayout(str(section.uuid)) for section in Section.objects.all())
        make_edition(Layout(lead=Place(str(self.open.uuid)), rows=(replace(rows[0], articles=older), *rows[1:])))
        with self.assertNumQueries(FRONT):
            self.client.get("/")

    def test_lists(self):
        cases = {"/latest/": 4, self.section.get_absolute_url(): 5}
        for address, queries in cases.items():
            with self.subTest(address), self.assertNumQueries(queries):
                self.client.get(address)

    def test_all_due_versions_of_a_list_take_one_more_query(self):
        for article in (self.open, self.gated):
            make_version(article, at=timezone.now() + timedelta(hours=1), headline="Due")
        with time_machine.travel(timezone.now() + timedelta(hours=2)), self.assertNumQueries(4 + 1):
            self.assertContains(self.client.get("/latest/"), ">Due</a>", count=2)


def setUpModule():
    cache.clear()
