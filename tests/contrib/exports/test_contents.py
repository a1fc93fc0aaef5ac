"""What an export contains: every model is exported or left out for a reason, and the files are as described."""

import json
import logging
import re
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from types import SimpleNamespace
from unittest import mock

import yaml
from django.apps import apps
from django.test import SimpleTestCase
from jsonschema import Draft202012Validator

from articles.models import Correction
from tests.contrib.exports.test_round_trip import ExportCase, contents, lines, make_site, run
from tests.factories import make_draft
from tests.truthlytics.transparency.outsider import script_in
from truthlytics.contrib.exports import contents as exported
from truthlytics.contrib.exports import versions
from truthlytics.contrib.exports.contents import NOT_EXPORTED, TABLES

DOCS = Path(__file__).parents[3] / "docs"
SIGNS = "A, “b”: [c, 'd'] # & *e \\ \"f\" {g} | %h – 🌉 - ? ! @ `i`"
APPS = ("articles", "comments", "statistics", "subscriptions", "truthlytics")


class ContentsTests(SimpleTestCase):
    def test_every_model_is_exported_or_left_out_for_a_reason(self):
        exported = {table.model for table in TABLES} | {
            children.model for table in TABLES for children in table.children
        }
        exported |= {*versions.MODELS.values(), Correction}
        every = {model for name in APPS for model in apps.get_app_config(name).get_models(include_auto_created=True)}
        own = {model for model in every if not model._meta.proxy}
        self.assertEqual({model._meta.label for model in own - exported}, set(NOT_EXPORTED))
        self.assertTrue(all(NOT_EXPORTED.values()))

    def test_columns_that_are_left_out_exist_and_have_a_reason(self):
        for table in TABLES:
            for name, reason in table.left_out.items():
                with self.subTest(f"{table.file} {name}"):
                    self.assertTrue(table.model._meta.get_field(name) and reason)

    def test_every_file_and_field_is_documented(self):
        text = (DOCS / "exporting.md").read_text(encoding="utf-8")
        sections = dict(re.findall(r"^\*\*`(\w+\.jsonl)`\*\*(.*?)(?=^\*\*`|^#|\Z)", text, re.MULTILINE | re.DOTALL))
        fields = {table.file: table.names for table in TABLES}
        fields[versions.FILE] = [*versions.COLUMNS, *versions.ARTICLE_COLUMNS, *versions.CORRECTION_COLUMNS, "removed"]
        self.assertEqual(sections.keys(), fields.keys())
        for file, names in fields.items():
            with self.subTest(file):
                described = set(re.findall(r"`(\w+)`", sections[file])) | {"id"}
                self.assertEqual(set(names) - described, set(), f"Describe it in docs/exporting.md under {file}.")


class ExtensionTests(SimpleTestCase):
    def test_a_file_has_one_table(self):
        table = SimpleNamespace(name="authors")
        other = SimpleNamespace(name="tides")
        with (
            mock.patch.object(exported, "exported_tables", return_value=[table, other, other]),
            self.assertLogs("truthlytics.contrib.exports.contents", "ERROR") as logs,
        ):
            logging.disable(logging.NOTSET)
            self.addCleanup(logging.disable, logging.CRITICAL)
            found = exported.exported_by_extensions(exported.OWN_AFTER_VERSIONS + exported.BEFORE_VERSIONS)
        self.assertEqual((found, len(logs.output)), ((other,), 2))


class FilesTests(ExportCase):
    @classmethod
    def setUpTestData(cls):
        make_site()
        make_draft(headline=SIGNS, slug="signs", section=None)

    def setUp(self):
        super().setUp()
        run("export_site", self.first, "--readers")

    def test_every_line_is_valid_by_the_schema(self):
        schema = json.loads((self.first / "schema.json").read_text())
        Draft202012Validator.check_schema(schema)
        for name in schema["$defs"]:
            validator = Draft202012Validator(schema | {"$ref": f"#/$defs/{name}"})
            for number, line in enumerate(lines(self.first, name), start=1):
                with self.subTest(f"{name}, line {number}"):
                    self.assertEqual([error.message for error in validator.iter_errors(line)], [])

    def test_the_published_script_verifies_the_versions(self):
        folder = self.enterContext(TemporaryDirectory())
        command = [sys.executable, script_in(folder), "--export", self.first / "versions.jsonl"]
        result = subprocess.run(command, capture_output=True, text=True, check=False)
        self.assertEqual(result.stderr, "")
        self.assertIn(f"Valid: {len(lines(self.first, 'versions.jsonl'))} versions", result.stdout)

    def test_the_example_in_the_documentation_reads_it(self):
        script = re.search(r"```python\n(.*?)```", (DOCS / "exporting.md").read_text(), re.DOTALL)[1]
        command = [sys.executable, "-c", script, str(self.first)]
        result = subprocess.run(command, capture_output=True, text=True, check=False)
        self.assertEqual(result.stderr, "")
        self.assertIn("The bridge of Varn", result.stdout)

    def test_an_article_is_readable_as_markdown(self):
        text = (self.first / "articles/bridge.md").read_text()
        image = next(entry for entry in lines(self.first, "images.jsonl") if entry["caption"] == "The old bridge")
        self.assertIn('title: "The bridge of Varn"\n', text)
        self.assertIn('authors: ["Ada Orr", ', text)
        self.assertIn('access: "subscriber"\n', text)
        self.assertIn("It was *closed* in June[^1].\n", text)
        self.assertIn(f"![A teal field](../files/{image['file']})\n\nFrom the north\n", text)
        self.assertIn("says why: 5 \\* 3 \\< 16.\n", text)
        self.assertIn("[^1]: Minutes, https://example.org/minutes\n", text)
        self.assertTrue((self.first / "articles" / f"../files/{image['file']}").exists())

    def test_drafts_have_a_file_and_withdrawn_articles_have_none(self):
        names = {name for name in contents(self.first) if name.startswith(("articles/", "pages/"))}
        self.assertLessEqual({"articles/not-yet.md", "articles/tomorrow.md", "pages/about.md"}, names)
        self.assertNotIn("articles/gone.md", names)
        self.assertIn('state: "draft"', (self.first / "articles/not-yet.md").read_text())

    def test_the_front_matter_of_every_text_is_read(self):
        fronts = {path.stem: path.read_text().split("---\n")[1] for path in self.first.glob("*/*.md")}
        self.assertGreater(len(fronts), 5)
        for front in fronts.values():
            fields = [line.split(": ", 1) for line in front.splitlines()]
            expected = {name: json.loads(value, parse_int=str) for name, value in fields}
            self.assertEqual(yaml.load(front, yaml.BaseLoader), expected)
        self.assertEqual(yaml.safe_load(fronts["signs"])["title"], SIGNS)

    def test_it_is_for_its_owner_only(self):
        # Each file too, because copies of the folder may be elsewhere.
        modes = {(path.is_dir(), path.stat().st_mode & 0o777) for path in (self.first, *self.first.rglob("*"))}
        self.assertEqual(modes, {(True, 0o700), (False, 0o600)})
