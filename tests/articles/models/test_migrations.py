"""Migrations that change stored values."""

from importlib import import_module

from django.apps import apps
from django.core.files.storage import storages
from django.db.migrations.loader import MigrationLoader
from django.test import TestCase

from articles.models import DocumentLink, SavedFilter, Withdrawal
from articles.services.corrections import supersede
from articles.services.publishing import withdraw
from tests.factories import (
    make_article,
    make_document,
    make_dossier,
    make_editor,
    make_page,
    make_user,
    make_version,
)

record = import_module("articles.migrations.0006_record_of_minor_edits_and_withdrawals")
links = import_module("articles.migrations.0004_document_links")
gates = import_module("articles.migrations.0016_gated_document_links")
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


class RecordTests(TestCase):
    """The models of that time have no rows that are written once."""

    @classmethod
    def setUpTestData(cls):
        name = "0006_record_of_minor_edits_and_withdrawals"
        cls.apps = MigrationLoader(None, replace_migrations=False).project_state(("articles", name)).apps

    def test_versions_with_a_retraction_in_effect_are_marked(self):
        article, editor = make_article(body="<p>It cost 1 crown.</p>"), make_editor()
        changes = {"by": editor, "note": "Wrong."}
        make_version(article, body="<p>It cost 2 crowns.</p>", kind="correction", **changes)
        retraction = make_version(article, body="<p>It cost 3 crowns.</p>", kind="retraction", **changes)
        make_version(article, required_level=10)
        supersede(correction=retraction.correction, kind="update", sentence="Right.", by=editor)
        marks = self.apps.get_model("articles", "Version").objects.order_by("number")
        before = list(marks.values_list("is_retracted", flat=True))
        marks.update(is_retracted=False)
        record.mark_retracted(self.apps, None)
        self.assertEqual(before, [False, False, True, True, False])
        self.assertEqual(list(marks.values_list("is_retracted", flat=True)), before)

    def test_withdrawals_are_stored(self):
        article = make_article()
        make_article()
        withdraw(item=article, note="Unsound.")
        rows = Withdrawal.objects.values_list("article", "at", "note", "ended_at")
        before = list(rows)
        Withdrawal.objects.all().delete()
        record.record_withdrawals(self.apps, None)
        self.assertEqual((len(before), list(rows.all())), (1, before))


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

    def test_links_outside_the_gated_part_are_found(self):
        free, gated = make_document(), make_document(b"a,b\n1,2\n")
        texts = [f'<p><a href="{document.get_absolute_url()}">It</a></p>' for document in (free, gated)]
        make_article(required_level=10, body="<hr data-gate>".join(texts))
        make_article(body=texts[1])
        make_page(body=texts[1])
        before = sorted(DocumentLink.objects.values_list("pk", "is_gated"))
        DocumentLink.objects.update(is_gated=True)
        gates.find_free_links(apps, None)
        self.assertEqual(sum(is_gated for _, is_gated in before), 1)
        self.assertEqual(sorted(DocumentLink.objects.values_list("pk", "is_gated")), before)

    def test_files_become_private(self):
        document = make_document()
        links.make_public(apps, None)
        self.assertTrue(storages["default"].exists(document.file.name))
        links.make_private(apps, None)
        self.assertFalse(storages["default"].exists(document.file.name))
        self.assertTrue(document.file.storage.exists(document.file.name))
