"""A copy of all that cannot be made again."""

import platform
import shutil
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

import django
from django.core.management.base import BaseCommand, CommandError
from django.db import Error, connection
from django.utils import timezone

from truthlytics.backups import databases, folder


class Command(BaseCommand):
    help = (
        "Copy the database and the picture library into a new folder DIR, while the site goes on. The database first: "
        "whatever picture a row in it names was there by then."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("dir", type=Path)

    def handle(self, *args: Any, **options: Any) -> None:
        target: Path = options["dir"]
        if target.exists() and (not target.is_dir() or any(target.iterdir())):
            raise CommandError(f"{target} is not empty: name a new folder, such as backups/{timezone.now():%Y-%m-%d}.")
        # Beside it, and named at the end: what was broken off is never taken for a backup.
        unfinished = target.with_name(f"{target.name}.unfinished")
        shutil.rmtree(unfinished, ignore_errors=True)
        try:
            unfinished.mkdir(parents=True, mode=0o700)
            databases.dump(unfinished)
            folder.copy_out(unfinished)
            made = manifest(unfinished)
            folder.write(unfinished, made)
            if target.exists():
                target.rmdir()
            unfinished.rename(target)
        except (folder.Unusable, Error, OSError) as error:
            shutil.rmtree(unfinished, ignore_errors=True)
            raise CommandError(f"Nothing was backed up: {error}") from error
        size = sum(size for _, size in made.files.values()) / 1e6
        self.stdout.write(f"{target}: {len(made.files)} files, {size:.1f} MB, {sum(made.rows.values())} rows.")


def manifest(made: Path) -> folder.Manifest:
    versions = {"django": django.__version__, "python": platform.python_version(), "database": databases.version()}
    return folder.Manifest(
        made_at=f"{timezone.now():%Y-%m-%dT%H:%M:%SZ}",
        engine=connection.vendor,
        versions=versions,
        rows=databases.rows(),
        files=folder.digests(made),
    )
