"""The database with which a new site in a container begins."""

import sqlite3
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from tempfile import TemporaryDirectory
from unittest import mock

from django.test import SimpleTestCase

from truthlytics.management.commands import start


class EmptyDatabaseTests(SimpleTestCase):
    def setUp(self):
        self.folder = Path(self.enterContext(TemporaryDirectory()))
        self.path = self.folder / "site.sqlite3"
        empty = self.folder / "empty.sqlite3"
        database = sqlite3.connect(empty)
        database.execute("CREATE TABLE article (headline)")
        database.close()
        self.connection = mock.Mock(vendor="sqlite", settings_dict={"NAME": self.path})
        self.enterContext(mock.patch.multiple(start, EMPTY_DATABASE=empty, connection=self.connection))

    def test_a_new_site_begins_with_it(self):
        with ThreadPoolExecutor(4) as threads:
            list(threads.map(lambda _: start.copy_empty_database(), range(4)))
        database = sqlite3.connect(self.path)
        self.assertEqual(database.execute("SELECT count(*) FROM article").fetchall(), [(0,)])
        database.close()
        self.assertEqual(self.path.stat().st_mode & 0o777, 0o600)
        self.assertEqual(sorted(path.name for path in self.folder.iterdir()), ["empty.sqlite3", "site.sqlite3"])

    def test_an_existing_database_stays(self):
        self.path.write_bytes(b"articles")
        start.copy_empty_database()
        self.assertEqual(self.path.read_bytes(), b"articles")

    def test_postgresql_and_an_installation_without_one_begin_with_migrations(self):
        self.connection.vendor = "postgresql"
        start.copy_empty_database()
        self.connection.vendor = "sqlite"
        with mock.patch.object(start, "EMPTY_DATABASE", self.folder / "none.sqlite3"):
            start.copy_empty_database()
        self.assertFalse(self.path.exists())
