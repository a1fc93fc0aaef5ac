"""Compiled queries return what their QuerySets return, and fall back to the ORM."""

import logging
from datetime import timedelta
from unittest import mock

from django.db import OperationalError, connection
from django.db.models import Value
from django.test import TestCase
from django.utils import timezone

from articles.models import Article, Section
from tests.factories import (
    make_article,
    make_comments,
    make_dossier,
    make_section,
    make_series,
    make_subscriber,
    make_topic,
    make_version,
)
from truthlytics.web import compiled_queries
from truthlytics.web.compiled_queries import CompiledObjectQuery, CompiledQuery


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


class FallbackTests(TestCase):
    def setUp(self):
        logging.disable(logging.NOTSET)
        self.addCleanup(logging.disable, logging.CRITICAL)
        self.section = make_section(name="A section")

    def names(self):
        return CompiledQuery(lambda slug: Section.objects.filter(slug=slug).values_list("name"), "slug")

    def sections(self):
        return CompiledObjectQuery(lambda slug: Section.objects.filter(slug=slug), "slug")

    def test_sql_that_differs_from_the_orm_is_not_used(self):
        for query, expected in ((self.names(), [("A section",)]), (self.sections(), [self.section])):
            with (
                mock.patch.object(compiled_queries.QueryParameter, "as_sql", lambda self, *args: ("upper(%s)", [self])),
                self.assertLogs("truthlytics.web.compiled_queries"),
            ):
                self.assertEqual(query(self.section.slug), expected)
            self.assertEqual(query(self.section.slug), expected)
            self.assertIsNone(query.statements[connection.vendor])

    def test_an_orm_that_works_differently_is_noticed(self):
        query = self.sections()
        with (
            mock.patch.object(compiled_queries, "ModelIterable", side_effect=AttributeError("changed")),
            self.assertLogs("truthlytics.web.compiled_queries"),
        ):
            self.assertEqual(query(self.section.slug), [self.section])
        self.assertEqual(query(self.section.slug), [self.section])

    def test_database_errors_are_raised_and_do_not_disable_the_query(self):
        query = self.names()

        def fail(*args):
            raise OperationalError("connection refused")

        with connection.execute_wrapper(fail), self.assertRaises(OperationalError):
            query(self.section.slug)
        self.assertEqual(query(self.section.slug), [("A section",)])
        self.assertIsNotNone(query.statements[connection.vendor])


class ProjectQueriesTests(TestCase):
    def test_every_query_compiles_in_this_version_of_django(self):
        """Fails after an upgrade if a query of an article, the front page or a subscriber runs through the ORM."""
        section, topic, series = make_section(), make_topic(), make_series()
        articles = [
            make_article(section=section, topics=[topic], series=series, series_part=part, required_level=10)
            for part in (1, 2, 3)
        ]
        make_version(articles[1], note="A correction.")
        make_dossier(*articles)
        make_comments(articles[1], 3)
        self.client.force_login(make_subscriber())
        for url in ("/", "/latest/", articles[1].get_absolute_url()):
            self.client.get(url)
        compiled = [query for query in compiled_queries._Compiled.instances if connection.vendor in query.statements]
        self.assertGreater(len(compiled), 12)
        for query in compiled:
            self.assertIsNotNone(query.statements[connection.vendor], query.build)
