"""Articles related to another one, and the invalidation of pages that show them."""

from datetime import UTC, datetime, timedelta
from unittest.mock import patch

from django.test import TestCase

from articles.services.publishing import withdraw
from tests.factories import make_article, make_author, make_section, make_series, make_topic, make_version
from tests.html import page_of, texts
from tests.invalidation import invalidates

NOON = datetime(2026, 5, 3, 12, 0, tzinfo=UTC)


class RelatedCase(TestCase):
    @classmethod
    def setUpTestData(cls):
        cls.water, cls.law, cls.ships = make_topic(slug="water"), make_topic(slug="law"), make_topic(slug="ships")
        cls.section, cls.author = make_section(), make_author()
        cls.days = 0
        cls.article = cls.make("The article", cls.water, cls.law)

    @classmethod
    def make(cls, headline, *topics, **fields):
        """Create an article published a day after the one before."""
        cls.days += 1
        fields = {"section": cls.section, "authors": [cls.author]} | fields
        return make_article(headline=headline, topics=topics, at=NOON + timedelta(days=cls.days - 100), **fields)

    def read(self, article=None):
        return self.client.get((article or self.article).get_absolute_url())

    def related(self, article=None):
        rows = page_of(self.read(article)).find_class("related")
        return [headline for row in rows for headline in texts(row, "teaser__headline")]


class RelatedTests(RelatedCase):
    def test_articles_with_most_topics_in_common_come_first(self):
        self.make("Both", self.water, self.law)
        for number in range(3):
            self.make(f"One {number}", self.water, self.ships)
        self.make("Neither", self.ships)
        self.assertEqual(self.related(), ["One 2", "One 1", "Both"])

    def test_articles_of_the_section_are_shown_if_no_topic_is_shared(self):
        self.make("Same section", self.ships)
        self.make("Elsewhere", self.ships, section=make_section())
        self.assertEqual(self.related(), ["Same section"])
        self.assertEqual(self.related(self.make("Without topics")), ["Same section", "The article"])

    def test_articles_of_the_section_fill_the_row(self):
        self.make("Same section", self.ships)
        self.make("Same topic", self.water)
        self.assertEqual(self.related(), ["Same topic", "Same section"])

    def test_nothing_is_shown_without_related_articles(self):
        self.assertEqual(self.related(), [])
        self.assertEqual(self.related(self.make("Alone", section=make_section())), [])

    def test_adjacent_parts_of_the_series_are_not_repeated(self):
        series = make_series()
        make_version(self.article, series=series, series_part=1)
        self.make("Part two", self.water, series=series, series_part=2)
        self.make("Part three", self.water, series=series, series_part=3)
        self.assertEqual(self.related(), ["Part three"])

    def test_unpublished_articles_are_not_shown(self):
        withdraw(item=self.make("Withdrawn", self.water))
        make_article(headline="Planned", topics=[self.water], section=self.section, at=datetime.now(UTC) + timedelta(1))
        self.assertEqual(self.related(), [])

    def test_gated_articles_are_shown_without_gated_text(self):
        self.make("Gated", self.water, required_level=10, body="<p>Free.</p><hr data-gate><p>zylophantine</p>")
        self.assertEqual(self.related(), ["Gated"])
        self.assertNotContains(self.read(), "zylophantine")

    def test_only_the_newest_articles_of_each_topic_are_considered(self):
        for number in range(4):
            self.make(f"Other {number}", self.water, self.law)
        self.make("Newest", self.water)
        with self.assertNumQueries(12):
            self.read()
        with patch("articles.presenters.related.CANDIDATES", 1):
            self.assertEqual(self.related(), ["Newest", "Other 3"])


class InvalidationTests(RelatedCase):
    def invalidates(self, change) -> bool:
        return invalidates(self, self.read().cache_tags, change)

    def test_pages_are_invalidated_by_related_articles(self):
        other = self.make("Other", self.water)
        for change in (
            lambda: make_version(other, headline="Changed"),
            lambda: self.make("New", self.law),
            lambda: withdraw(item=other),
        ):
            self.assertTrue(self.invalidates(change))

    def test_pages_are_not_invalidated_by_unrelated_articles(self):
        self.make("Other", self.water)
        elsewhere = make_section()
        self.assertFalse(self.invalidates(lambda: self.make("Ships", self.ships, section=elsewhere)))
