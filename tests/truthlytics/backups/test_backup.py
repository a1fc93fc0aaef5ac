"""Tests of `backup` and `restore`."""

import json
import os
import sqlite3
import tempfile
from contextlib import closing
from io import StringIO
from pathlib import Path
from unittest import mock

from django.core.files.base import ContentFile
from django.core.files.storage import storages
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import connection
from django.test import tag
from django.utils import timezone

from articles.models import Article, Version
from tests.budget import takes_longer
from tests.factories import make_article, make_comment
from tests.record_key import use_key
from tests.transactions import TransactionTestCase
from truthlytics.backups import databases, folder
from truthlytics.transparency.services.checkpoints import obstacle
from truthlytics.transparency.services.entries import append_due


def run(command, *args):
    out = StringIO()
    call_command(command, *args, stdout=out)
    return out.getvalue()


class BusyDatabase:
    """A SQLite connection whose database is changed by another one after each step of a backup."""

    def __init__(self, database):
        self.database, self.steps = database, 0

    def __getattr__(self, name):
        return getattr(self.database, name)

    def backup(self, target, **options):
        with closing(sqlite3.connect(connection.settings_dict["NAME"], isolation_level=None)) as other:

            def change(status, remaining, total):
                self.steps += 1
                if self.steps > 20:
                    raise AssertionError("The copy starts again after each change.")
                other.execute("UPDATE articles_article SET slug = slug")

            self.database.backup(target, progress=change, **options)


class BackupTests(TransactionTestCase):
    def setUp(self):
        use_key(self)
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        self.backup = Path(directory.name) / "today"
        self.article = make_article(headline="Saved")
        make_comment(article=self.article, text="Saved too.")
        for alias, name in (("default", "abc.webp"), ("originals", "deep/er.png")):
            storages[alias].save(name, ContentFile(b"image " + name.encode()))
            self.addCleanup(storages[alias].delete, name)

    def delete_everything(self):
        call_command("flush", interactive=False, verbosity=0)
        for alias in folder.STORAGES.values():
            for name in list(folder.stored_files(alias)):
                storages[alias].delete(name)

    def test_a_restored_site_equals_the_original(self):
        digests = set(Version.objects.values_list("digest", flat=True))
        self.assertIn("3 files", run("backup", self.backup))
        self.delete_everything()
        output = run("restore", self.backup)
        self.assertEqual(set(Version.objects.values_list("digest", flat=True)), digests)
        self.assertEqual(Article.objects.get().comments.get().text, "Saved too.")
        with storages["originals"].open("deep/er.png") as file:
            self.assertEqual(file.read(), b"image deep/er.png")
        self.assertNotIn("expected", output)

    def test_backup_that_is_older_than_the_log_is_valid_but_cannot_be_continued(self):
        append_due(timezone.now())
        self.assertIn("The key of the record is not in it", run("backup", self.backup))
        make_article()
        self.assertEqual(obstacle(), "")
        self.assertIn("can be restored", run("restore", self.backup, "--check"))
        self.assertIn("run `manage.py new_log`", run("restore", self.backup, "--replace"))
        self.assertIn("older than the last checkpoint", obstacle())
        with self.assertRaisesMessage(CommandError, "signed for 2 entries, but the log has only 1"):
            run("verify_record")

    def test_only_the_owner_may_read_the_database_copy(self):
        self.addCleanup(os.umask, os.umask(0o022))
        run("backup", self.backup)
        modes = [path.stat().st_mode & 0o777 for path in (self.backup, *self.backup.glob("database.*"))]
        self.assertEqual(modes, [0o700, 0o600])

    def test_a_site_with_content_is_not_overwritten(self):
        run("backup", self.backup)
        Article.objects.update(slug="changed")
        with self.assertRaisesMessage(CommandError, "--replace"):
            run("restore", self.backup)
        self.assertEqual(Article.objects.get().slug, "changed")
        run("restore", self.backup, "--replace")
        self.assertNotEqual(Article.objects.get().slug, "changed")

    @takes_longer("Backups and files of a bucket are written and read.")
    def test_a_damaged_file_stops_the_restore_before_anything_is_written(self):
        run("backup", self.backup)
        (self.backup / "media/abc.webp").write_bytes(b"imagx abc.webp")
        self.delete_everything()
        with self.assertRaisesMessage(CommandError, "media/abc.webp"):
            run("restore", self.backup)
        self.assertFalse(Article.objects.exists())

    def test_a_manifest_cannot_name_files_outside_the_backup(self):
        run("backup", self.backup)
        path = self.backup / folder.MANIFEST
        manifest = json.loads(path.read_text())
        manifest["files"]["media/../../elsewhere"] = ["0" * 64, 1]
        path.write_text(json.dumps(manifest))
        with self.assertRaisesMessage(CommandError, "is missing"):
            run("restore", self.backup, "--replace")

    def test_an_interrupted_backup_leaves_nothing_behind(self):
        disk_full = mock.patch.object(folder, "export_media", side_effect=OSError("No space left on device"))
        with disk_full, self.assertRaisesMessage(CommandError, "No space left"):
            run("backup", self.backup)
        self.assertEqual(list(self.backup.parent.iterdir()), [])
        with self.assertRaisesMessage(CommandError, "is not a backup"):
            run("restore", self.backup.parent, "--replace")

    def test_a_folder_with_files_is_not_used(self):
        self.backup.mkdir()
        (self.backup / "mine").touch()
        with self.assertRaisesMessage(CommandError, "not empty"):
            run("backup", self.backup)

    @takes_longer("Backups and files of a bucket are written and read.")
    @tag("sqlite")  # pg_dump reads one snapshot
    def test_writes_by_others_do_not_restart_the_copy(self):
        with connection.cursor() as cursor:
            cursor.execute("CREATE TABLE large AS SELECT zeroblob(40000000) AS data")
            self.addCleanup(lambda: connection.cursor().execute("DROP TABLE large"))
        with mock.patch.object(connection, "connection", BusyDatabase(connection.connection)):
            run("backup", self.backup)
        self.delete_everything()
        run("restore", self.backup)
        self.assertEqual(Article.objects.get().comments.get().text, "Saved too.")

    def test_a_missing_program_is_named(self):
        missing = mock.patch("shutil.which", return_value=None), mock.patch.object(Path, "glob", return_value=[])
        with missing[0], missing[1], self.assertRaisesMessage(folder.BackupError, "postgresql-client"):
            databases.find_program("pg_dump")

    def test_a_backup_of_an_unknown_database_is_rejected(self):
        run("backup", self.backup)
        path = self.backup / folder.MANIFEST
        path.write_text(path.read_text().replace(f'"{connection.vendor}"', '"oracle"'))
        with self.assertRaisesMessage(CommandError, "is a backup of oracle, which is not supported"):
            run("restore", self.backup, "--replace")
