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
from truthlytics.importers.sources import Options
from truthlytics.importers.wordpress.reader import WordPress

SHARED = BASE_DIR.parent / "shared"
# The others take long. All of them were compared when the importer was written.
FILES = ("wordpress-importer/small-export.xml", "wordpress-importer/crazy-cdata.xml", "isso/wordpress.xml",
         "migrate/sample.xml", "nikola/wordpress_unicode_export.xml")  # fmt: skip


@tag("collected")
class RealExportTests(TestCase):
    def test_everything_arrives(self):
        for name in FILES:
            with self.subTest(name), transaction.atomic():
                self.check(SHARED / "data" / "exports" / "wxr" / name)
                transaction.set_rollback(True)

    def check(self, path):
        try:
            call_command("import_site", "wordpress", str(path), stdout=io.StringIO())
        except CommandError as error:
            self.assertEqual(error.returncode, 2)
        with tempfile.TemporaryDirectory() as folder:
            stored = Path(folder) / "stored.jsonl"
            rows = stored_objects(WordPress([path], Options()))
            stored.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
            command = [sys.executable, SHARED / "tools" / "importcheck" / "compare.py", path, stored]
            result = subprocess.run(command, capture_output=True, text=True, check=False)
        self.assertIn("wrong: nothing", result.stdout, result.stdout + result.stderr)
