"""Import an export of a real site and compare what was stored with what it contains."""

import json
import subprocess
import sys
import tempfile
from pathlib import Path

from django.db import transaction
from django.test import TestCase

from tests.contrib.importers.running import import_site
from tests.contrib.importers.stored import stored_objects
from truthlytics.contrib.importers.formats import PARSERS
from truthlytics.contrib.importers.sources import Options
from truthlytics.env import BASE_DIR

# Beside the checkout.
SHARED = BASE_DIR.parent / "shared"


class RealExportCase(TestCase):
    def check(self, format, path, harmless=()):
        """Import `path` with `harmless` signs of access rules, compare it, and roll it back."""
        with transaction.atomic():
            self.assertIn(import_site(format, path, harmless=list(harmless))[0], (0, 2))
            with tempfile.TemporaryDirectory() as folder:
                stored = Path(folder) / "stored.jsonl"
                rows = stored_objects(PARSERS[format].parser([path], Options(harmless=frozenset(harmless))))
                stored.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
                command = [sys.executable, SHARED / "tools" / "importcheck" / "compare.py", path, stored]
                result = subprocess.run(command, capture_output=True, text=True, check=False)
            self.assertIn("wrong: nothing", result.stdout, result.stdout + result.stderr)
            transaction.set_rollback(True)
