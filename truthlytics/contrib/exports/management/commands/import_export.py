"""Read an export of a site into an empty one."""

import sys
from argparse import ArgumentParser
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError

from truthlytics.contrib.exports.reading import import_site
from truthlytics.exports.values import ExportError
from truthlytics.web.text import counted

DONE_WITH_LOSSES = 2
AFTERWARDS = (
    "Next: `manage.py createsuperuser` makes an account for the newsroom. `manage.py tick` makes the sizes of images, "
    "200 at a time; run `manage.py rerender` when all are made, so that old versions show them too."
)
# Fields and files that are listed.
MAX_UNKNOWN = 50


class Command(BaseCommand):
    help = (
        "Read what `export_site` wrote to the folder DIR (docs/exporting.md) into this site, which must be empty. "
        "Exit status 0: done; 2: done, but this release did not know some of it."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("dir", type=Path, help="folder of the export")
        parser.add_argument("--dry-run", action="store_true", help="check and report everything, store nothing")

    def handle(self, *args: object, dir: Path, dry_run: bool, **options: object) -> None:
        try:
            imported = import_site(dir, say=self.stdout.write, dry_run=dry_run)
        except ExportError as error:
            raise CommandError(str(error)) from error
        counts = imported.counts
        self.stdout.write(
            f"{'Dry run: ' if dry_run else ''}{counted(counts['articles.jsonl'], 'article')}, "
            f"{counted(counts['versions.jsonl'], 'version')} and "
            f"{counted(counts['comments.jsonl'], 'comment')} imported."
        )
        if not dry_run:
            self.stdout.write(AFTERWARDS)
        if imported.losses:
            self._show_unknown(imported.losses)
            self.stderr.write(
                f"{'Dry run finished' if dry_run else 'Done'}, with {counted(len(imported.losses), 'difference')} from "
                "the export. The release that made it reads it whole."
            )
            # A CommandError would be printed with its name, as if the import had failed.
            sys.exit(DONE_WITH_LOSSES)

    def _show_unknown(self, losses: list[str]) -> None:
        self.stdout.write("Not imported, because this release does not know it:")
        for loss in losses[:MAX_UNKNOWN]:
            self.stdout.write(f"    {loss}")
        if len(losses) > MAX_UNKNOWN:
            self.stdout.write(f"    and {len(losses) - MAX_UNKNOWN} more")
