"""Restore a backup."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import Error, connection

from truthlytics.backups import conversion, databases, folder


class Command(BaseCommand):
    help = (
        "Restore the backup in DIR to an empty site. All files are verified first, and the record afterwards. "
        "Stop the server and its worker before, and run `migrate` afterwards if the backup is from an older version. "
        "A backup of SQLite can be restored to PostgreSQL and the other way round, with the same version of the code."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("dir", type=Path, help="folder that `backup` made")
        parser.add_argument("--replace", action="store_true", help="delete the site's current data")

    def handle(self, *args: Any, **options: Any) -> None:
        source: Path = options["dir"]
        try:
            manifest = folder.read_manifest(source)
            if manifest.engine not in databases.NAMES:
                raise folder.BackupError(f"{source} is a backup of {manifest.engine}, which is not supported.")
            if not options["replace"] and (content := existing_content()):
                raise folder.BackupError(f"This site is not empty ({content}). Use --replace to delete its data.")
            self.stdout.write("Verifying the files …")
            folder.verify(source, manifest)
            self.stdout.write("Restoring the database …")
            if manifest.engine == connection.vendor:
                databases.load(source)
            else:
                conversion.load(source, manifest.engine)
                call_command("rebuild_search", verbosity=0, stdout=self.stdout)
            self.stdout.write("Restoring the media library …")
            folder.import_media(source, manifest)
        except (folder.BackupError, Error, OSError) as error:
            raise CommandError(str(error)) from error
        self.compare_rows(manifest)
        call_command("verify_record", stdout=self.stdout)
        self.stdout.write(f"Restored the backup of {manifest.made_at}.")

    def compare_rows(self, manifest: folder.Manifest) -> None:
        """Print tables with a different row count, as happens for rows added while the backup was made."""
        counts = databases.count_rows()
        tables = set(manifest.rows)
        if manifest.engine != connection.vendor:
            tables &= {model._meta.db_table for model in conversion.converted_models()}
        for table in sorted(tables):
            if counts.get(table) != manifest.rows[table]:
                self.stdout.write(f"{table}: {counts.get(table)} rows restored, {manifest.rows[table]} expected.")


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
