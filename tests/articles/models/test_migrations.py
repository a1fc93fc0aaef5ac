"""Migrations that change stored values."""

from importlib import import_module

from django.apps import apps
from django.core.files.storage import storages
from django.test import TestCase

from articles.models import DocumentLink, SavedFilter
from tests.factories import make_article, make_document, make_dossier, make_page, make_user

links = import_module("articles.migrations.0004_document_links")
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


class DocumentLinkTests(TestCase):
    def test_links_in_versions_are_stored(self):
        text = f'<p><a href="{make_document().get_absolute_url()}">It</a></p>'
        make_dossier(make_article(body=text), summary=text)
        make_page(body=text)
        columns = ("sha256", "version", "page_version", "dossier_version")
        before = set(DocumentLink.objects.values_list(*columns))
        DocumentLink.objects.all().delete()
        links.store_links(apps, None)
        self.assertEqual((len(before), set(DocumentLink.objects.values_list(*columns))), (3, before))

    def test_files_become_private(self):
        document = make_document()
        links.make_public(apps, None)
        self.assertTrue(storages["default"].exists(document.file.name))
        links.make_private(apps, None)
        self.assertFalse(storages["default"].exists(document.file.name))
        self.assertTrue(document.file.storage.exists(document.file.name))
