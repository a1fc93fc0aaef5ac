"""A backup holds everything, is checked before it is put back, and never over what somebody would miss."""

import json
import tempfile
from io import StringIO
from pathlib import Path
from unittest import mock

from django.core.files.base import ContentFile
from django.core.files.storage import storages
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import connection
from django.test import TransactionTestCase

from articles.models import Article, Version
from tests.factories import make_article, make_comment
from truthlytics.backups import databases, folder


def run(command, *args):
    out = StringIO()
    call_command(command, *args, stdout=out)
    return out.getvalue()


class BackupTests(TransactionTestCase):
    def setUp(self):
        home = tempfile.TemporaryDirectory()
        self.addCleanup(home.cleanup)
        self.backup = Path(home.name) / "today"
        self.article = make_article(headline="Kept")
        make_comment(article=self.article, text="Kept too.")
        for alias, name in (("default", "abc.webp"), ("originals", "deep/er.png")):
            storages[alias].save(name, ContentFile(b"picture " + name.encode()))
            self.addCleanup(storages[alias].delete, name)

    def lose_everything(self):
        call_command("flush", interactive=False, verbosity=0)
        for alias in folder.FILES.values():
            for name in list(folder.stored(alias)):
                storages[alias].delete(name)

    def test_what_was_there_is_there_again(self):
        digests = set(Version.objects.values_list("digest", flat=True))
        self.assertIn("3 files", run("backup", self.backup))
        self.lose_everything()
        said = run("restore", self.backup)
        self.assertEqual(set(Version.objects.values_list("digest", flat=True)), digests)
        self.assertEqual(Article.objects.get().comments.get().text, "Kept too.")
        with storages["originals"].open("deep/er.png") as file:
            self.assertEqual(file.read(), b"picture deep/er.png")
        self.assertNotIn("were counted", said)

    def test_a_site_that_holds_something_is_not_overwritten(self):
        run("backup", self.backup)
        Article.objects.update(slug="since-then")
        with self.assertRaisesMessage(CommandError, "--replace"):
            run("restore", self.backup)
        self.assertEqual(Article.objects.get().slug, "since-then")
        run("restore", self.backup, "--replace")
        self.assertNotEqual(Article.objects.get().slug, "since-then")

    def test_one_changed_byte_stops_it_before_anything_is_written(self):
        run("backup", self.backup)
        (self.backup / "media/abc.webp").write_bytes(b"pictura abc.webp")
        self.lose_everything()
        with self.assertRaisesMessage(CommandError, "media/abc.webp"):
            run("restore", self.backup)
        self.assertFalse(Article.objects.exists())

    def test_a_manifest_cannot_name_what_lies_elsewhere(self):
        run("backup", self.backup)
        path = self.backup / folder.MANIFEST
        manifest = json.loads(path.read_text())
        manifest["files"]["media/../../elsewhere"] = ["0" * 64, 1]
        path.write_text(json.dumps(manifest))
        with self.assertRaisesMessage(CommandError, "is missing"):
            run("restore", self.backup, "--replace")

    def test_what_was_broken_off_is_no_backup(self):
        full = mock.patch.object(folder, "copy_out", side_effect=OSError("No space left on device"))
        with full, self.assertRaisesMessage(CommandError, "No space left"):
            run("backup", self.backup)
        self.assertEqual(list(self.backup.parent.iterdir()), [])
        with self.assertRaisesMessage(CommandError, "is no backup"):
            run("restore", self.backup.parent, "--replace")

    def test_a_folder_in_use_is_left_alone(self):
        self.backup.mkdir()
        (self.backup / "mine").touch()
        with self.assertRaisesMessage(CommandError, "not empty"):
            run("backup", self.backup)

    def test_a_program_that_is_not_there_is_named(self):
        absent = mock.patch("shutil.which", return_value=None), mock.patch.object(Path, "glob", return_value=[])
        with absent[0], absent[1], self.assertRaisesMessage(folder.Unusable, "postgresql-client"):
            databases.program("pg_dump")

    def test_a_backup_of_the_other_database_is_refused(self):
        run("backup", self.backup)
        path = self.backup / folder.MANIFEST
        path.write_text(path.read_text().replace(f'"{connection.vendor}"', '"oracle"'))
        with self.assertRaisesMessage(CommandError, f"is of oracle, DATABASE_URL names {connection.vendor}"):
            run("restore", self.backup, "--replace")
