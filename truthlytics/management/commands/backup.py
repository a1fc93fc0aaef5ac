"""Back up the database and the media library."""

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
    help = "Copy the database and the media library to a new folder DIR. The site can stay online."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("dir", type=Path, help="folder to create; it must not exist, or be empty")

    def handle(self, *args: Any, **options: Any) -> None:
        target: Path = options["dir"]
        if target.exists() and (not target.is_dir() or any(target.iterdir())):
            raise CommandError(f"{target} is not empty. Use a new folder, such as backups/{timezone.now():%Y-%m-%d}.")
        # Renamed to the target at the end, so that an incomplete backup is never taken for a complete one.
        unfinished = target.with_name(f"{target.name}.unfinished")
        shutil.rmtree(unfinished, ignore_errors=True)
        try:
            unfinished.mkdir(parents=True, mode=0o700)
            # The database first, so that every file it refers to is in the backup.
            databases.dump(unfinished)
            folder.export_media(unfinished)
            manifest = make_manifest(unfinished)
            folder.write_manifest(unfinished, manifest)
            if target.exists():
                target.rmdir()
            unfinished.rename(target)
        except (folder.BackupError, Error, OSError) as error:
            shutil.rmtree(unfinished, ignore_errors=True)
            raise CommandError(f"The backup failed: {error}") from error
        size = sum(size for _, size in manifest.files.values()) / 1e6
        rows = sum(manifest.rows.values())
        self.stdout.write(f"Saved {len(manifest.files)} files ({size:.1f} MB) and {rows} rows in {target}.")


def make_manifest(path: Path) -> folder.Manifest:
    versions = {"django": django.__version__, "python": platform.python_version(), "database": databases.version()}
    return folder.Manifest(
        made_at=f"{timezone.now():%Y-%m-%dT%H:%M:%SZ}",
        engine=connection.vendor,
        versions=versions,
        rows=databases.count_rows(),
        files=folder.digests(path),
    )
