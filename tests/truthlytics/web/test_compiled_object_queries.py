"""Compiled object queries return the same objects as their QuerySets."""

from datetime import timedelta

from django.db import connection
from django.db.models import Value
from django.test import TestCase
from django.utils import timezone

from articles.models import Article, Section
from tests.factories import make_article, make_section
from truthlytics.web.compiled_queries import CompiledObjectQuery


class CompiledObjectQueryTests(TestCase):
    def setUp(self):
        self.published = CompiledObjectQuery(
            lambda slug, now: Article.objects.published(now).filter(slug=slug).annotate(extra=Value("added")),
            "slug",
            "now",
        )
        self.article = make_article()
        self.now = timezone.now()

    def test_joins_deferred_fields_and_annotations_match_the_queryset(self):
        with self.assertNumQueries(1):
            (found,) = self.published(self.article.slug, self.now)
            self.assertEqual((found.live.headline, found.upcoming, found.extra), (self.article.headline, None, "added"))
        expected = Article.objects.published(self.now).get(slug=self.article.slug)
        self.assertEqual(found, expected)
        self.assertEqual(found.get_deferred_fields(), expected.get_deferred_fields())
        self.assertEqual(found.live.get_deferred_fields(), expected.live.get_deferred_fields())
        self.assertEqual((found.published_at, found.uuid), (expected.published_at, expected.uuid))
        with self.assertNumQueries(1):
            self.assertEqual(found.body, self.article.body)

    def test_each_call_queries_with_its_own_parameters(self):
        other = make_article()
        self.assertEqual(self.published(other.slug, timezone.now()), [other])
        self.assertEqual(self.published(self.article.slug, self.now), [self.article])
        self.assertEqual(self.published("no-such-slug", self.now), [])
        self.assertEqual(self.published(self.article.slug, self.now - timedelta(days=9)), [])
        Article.objects.filter(pk=self.article.pk).update(withdrawn_at=timezone.now())
        self.assertEqual(self.published(self.article.slug, timezone.now()), [])

    def test_objects_can_be_saved(self):
        section = make_section(name="Before")
        by_slug = CompiledObjectQuery(lambda slug: Section.objects.in_masthead().filter(slug=slug), "slug")
        (found,) = by_slug(section.slug)
        found.name = "After"
        found.save()
        section.refresh_from_db()
        self.assertEqual(section.name, "After")
        self.assertEqual(found._state.db, connection.alias)
