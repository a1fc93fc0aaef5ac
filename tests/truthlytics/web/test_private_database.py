"""Only the owner may read the database's files."""

import os
import sqlite3
import tempfile
from contextlib import closing
from pathlib import Path
from types import SimpleNamespace

from django.test import SimpleTestCase

from truthlytics.web.private_database import make_private


class PrivateDatabaseTests(SimpleTestCase):
    def setUp(self):
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        self.path = Path(directory.name) / "site.sqlite3"
        self.addCleanup(os.umask, os.umask(0o022))

    def modes(self):
        return {path.name.removeprefix("site.sqlite3"): path.stat().st_mode & 0o777 for path in self.files()}

    def files(self):
        return self.path.parent.iterdir()

    def test_database_and_files_beside_it_are_private(self):
        with closing(sqlite3.connect(self.path)) as database:
            database.execute("PRAGMA journal_mode=WAL")
            make_private(SimpleNamespace(vendor="sqlite", settings_dict={"NAME": self.path}))
            database.execute("CREATE TABLE t (x)")
            self.assertEqual(self.modes(), {"": 0o600, "-wal": 0o600, "-shm": 0o600})

    def test_other_databases_are_left_alone(self):
        for vendor, name in (("sqlite", ":memory:"), ("postgresql", self.path)):
            make_private(SimpleNamespace(vendor=vendor, settings_dict={"NAME": name}))
        self.assertEqual(list(self.files()), [])
