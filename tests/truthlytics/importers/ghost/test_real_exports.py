"""Import exports of real sites, which are beside the checkout, and compare them with what they contain."""

import io
import json
import subprocess
import sys
import tempfile
from pathlib import Path

from django.core.management import CommandError, call_command
from django.db import transaction
from django.test import TestCase, tag

from tests.truthlytics.importers.stored import stored_objects
from truthlytics.env import BASE_DIR
from truthlytics.importers.ghost.reader import Ghost
from truthlytics.importers.sources import Options

SHARED = BASE_DIR.parent / "shared"
# The largest one takes long. It was compared when the importer was written.
FILES = ("import-data-1", "import-data-lts", "products_export", "v2_export", "v4_export", "v5_export", "valid")


@tag("collected")
class RealExportTests(TestCase):
    def test_everything_arrives(self):
        for name in FILES:
            with self.subTest(name), transaction.atomic():
                self.check(SHARED / "data" / "exports" / "ghost" / "Ghost" / f"{name}.json")
                transaction.set_rollback(True)

    def check(self, path):
        try:
            call_command("import_site", "ghost", str(path), stdout=io.StringIO())
        except CommandError as error:
            self.assertEqual(error.returncode, 2)
        with tempfile.TemporaryDirectory() as folder:
            stored = Path(folder) / "stored.jsonl"
            rows = stored_objects(Ghost([path], Options()))
            stored.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
            command = [sys.executable, SHARED / "tools" / "importcheck" / "compare.py", path, stored]
            result = subprocess.run(command, capture_output=True, text=True, check=False)
        self.assertIn("wrong: nothing", result.stdout, result.stdout + result.stderr)
