"""A backup, put back."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import Error, connection

from truthlytics.backups import databases, folder


class Command(BaseCommand):
    help = (
        "Put the backup in DIR into an empty site: every file is checked before anything is written, and the record "
        "after. Stop the server and its worker before, and run `migrate` after, for a program that is newer."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("dir", type=Path)
        parser.add_argument("--replace", action="store_true", help="throw away what this site holds")

    def handle(self, *args: Any, **options: Any) -> None:
        source: Path = options["dir"]
        try:
            made = folder.read(source)
            if made.engine != connection.vendor:
                raise folder.Unusable(f"{source} is of {made.engine}, DATABASE_URL names {connection.vendor}.")
            if not options["replace"] and (held := what_is_held()):
                raise folder.Unusable(f"This site is not empty ({held}). Say --replace to throw that away.")
            self.stdout.write("Checking the files …")
            folder.check(source, made)
            self.stdout.write("Putting back the database …")
            databases.load(source)
            self.stdout.write("Putting back the pictures …")
            folder.copy_in(source, made)
        except (folder.Unusable, Error, OSError) as error:
            raise CommandError(str(error)) from error
        self.compare(made)
        call_command("verify_record", stdout=self.stdout)
        self.stdout.write(f"Restored what was there on {made.made_at}.")

    def compare(self, made: folder.Manifest) -> None:
        """Rows written while the backup was made may be in its count and not in its copy, never more than that."""
        found = databases.rows()
        for table in sorted(made.rows):
            if found.get(table) != made.rows[table]:
                self.stdout.write(f"{table}: {found.get(table)} rows, {made.rows[table]} were counted.")


def what_is_held() -> str:
    """What there is that somebody would miss; empty for a new site."""
    for table, words in (("articles_article", "articles"), ("subscriptions_user", "people")):
        if table in connection.introspection.table_names():
            with connection.cursor() as cursor:
                cursor.execute(f"SELECT EXISTS (SELECT 1 FROM {table})")  # noqa: S608
                if cursor.fetchone()[0]:
                    return f"it has {words}"
    return "it has pictures" if any(True for alias in folder.FILES.values() for _ in folder.stored(alias)) else ""
