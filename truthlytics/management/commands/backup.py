"""Back up the database and the media library."""

from argparse import ArgumentParser
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from truthlytics.backups.folder import BackupError
from truthlytics.backups.making import make
from truthlytics.transparency.keys import key_file


class Command(BaseCommand):
    help = "Copy the database and the media library to a new folder DIR. The site can stay online."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("dir", type=Path, help="folder to create; it must not exist, or be empty")

    def handle(self, *args: object, dir: Path, **options: object) -> None:
        target = dir
        if target.exists() and (not target.is_dir() or any(target.iterdir())):
            raise CommandError(f"{target} is not empty. Use a new folder, such as backups/{timezone.now():%Y-%m-%d}.")
        try:
            manifest = make(target)
        except BackupError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"Saved {manifest.summary} in {target}.")
        if key_file().exists():
            self.stdout.write(f"The key of the record is not in it. Keep a copy of {key_file()} somewhere else.")
