"""Restore a backup, or check that one can be restored."""

from argparse import ArgumentParser
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import datetime
from pathlib import Path

from django.apps import apps
from django.conf import settings
from django.core.files.storage import default_storage
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import Error, connection, models
from django.utils import timezone

from truthlytics.backups import conversion, databases, folder, schedule
from truthlytics.backups.destinations import S3, BucketDestination, destination
from truthlytics.env import STORED_SECRET_KEY, is_secret_key_new

NEXT_LOG = (
    "If the transparency log has grown since the backup was made, it cannot be continued: run `manage.py new_log` "
    "before the site starts again. docs/record.md says more, under “The key of the log”."
)


NEW_KEY = (
    f"{STORED_SECRET_KEY} is newer than the backup, so it is not the key of that site. With this one, readers log in "
    "again, and links in emails that were sent before no longer work. If you have the old key, put it there, or into "
    "SECRET_KEY, before the site starts."
)


class Command(BaseCommand):
    help = (
        "Restore the backup in DIR to an empty site. All files are verified first, and the record afterwards. "
        "Stop the server and its worker before, and run `migrate` afterwards if the backup is from an older version. "
        "A backup of SQLite can be restored to PostgreSQL and the other way round, with the same version of the code. "
        "With --check, restore it to a scratch database instead, without touching the site."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "dir",
            nargs="?",
            default="",
            help="folder that `backup` made, or s3://bucket/folder/name; with --check the newest one in BACKUP_TO",
        )
        parser.add_argument("--replace", action="store_true", help="delete the site's current data")
        parser.add_argument(
            "--check", action="store_true", help="restore to a scratch database, verify it, and delete it again"
        )

    def handle(self, *args: object, dir: str, check: bool, replace: bool, **options: object) -> None:
        try:
            with fetched(dir, newest=check) as source:
                manifest = folder.read_manifest(source)
                if manifest.engine not in databases.NAMES:
                    raise folder.BackupError(f"{source} is a backup of {manifest.engine}, which is not supported.")
                if check:
                    self.check_backup(source, manifest)
                else:
                    self.restore(source, manifest, replace=replace)
        except (folder.BackupError, Error, OSError) as error:
            raise CommandError(str(error)) from error

    def restore(self, source: Path, manifest: folder.Manifest, *, replace: bool) -> None:
        if not replace and (content := existing_content()):
            raise folder.BackupError(f"This site is not empty ({content}). Use --replace to delete its data.")
        self.load(source, manifest)
        self.stdout.write("Restoring the media library …")
        folder.import_media(source, manifest)
        for difference in differing_rows(manifest):
            self.stdout.write(difference)
        call_command("verify_record", restored=True, stdout=self.stdout)
        self.stdout.write(f"Restored the backup of {manifest.made_at}.")
        self.stdout.write(NEXT_LOG)
        if is_secret_key_new(datetime.fromisoformat(manifest.made_at)):
            self.stdout.write(NEW_KEY)

    def check_backup(self, source: Path, manifest: folder.Manifest) -> None:
        """Restore to a scratch database, and bring it up to date. Raises BackupError or CommandError."""
        with databases.scratch():
            self.load(source, manifest)
            for difference in differing_rows(manifest):
                self.stdout.write(difference)
            call_command("migrate", verbosity=0)
            call_command("verify_record", restored=True, stdout=self.stdout)
            missing = sorted(stored_names() - manifest.files.keys())
        if missing:
            raise folder.BackupError(
                f"The database refers to files that the backup does not have: {len(missing)}, such as {missing[0]}."
            )
        self.stdout.write(f"The backup of {manifest.made_at} can be restored: {manifest.summary}.")

    def load(self, source: Path, manifest: folder.Manifest) -> None:
        """Replace the database by the one in `source`, after verifying all files."""
        self.stdout.write("Verifying the files …")
        folder.verify(source, manifest)
        self.stdout.write("Restoring the database …")
        if manifest.engine == connection.vendor:
            databases.load(source)
        else:
            conversion.load(source, manifest.engine, say=self.stdout.write)
            self.stdout.write("Building the search index …")
            call_command("rebuild_search", verbosity=0, stdout=self.stdout)


@contextmanager
def local(path: str) -> Iterator[Path]:
    yield Path(path)


def fetched(address: str, *, newest: bool) -> AbstractContextManager[Path]:
    """Return a context manager that yields the folder of a backup. Raises BackupError if none is named."""
    if address.startswith(S3):
        place, _, name = address.rstrip("/").rpartition("/")
        return BucketDestination(place).fetched(name)
    if address:
        return local(address)
    if not newest or not settings.BACKUP_TO:
        raise folder.BackupError("Name the folder of the backup.")
    kept = destination(settings.BACKUP_TO)
    # Without those that were dated in the future while a clock was wrong.
    today = timezone.localdate()
    if not (names := [name for name in kept.names() if (day := schedule.day_of(name)) is None or day <= today]):
        raise folder.BackupError(f"There is no complete backup in {settings.BACKUP_TO} yet. `tick` makes one each day.")
    return kept.fetched(names[-1])


def differing_rows(manifest: folder.Manifest) -> Iterator[str]:
    """Describe tables with a different row count, as happens for rows added while the backup was made."""
    counts = databases.count_rows()
    tables = set(manifest.rows)
    if manifest.engine != connection.vendor:
        tables &= {model._meta.db_table for model in conversion.converted_models()}
    for table in sorted(tables):
        if counts.get(table) != manifest.rows[table]:
            yield f"{table}: {counts.get(table)} rows restored, {manifest.rows[table]} expected."


def stored_names() -> set[str]:
    """Return the paths in a backup of all files that the database refers to."""
    fields = [field for model in apps.get_models() for field in model._meta.concrete_fields]
    names: set[str] = set()
    for field in fields:
        if isinstance(field, models.FileField):
            place = "media" if field.storage is default_storage else "originals"
            values = field.model._base_manager.values_list(field.name, flat=True)
            names.update(f"{place}/{value}" for value in values if value)
    return names


def existing_content() -> str:
    """Return what the site contains, such as "articles"; "" if it is empty."""
    for table, content in (("articles_article", "articles"), ("subscriptions_user", "users")):
        if table in connection.introspection.table_names():
            with connection.cursor() as cursor:
                cursor.execute(f"SELECT EXISTS (SELECT 1 FROM {table})")  # noqa: S608
                if cursor.fetchone()[0]:
                    return f"it has {content}"
    has_files = any(True for alias in folder.STORAGES.values() for _ in folder.stored_files(alias))
    return "it has media files" if has_files else ""
