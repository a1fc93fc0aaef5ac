"""Import an export that is beside the checkout, and compare it with what it contains."""

import csv
import json
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from django.test import TestCase, tag

from articles.models import Version
from tests.contrib.importers.running import import_site
from truthlytics.contrib.importers.models import ImportedObject, ImportRun
from truthlytics.contrib.importers.plan import item_of
from truthlytics.env import BASE_DIR

SHARED = BASE_DIR.parent / "shared"
EXPORT = SHARED / "data" / "exports" / "substack" / "migrate"
# Buttons are removed on purpose, so they are not in the copy that the import is compared with.
BUTTON = re.compile(r'<p class="button-wrapper".*?</p>', re.DOTALL)


@tag("collected")
class RealExportTests(TestCase):
    def setUp(self):
        self.folder = Path(self.enterContext(tempfile.TemporaryDirectory()))

    def run_import(self):
        authors = self.folder / "authors.csv"
        authors.write_text(",Ada Orr\n", encoding="utf-8")
        status, out = import_site("substack", EXPORT, section="letters", authors=authors)
        self.assertIn(status, (0, 2))
        return out

    def stored(self):
        """Yield what was stored, in the form that `compare.py` reads."""
        with (EXPORT / "posts.csv").open(encoding="utf-8-sig", newline="") as file:
            types = {row["post_id"].partition(".")[0]: row["type"] for row in csv.DictReader(file)}
        for imported in ImportedObject.objects.select_related("article", "page"):
            item, number = item_of(imported), imported.source_id
            yield {
                "source_id": number,
                "kind": types[number],
                "status": item.state(),
                "slug": item.slug,
                "title": item.headline,
                "html": item.body,
            }

    def test_everything_arrives_and_a_second_run_writes_nothing(self):
        self.run_import()
        plain = shutil.copytree(EXPORT, self.folder / "export")
        for path in (plain / "posts").iterdir():
            path.write_text(BUTTON.sub("", path.read_text(encoding="utf-8")), encoding="utf-8")
        stored = self.folder / "stored.jsonl"
        stored.write_text("".join(json.dumps(row) + "\n" for row in self.stored()), encoding="utf-8")
        command = [sys.executable, SHARED / "tools" / "importcheck" / "compare.py", plain, stored]
        result = subprocess.run(command, capture_output=True, text=True, check=False)
        self.assertIn("5 expected, 5 stored, wrong: nothing", result.stdout, result.stdout + result.stderr)

        before = [model.objects.count() for model in (Version, ImportedObject, ImportRun)]
        self.assertIn("5 unchanged", self.run_import())
        self.assertEqual([model.objects.count() for model in (Version, ImportedObject, ImportRun)], before)
