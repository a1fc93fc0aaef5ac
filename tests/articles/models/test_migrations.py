"""Migrations that change stored values."""

from importlib import import_module

from django.apps import apps
from django.test import TestCase

from articles.models import SavedFilter
from tests.factories import make_user

renaming = import_module("articles.migrations.0002_assignee_in_saved_filters")


class SavedFilterTests(TestCase):
    def test_the_assignee_parameter_is_renamed_and_nothing_else(self):
        before = ["hands=5", "q=many+hands&hands=nobody", "q=hands%3D5"]
        after = ["assignee=5", "q=many+hands&assignee=nobody", "q=hands%3D5"]
        user = make_user()
        for query in before:
            SavedFilter.objects.create(user=user, name=query, query=query)
        renaming.forwards(apps, None)
        self.assertEqual(list(SavedFilter.objects.order_by("pk").values_list("query", flat=True)), after)
        renaming.backwards(apps, None)
        self.assertEqual(list(SavedFilter.objects.order_by("pk").values_list("query", flat=True)), before)
