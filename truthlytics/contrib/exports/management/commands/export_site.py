"""Write the whole site to files that can be read without it."""

from argparse import ArgumentParser
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError

from truthlytics.contrib.exports.making import export_site
from truthlytics.exports.values import ExportError
from truthlytics.web.text import counted


class Command(BaseCommand):
    help = (
        "Write the whole site to a new folder DIR, as JSON Lines, Markdown and files that can be read without this "
        "software (docs/exporting.md). The site can stay online. `import_export DIR` reads it."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("dir", type=Path, help="folder to create; it must not exist, or be empty")
        parser.add_argument("--readers", action="store_true", help="with accounts, their access and subscriptions")

    def handle(self, *args: object, dir: Path, readers: bool, **options: object) -> None:
        target = dir
        if target.exists() and (not target.is_dir() or any(target.iterdir())):
            raise CommandError(f"{target} is not empty. Use a new folder.")
        try:
            folder = export_site(target, has_readers=readers)
        except ExportError as error:
            raise CommandError(str(error)) from error
        size = sum(size for _, size in folder.files.values())
        for name in folder.missing:
            self.stderr.write(f"The media library has no file {name}.")
        self.stdout.write(
            f"{counted(folder.counts['articles.jsonl'], 'article')}, "
            f"{counted(folder.counts['versions.jsonl'], 'version')} and "
            f"{counted(folder.counts['comments.jsonl'], 'comment')} written to {target}: "
            f"{counted(len(folder.files), 'file')}, {size / 1e6:.1f} MB."
        )
