"""Tests of restoring a backup of SQLite to PostgreSQL and the other way round."""

import os
import subprocess
import sys
import tempfile
from datetime import UTC, datetime, time
from decimal import Decimal
from io import StringIO
from pathlib import Path

from django.apps import apps
from django.core.files.base import ContentFile
from django.core.files.storage import storages
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import connection, models
from django.db.migrations.recorder import MigrationRecorder
from django.test import SimpleTestCase
from django.utils import timezone

from articles.models import Article, SearchEntry, Version
from tests.budget import takes_longer
from tests.factories import make_article, make_comment, make_image, make_page, make_subscriber, make_user
from tests.transactions import TransactionTestCase
from truthlytics.backups import conversion
from truthlytics.env import BASE_DIR
from truthlytics.web.text import word_set


class ValueTests(SimpleTestCase):
    def test_rows_of_a_dump(self):
        lines = [
            b"1\t\\N\tA tab\\t, a line\\nand a \\\\N\t\n",
            "2\tü\t\\\\\\\\\tx\n".encode(),
            b"\\.\n",
            b"SELECT 1;\n",
        ]
        rows = list(conversion.read_rows(iter(lines)))
        self.assertEqual(rows, [("1", None, "A tab\t, a line\nand a \\N", ""), ("2", "ü", "\\\\", "x")])

    def test_values_of_both_databases(self):
        moment = datetime(2026, 5, 3, 9, 0, 0, 5, UTC)
        values = [
            (models.DateTimeField(), moment, "2026-05-03 09:00:00.000005", "2026-05-03 11:00:00.000005+02"),
            (models.BooleanField(), False, 0, "f"),
            (models.JSONField(), {"a": [None, "ü"]}, '{"a": [null, "ü"]}', '{"a": [null, "ü"]}'),
            (models.IntegerField(), 12, 12, "12"),
            (models.DecimalField(max_digits=5, decimal_places=2), Decimal("19.60"), 19.6, "19.60"),
            (models.BinaryField(), b"\x00a", b"\x00a", "\\x0061"),
            (models.TimeField(), time(7, 30), "07:30:00", "07:30:00"),
            (models.CharField(), None, None, None),
        ]
        for field, expected, in_sqlite, in_postgres in values:
            with self.subTest(type(field).__name__):
                self.assertEqual(conversion.from_database(field, in_sqlite, "sqlite"), expected)
                self.assertEqual(conversion.from_database(field, in_postgres, "postgresql"), expected)

    def test_every_kind_of_column_is_known(self):
        """Add a case to `from_database` and to the test above if a new kind differs between the databases."""
        known = word_set(
            "AutoField BigAutoField BigIntegerField BinaryField BooleanField CharField DateField DateTimeField "
            "DecimalField FileField ForeignKey GenericIPAddressField IntegerField JSONField OneToOneField "
            "PositiveBigIntegerField PositiveIntegerField PositiveSmallIntegerField SlugField TextField TimeField "
            "UUIDField"
        )
        fields = (field for model in conversion.converted_models() for field in model._meta.local_concrete_fields)
        self.assertLessEqual({field.get_internal_type() for field in fields}, known)


if connection.vendor == "postgresql":

    @takes_longer("Whole databases are written and read.")
    class MoveTests(TransactionTestCase):
        def setUp(self):
            directory = tempfile.TemporaryDirectory()
            self.addCleanup(directory.cleanup)
            self.folder = Path(directory.name)

        def restore_and_backup_on_sqlite(self):
            """Restore `postgres` to a SQLite site in the folder, and back that up to `sqlite`. Return the output."""
            environment = os.environ | {
                "DATABASE_URL": f"sqlite:///{self.folder / 'site.sqlite3'}",
                "VAR_DIR": str(self.folder),
                "DEBUG": "1",
            }
            code = (
                "from django.core.management import call_command as run; "
                f"run('restore', r'{self.folder / 'postgres'}'); run('backup', r'{self.folder / 'sqlite'}')"
            )
            command = [sys.executable, "manage.py", "shell", "--no-imports", "-c", code]
            result = subprocess.run(command, cwd=BASE_DIR, env=environment, capture_output=True, text=True)
            self.assertEqual(result.returncode, 0, result.stderr[-2000:])
            return result.stdout

        def rows(self):
            skipped = {"truthlytics_counters", "django_session"}
            models_ = [m for m in apps.get_models(include_auto_created=True) if m._meta.managed and not m._meta.proxy]
            return {
                model._meta.label: sorted(map(repr, models.QuerySet(model).values_list()))
                for model in models_
                if model not in conversion.rebuilt_models() and model._meta.db_table not in skipped
            }

        def test_a_site_moves_to_sqlite_and_back(self):
            article = make_article(headline="The moved “bridge”", body="<p>Tab\there, back\\slash and ü.</p>")
            make_article(headline="Another", lead=make_image())
            make_page()
            make_comment(article=article, author=make_subscriber(), text="Lines\nand \\N.")
            make_user(last_login=timezone.now())
            storages["originals"].save("deep/er.png", ContentFile(b"image"))
            self.addCleanup(storages["originals"].delete, "deep/er.png")
            before = self.rows()
            self.assertGreater(sum(map(len, before.values())), 50)

            call_command("backup", self.folder / "postgres", stdout=StringIO())
            output = self.restore_and_backup_on_sqlite()
            self.assertNotIn("expected", output)
            self.assertEqual((self.folder / "originals/deep/er.png").read_bytes(), b"image")

            Article.objects.update(headline="Changed")
            out = StringIO()
            call_command("restore", self.folder / "sqlite", "--replace", stdout=out)
            self.assertNotIn("expected", out.getvalue())
            self.assertEqual(self.rows(), before)
            self.assertTrue(Version.objects.exists())
            self.assertEqual(SearchEntry.objects.count(), 2)
            # New rows get new keys.
            self.assertGreater(make_article().pk, article.pk)

            recorder = MigrationRecorder(connection)
            recorder.record_applied("articles", "9999_later")
            self.addCleanup(recorder.record_unapplied, "articles", "9999_later")
            with self.assertRaisesMessage(CommandError, "another version of the code"):
                call_command("restore", self.folder / "sqlite", "--replace", stdout=StringIO())
            self.assertTrue(Version.objects.exists())


class ProgressTests(SimpleTestCase):
    def test_large_tables_are_named_while_they_are_written(self):
        said = []
        for number in (3, 1000, 100_001):
            self.assertEqual(sum(1 for _ in conversion.counted(f"t{number}", range(number), said.append)), number)
        while_writing = [f"  t100001: {number:,} rows …" for number in (50_000, 100_000)]
        self.assertEqual(said, ["  t1000: 1,000 rows", *while_writing, "  t100001: 100,001 rows"])
