"""Rows that are written once."""

from django.apps import apps
from django.test import SimpleTestCase

from truthlytics.web.append_only import AppendOnly, AppendOnlyError, AppendOnlyQuerySet

MODELS = [model for model in apps.get_models() if issubclass(model, AppendOnly)]


class AppendOnlyTests(SimpleTestCase):
    def test_every_manager_refuses_to_change_and_delete_rows(self):
        for model in MODELS:
            with self.subTest(model.__name__):
                rows = model._default_manager.all()
                self.assertIsInstance(rows, AppendOnlyQuerySet)
                self.assertRaises(AppendOnlyError, rows.delete)
                self.assertRaises(AppendOnlyError, rows.update, created_by=None)
                self.assertRaises(AppendOnlyError, rows.bulk_update, [], [])

    def test_stored_row_is_neither_saved_nor_deleted(self):
        for model in MODELS:
            with self.subTest(model.__name__):
                row = model(pk=1)
                self.assertRaises(AppendOnlyError, row.save)
                self.assertRaises(AppendOnlyError, row.save, update_fields=["pk", *model.changeable])
                self.assertRaises(AppendOnlyError, row.delete)

    def test_published_content_is_never_changeable(self):
        for model in MODELS:
            with self.subTest(model.__name__):
                self.assertEqual({"content", "content_digest", "digest", "note"} & set(model.changeable), set())
