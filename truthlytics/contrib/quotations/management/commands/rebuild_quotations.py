"""Rebuild the index in which quotations are looked up."""

from django.core.management.base import BaseCommand, CommandParser

from truthlytics.contrib.quotations.services.backfill import all_items, rebuild_item

STEP = 1000


class Command(BaseCommand):
    help = (
        "Rebuild the index for checking quotations from all versions, newest items first. Each item stays in the index "
        "until its turn. Safe to interrupt and run again."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="Only count the texts.")

    def handle(self, *args: object, dry_run: bool, verbosity: int, **options: object) -> None:
        items = all_items()
        if dry_run:
            self.stdout.write(f"{len(items)} texts would be indexed.")
            return
        for done, (name, pk) in enumerate(items, start=1):
            rebuild_item(name, pk)
            if verbosity and done % STEP == 0:
                self.stdout.write(f"{done} of {len(items)}")
        self.stdout.write(f"{len(items)} texts indexed.")
