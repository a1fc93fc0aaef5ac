"""Teasers, list entries and bylines."""

import re

from django.test import SimpleTestCase, TestCase

from articles.presenters.bylines import linked, plain
from tests.factories import make_article, make_author, make_image, make_section, make_topic

HEADS = re.compile(r'class="(teaser|entry)__headline"><a href="[^"]+">([^<]+)<')


class FeaturedArticleTests(TestCase):
    @classmethod
    def setUpTestData(cls):
        cls.section = make_section()
        make_article(section=cls.section, headline="Older", lead=make_image())
        make_article(section=cls.section, headline="Newer")

    def heads(self):
        return HEADS.findall(self.client.get(self.section.get_absolute_url()).content.decode())

    def test_featured_article_is_not_repeated_in_the_list(self):
        self.assertEqual(self.heads(), [("teaser", "Older"), ("entry", "Newer")])

    def test_single_article_is_listed_and_not_featured(self):
        section = make_section()
        make_article(section=section, headline="Alone", lead=make_image())
        html = self.client.get(section.get_absolute_url()).content.decode()
        self.assertEqual(HEADS.findall(html), [("entry", "Alone")])


class EntryTests(TestCase):
    def meta(self, url):
        return re.findall(r'class="entry__meta">(.*?)&nbsp;· \d', self.client.get(url).content.decode())

    def test_section_is_shown_in_lists_of_several_sections(self):
        section, topic = make_section(name="Climate"), make_topic()
        author = make_author(name="Ines")
        make_article(section=section, topics=[topic], authors=[author], kind="report")
        line = "<bdi>Ines</bdi>&nbsp;· Report"
        for url, meta in [
            ("/latest/", f"{line}&nbsp;· Climate"),
            (topic.get_absolute_url(), f"{line}&nbsp;· Climate"),
            (section.get_absolute_url(), line),
        ]:
            with self.subTest(url):
                self.assertEqual(self.meta(url), [meta])

    def test_author_page_names_co_authors_only(self):
        ines, others = make_author(name="Ines"), [make_author(name="Owen"), make_author(name="Rui")]
        make_article(authors=[ines], section=make_section(name="Climate"), kind="report")
        make_article(authors=[others[0], ines, others[1]], section=make_section(name="Ports"), kind="opinion")
        self.assertEqual(
            self.meta(ines.get_absolute_url()),
            ["with <bdi>Owen</bdi> and <bdi>Rui</bdi>&nbsp;· Opinion&nbsp;· Ports", "Report&nbsp;· Climate"],
        )


class BylineTests(SimpleTestCase):
    BYLINES = [{"name": "Ines", "slug": "ines"}, {"name": "<נא>", "slug": ""}]

    def test_names_are_isolated_in_direction(self):
        self.assertEqual(plain(self.BYLINES), "<bdi>Ines</bdi> and <bdi>&lt;נא&gt;</bdi>")
        self.assertIn("<bdi>Ines</bdi></a> and <b><bdi>&lt;נא&gt;</bdi></b>", linked(self.BYLINES))

    def test_no_bylines_is_empty(self):
        self.assertEqual(plain([]), "")
