"""Teasers, list entries and bylines."""

from datetime import UTC, datetime

import time_machine
from django.test import SimpleTestCase, TestCase
from django.utils import timezone
from lxml import html

from articles.models import Version
from articles.presenters.bylines import linked, plain
from articles.presenters.teasers import entry, teaser, teaser_picture
from tests.factories import make_article, make_author, make_image, make_section, make_topic
from tests.html import page_of, text_of


def headlines(response):
    """The headlines on a page, each with whether it is a teaser or an entry."""
    found = page_of(response).xpath("//*[contains(@class, '__headline')]")
    return [(heading.get("class").split("__")[0], text_of(heading)) for heading in found]


class FeaturedArticleTests(TestCase):
    @classmethod
    def setUpTestData(cls):
        cls.section = make_section()
        make_article(section=cls.section, headline="Older", lead=make_image())
        make_article(section=cls.section, headline="Newer")

    def heads(self):
        return headlines(self.client.get(self.section.get_absolute_url()))

    def test_featured_article_is_not_repeated_in_the_list(self):
        self.assertEqual(self.heads(), [("teaser", "Older"), ("entry", "Newer")])

    def test_single_article_is_listed_and_not_featured(self):
        section = make_section()
        make_article(section=section, headline="Alone", lead=make_image())
        self.assertEqual(headlines(self.client.get(section.get_absolute_url())), [("entry", "Alone")])


class DayTests(TestCase):
    """Days of other years have their year."""

    @classmethod
    def setUpTestData(cls):
        cls.section, cls.topic = make_section(), make_topic()
        cls.old = make_article(section=cls.section, headline="Old", published_at=datetime(2016, 7, 10, 12, tzinfo=UTC))
        cls.new = make_article(section=cls.section, headline="New", published_at=datetime(2025, 7, 10, 12, tzinfo=UTC))
        for article in (cls.old, cls.new):
            article.topics.add(cls.topic)

    def test_in_entries_and_teasers(self):
        for year, expected in ((2025, ["10 Jul", "10 Jul 2016"]), (2026, ["10 Jul 2025", "10 Jul 2016"])):
            with self.subTest(year), time_machine.travel(datetime(year, 8, 1, tzinfo=UTC), tick=False):
                shown = [html.fromstring(entry(article.live, date_format="day")) for article in (self.new, self.old)]
                self.assertEqual([text_of(one.find(".//time")) for one in shown], expected)
                shown = [html.fromstring(teaser(article.live, show_date=True)) for article in (self.new, self.old)]
                self.assertEqual([text_of(one.find(".//time")) for one in shown], expected)

    def test_the_year_is_that_of_the_site_s_time_zone(self):
        article = make_article(published_at=datetime(2025, 12, 31, 23, 30, tzinfo=UTC))
        with time_machine.travel(datetime(2026, 6, 1, tzinfo=UTC), tick=False), timezone.override("Europe/Berlin"):
            self.assertEqual(text_of(html.fromstring(entry(article.live, date_format="day")).find(".//time")), "1 Jan")

    def test_the_front_page_shows_it(self):
        with time_machine.travel(datetime(2026, 8, 1, tzinfo=UTC), tick=False):
            page = self.client.get("/")
            for number in range(8):
                make_article(
                    section=self.section, headline=f"Text {number}", published_at=datetime(2024, 1, 1, tzinfo=UTC)
                )
            page = self.client.get("/")
        self.assertContains(page, "1 Jan 2024")


class ImageSizesTests(SimpleTestCase):
    def sizes(self, width, height, size="column"):
        lead = {"width": width, "height": height, "sources": {"jpeg": [["/media/a.jpg", 480]]}}
        version = Version(head={"lead": lead})
        return html.fromstring(teaser_picture(version, size)).find("img").get("sizes")

    def test_sizes_name_the_width_of_the_box(self):
        expected = "(min-width: 66rem) min(29rem, 37vw), (min-width: 48rem) 47vw, 94vw"
        for width, height in ((1800, 1200), (1200, 1800)):
            self.assertEqual(self.sizes(width, height), expected)

    def test_a_panorama_fills_the_height_of_its_box(self):
        self.assertEqual(
            self.sizes(1800, 600, "list"), "(min-width: 48rem) calc(2.00 * (15rem)), calc(2.00 * (9.75rem))"
        )


class EntryTests(TestCase):
    def meta(self, url):
        """The facts in the line below each entry, without the reading time at its end."""
        lines = page_of(self.client.get(url)).find_class("entry__meta")
        return [[text_of(fact) for fact in line][:-1] for line in lines]

    def test_section_is_shown_in_lists_of_several_sections(self):
        section, topic = make_section(name="Climate"), make_topic()
        author = make_author(name="Ines")
        make_article(section=section, topics=[topic], authors=[author], kind="report")
        for url, meta in [
            ("/latest/", ["Ines", "Report", "Climate"]),
            (topic.get_absolute_url(), ["Ines", "Report", "Climate"]),
            (section.get_absolute_url(), ["Ines", "Report"]),
        ]:
            with self.subTest(url):
                self.assertEqual(self.meta(url), [meta])

    def test_author_page_names_co_authors_only(self):
        ines, others = make_author(name="Ines"), [make_author(name="Owen"), make_author(name="Rui")]
        make_article(authors=[ines], section=make_section(name="Climate"), kind="report")
        make_article(authors=[others[0], ines, others[1]], section=make_section(name="Ports"), kind="opinion")
        self.assertEqual(
            self.meta(ines.get_absolute_url()),
            [["with Owen and Rui", "Opinion", "Ports"], ["Report", "Climate"]],
        )


class BylineTests(SimpleTestCase):
    BYLINES = [{"name": "Ines", "slug": "ines"}, {"name": "<נא>", "slug": ""}]

    def test_names_are_isolated_in_direction(self):
        self.assertEqual(plain(self.BYLINES), "<bdi>Ines</bdi> and <bdi>&lt;נא&gt;</bdi>")
        self.assertIn("<bdi>Ines</bdi></a> and <b><bdi>&lt;נא&gt;</bdi></b>", linked(self.BYLINES))

    def test_no_bylines_is_empty(self):
        self.assertEqual(plain([]), "")
