"""Two imports of the same files at once write nothing twice, and the later says that it waits for the other."""

import json
import tempfile
from pathlib import Path
from unittest import mock

from django.db import transaction
from django.test import tag

from articles.models import Article, Author, Redirect, Section, Topic, Version
from comments.models import Comment
from tests.budget import takes_longer
from tests.contrib.exports.test_round_trip import empty_site, run
from tests.contrib.importers.running import import_site
from tests.contrib.importers.test_import_site import record
from tests.factories import make_article, make_image
from tests.threads import at_once, start_thread
from tests.transactions import TransactionTestCase
from truthlytics.contrib.importers import writer
from truthlytics.contrib.importers.models import ImportedObject, ImportRun

WRITTEN = Article, Author, Comment, ImportedObject, Redirect, Section, Topic, Version


class ImportRaceTests(TransactionTestCase):
    def setUp(self):
        self.folder = Path(self.enterContext(tempfile.TemporaryDirectory()))

    def counts(self):
        return {model.__name__: model.objects.count() for model in WRITTEN}

    @takes_longer("Two imports use the database at once.")
    def test_an_import_that_begins_during_another_is_refused_or_changes_nothing(self):
        path, create = self.folder / "site.jsonl", writer.create
        path.write_text("".join(f"{json.dumps(record(id=n, url=f'/p/{n}/', topics=['A']))}\n" for n in range(3)))
        second, results = [], []

        def create_slowly(new, import_run):
            if not second:
                second.append(start_thread(lambda: results.append(import_site("jsonl", path))))
                second[0].join(0.5)
            create(new, import_run)

        with mock.patch.object(writer, "create", create_slowly):
            status, output = import_site("jsonl", path)
        second[0].join()
        self.assertEqual(status, 0, output)
        one = self.counts()
        [(status, output)] = results
        self.assertIn("Another import is in progress." if status else "0 new (0 published, 0 drafts)", output)
        self.assertEqual(
            {name: one[name] for name in ("Article", "Author", "Section", "Topic")},
            {"Article": 3, "Author": 1, "Section": 1, "Topic": 1},
        )
        self.assertFalse(ImportRun.objects.filter(status__in=ImportRun.ACTIVE).exists())
        import_site("jsonl", path)
        self.assertEqual(self.counts(), one)

    @tag("all_features")
    @takes_longer("Two imports use the database at once.")
    def test_of_two_imports_of_a_whole_site_at_once_one_is_refused_in_a_sentence(self):
        make_article(lead=make_image())
        run("export_site", self.folder / "export")
        before = self.counts()
        with transaction.atomic():
            empty_site()
        results = sorted(at_once(lambda: import_site("truthlytics", self.folder / "export"), 2))
        self.assertEqual([status for status, _output in results], [0, 1])
        self.assertIn("This site is not empty", results[1][1])
        self.assertEqual(self.counts(), before)
        run("verify_record")
