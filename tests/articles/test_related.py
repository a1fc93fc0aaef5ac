"""What stands under an article on the same subject."""

import re
from datetime import UTC, datetime, timedelta
from unittest.mock import patch

from django.test import TestCase

from articles.presenters import related as around
from articles.services.publishing import withdraw
from tests.factories import make_article, make_author, make_section, make_series, make_topic, make_version
from truthlytics.cache import invalidation

NOON = datetime(2026, 5, 3, 12, 0, tzinfo=UTC)


class RelatedCase(TestCase):
    @classmethod
    def setUpTestData(cls):
        cls.water, cls.law, cls.ships = make_topic(slug="water"), make_topic(slug="law"), make_topic(slug="ships")
        cls.section, cls.author = make_section(), make_author()
        cls.days = 0
        cls.piece = cls.make("The piece", cls.water, cls.law)

    @classmethod
    def make(cls, headline, *topics, **fields):
        """Each is a day younger than the one before."""
        cls.days += 1
        fields = {"section": cls.section, "authors": [cls.author]} | fields
        return make_article(headline=headline, topics=topics, at=NOON + timedelta(days=cls.days - 100), **fields)

    def read(self, article=None):
        return self.client.get((article or self.piece).get_absolute_url())

    def related(self, article=None):
        html = self.read(article).content.decode()
        block = re.search(r'<section class="related".*?</section>', html, re.DOTALL)
        return re.findall(r'entry__headline"><a href="[^"]+">([^<]+)<', block[0]) if block else []


class RelatedTests(RelatedCase):
    def test_what_shares_most_topics_comes_before_what_is_newer(self):
        self.make("Both", self.water, self.law)
        for number in range(3):
            self.make(f"One {number}", self.water, self.ships)
        self.make("Neither", self.ships)
        self.assertEqual(self.related(), ["One 2", "One 1", "Both"])

    def test_where_no_topic_is_shared_the_section_stands_in(self):
        self.make("Same section", self.ships)
        self.make("Elsewhere", self.ships, section=make_section())
        self.assertEqual(self.related(), ["Same section"])
        self.assertEqual(self.related(self.make("Without topics")), ["Same section", "The piece"])

    def test_nothing_stands_there_where_there_is_nothing(self):
        self.assertEqual(self.related(), [])
        self.assertEqual(self.related(self.make("Alone", section=make_section())), [])

    def test_the_parts_beside_it_in_its_series_are_not_said_twice(self):
        series = make_series()
        make_version(self.piece, series=series, series_part=1)
        self.make("Part two", self.water, series=series, series_part=2)
        self.make("Part three", self.water, series=series, series_part=3)
        self.assertEqual(self.related(), ["Part three"])

    def test_what_is_not_public_is_not_named(self):
        withdraw(item=self.make("Withdrawn", self.water))
        make_article(headline="Planned", topics=[self.water], section=self.section, at=datetime.now(UTC) + timedelta(1))
        self.assertEqual(self.related(), [])

    def test_a_gated_piece_is_named_by_its_free_words(self):
        self.make("Gated", self.water, required_level=10, body="<p>Free.</p><hr data-gate><p>zylophantine</p>")
        self.assertEqual(self.related(), ["Gated"])
        self.assertNotContains(self.read(), "zylophantine")

    def test_it_costs_one_query_and_looks_at_the_newest_alone(self):
        for number in range(4):
            self.make(f"Other {number}", self.water, self.law)
        self.make("Newest", self.water)
        with self.assertNumQueries(7):
            self.read()
        around._in_most_of.cache_clear()
        self.addCleanup(around._in_most_of.cache_clear)
        with patch("articles.presenters.related.CANDIDATES", 1):
            self.assertEqual(self.related(), ["Newest", "Other 3"])


class PurgeTests(RelatedCase):
    def purged(self, change) -> bool:
        generations = invalidation.site_generations()
        tags = self.read().cache_tags
        marks = generations.marks(tags, generations.snapshot())
        with self.captureOnCommitCallbacks(execute=True):
            change()
        return not generations.hold(marks)

    def test_it_follows_what_is_published_changed_and_withdrawn(self):
        other = self.make("Other", self.water)
        for change in (
            lambda: make_version(other, headline="Changed"),
            lambda: self.make("New", self.law),
            lambda: withdraw(item=other),
        ):
            self.assertTrue(self.purged(change))

    def test_it_does_not_follow_what_is_about_something_else(self):
        self.make("Other", self.water)
        self.assertFalse(self.purged(lambda: self.make("Ships", self.ships)))
