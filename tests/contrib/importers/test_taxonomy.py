"""Topics of an archive are those of the site."""

from django.test import TestCase

from articles.services.merge_topics import merge_topics
from tests.factories import make_topic
from truthlytics.contrib.importers.taxonomy import Taxonomy


class TaxonomyTests(TestCase):
    def test_a_topic_that_was_merged_is_the_one_that_it_became(self):
        old, new = make_topic(name="Harbours", slug="harbours"), make_topic(name="Ports", slug="ports")
        merge_topics(topic=old, into=new)
        self.assertEqual(Taxonomy({}, dry_run=False).topics(("harbours", "Ports")), [new])
