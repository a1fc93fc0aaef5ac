"""Compiled queries return what their QuerySets return, and fall back to the ORM."""

import logging
from unittest import mock

from django.db import OperationalError, connection
from django.test import TestCase

from articles.models import Section
from tests.factories import (
    make_section,
)
from truthlytics.web import compiled_queries
from truthlytics.web.compiled_queries import CompiledObjectQuery, CompiledQuery


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
