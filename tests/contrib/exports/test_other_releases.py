"""Exports of other releases: all that were ever made are read, and what only a later release knows is reported."""

import json
import tarfile
import tempfile
from pathlib import Path

import time_machine
from django.core.files.storage import storages
from django.test import SimpleTestCase, TestCase
from django.utils.dateparse import parse_datetime

from articles.models import Article, Section
from tests.budget import takes_longer
from tests.contrib.exports.running import import_export
from tests.contrib.exports.store import STORED
from tests.contrib.exports.test_bad_exports import rewrite
from tests.contrib.exports.test_round_trip import ExportCase, contents, empty_site, lines, make_site, run
from truthlytics.contrib.exports.contents import TABLES
from truthlytics.exports.tables import concrete_field
from truthlytics.exports.values import MissingFieldError, default_of, from_json, missing_value

# Contracts, which an import does not create.
NOT_IMPORTED = {table.file for table in TABLES if not table.is_imported}


def differences(before, after, path=""):
    """Yield where `after` lacks something that `before` has. It may have more fields."""
    if isinstance(before, dict) and isinstance(after, dict):
        for name, value in before.items():
            yield from differences(value, after.get(name, "nothing"), f"{path}.{name}")
    elif isinstance(before, list) and isinstance(after, list) and len(before) == len(after):
        for number, (old, new) in enumerate(zip(before, after, strict=True), start=1):
            yield from differences(old, new, f"{path}[{number}]")
    elif before != after:
        yield f"{path}: {before!r} became {after!r}"


class StoredExportTests(TestCase):
    """Exports that other releases wrote: each is imported and exported again, which takes a second of CPU."""

    def setUp(self):
        self.folder = Path(self.enterContext(tempfile.TemporaryDirectory()))

    def unpack(self, path):
        target = self.folder / path.name
        with tarfile.open(path) as archive:
            archive.extractall(target, filter="data")
        return target / "export"

    @takes_longer("A whole site is imported or exported.")
    def test_everything_arrives(self):
        paths = sorted(STORED.glob("*.tar.xz"))
        self.assertGreater(len(paths), 1)
        for path in paths:
            with self.subTest(path.name):
                empty_site()
                self.assert_arrives(self.unpack(path))

    def assert_arrives(self, first):
        manifest = json.loads((first / "manifest.json").read_text())
        self.assertNotIn(0, manifest["counts"].values())
        # At its own time, when the article for the next day was not public yet.
        written = max(parse_datetime(entry["created_at"]) for entry in lines(first, "comments.jsonl"))
        with time_machine.travel(written):
            status, output = import_export(first)
            self.assertEqual(status, 0, output)
            second = self.folder / f"{first.parent.name}-again"
            run("export_site", second, "--readers")
        for name in manifest["counts"].keys() - NOT_IMPORTED:
            self.assertEqual(list(differences(lines(first, name), lines(second, name), name)), [])
        self.assert_files_are_stored(first)
        self.assert_served()

    def assert_files_are_stored(self, first):
        files = contents(first / "files")
        self.assertTrue(files)
        for name, data in files.items():
            with storages["originals"].open(name) as stored:
                self.assertEqual(stored.read(), data)

    def assert_served(self):
        response = self.client.get("/articles/bridge/")
        self.assertContains(response, "The bridge of Varn")
        self.assertContains(response, "It was June.")
        self.assertRedirects(self.client.get("/?p=7"), "/articles/bridge/", 301, fetch_redirect_response=False)
        self.assertIn("Served as recorded", run("verify_record", "--served"))


class DefaultTests(SimpleTestCase):
    def test_every_default_can_be_imported(self):
        for table in TABLES:
            for column in table.columns:
                with self.subTest(f"{table.file} {column.name}"):
                    try:
                        value = missing_value(column)
                    except MissingFieldError:
                        continue
                    from_json(column, value)

    def test_a_default_of_the_database_is_used(self):
        field = concrete_field(Article, "slug").clone()
        field.db_default = "x"
        self.assertEqual((missing_value(field), default_of(field)), ("x", "x"))

    def test_a_column_without_a_default_cannot_be_missing(self):
        with self.assertRaisesMessage(MissingFieldError, "has no “slug”"):
            missing_value(concrete_field(Article, "slug"))


class OtherFieldsTests(ExportCase):
    @classmethod
    def setUpTestData(cls):
        make_site()

    def setUp(self):
        super().setUp()
        run("export_site", self.first)
        empty_site()

    def change(self, name, changed):
        entries = [changed(entry) for entry in lines(self.first, name)]
        rewrite(self.first, name, "".join(f"{json.dumps(entry)}\n" for entry in entries).encode())

    def test_what_is_missing_gets_the_default(self):
        self.change("sections.jsonl", lambda entry: {key: entry[key] for key in entry if key != "intro"})
        self.change("articles.jsonl", lambda entry: {key: entry[key] for key in entry if key != "topics"})
        self.change("comments.jsonl", lambda entry: {key: entry[key] for key in entry if key != "removed_by_writer"})
        self.assertEqual(import_export(self.first)[0], 0)
        self.assertEqual(Section.objects.first().intro, "")
        self.assertFalse(Article.topics.through.objects.exists())

    def test_a_file_that_is_missing_has_no_lines(self):
        path = self.first / "manifest.json"
        manifest = json.loads(path.read_text())
        del manifest["files"]["newsletter_issues.jsonl"]
        path.write_text(json.dumps(manifest))
        self.assertEqual(import_export(self.first)[0], 0)
        run("export_site", self.second)
        self.assertEqual(lines(self.second, "newsletter_issues.jsonl"), [])

    def test_what_is_unknown_is_reported(self):
        self.change("sections.jsonl", lambda entry: entry | {"color": "red"})
        self.change(
            "dossiers.jsonl", lambda entry: entry | {"entries": [item | {"place": "Varn"} for item in entry["entries"]]}
        )
        self.change("versions.jsonl", lambda entry: entry | {"seal": 1})
        rewrite(self.first, "podcasts.jsonl", b'{"id":1}\n')
        rewrite(self.first, "files/episode.mp3", b"x")
        status, output = import_export(self.first)
        self.assertEqual(status, 2)
        self.assertIn("Not imported, because this release does not know it:\n", output)
        for loss in (
            "dossiers.jsonl: “entries.place” in 1 line",
            "sections.jsonl: “color” in 4 lines",
            "versions.jsonl: “seal” in 9 lines",
            "files/episode.mp3",
            "podcasts.jsonl",
        ):
            self.assertIn(f"    {loss}\n", output)
        self.assertIn("\nDone, with 5 differences from the export. The release that made it reads it whole.\n", output)
        self.assertTrue(Section.objects.exists())

    def test_a_dry_run_reports_the_same_and_stores_nothing(self):
        self.change("sections.jsonl", lambda entry: entry | {"color": "red"})
        status, output = import_export(self.first, dry_run=True)
        self.assertEqual(status, 2)
        self.assertIn("\nDry run finished, with 1 difference from the export.", output)
        self.assertFalse(Section.objects.exists())
