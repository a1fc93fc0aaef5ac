"""Render the derived columns of versions again."""

from django.core.management.base import BaseCommand, CommandParser

from articles.models import Version
from articles.services.denormalise import rederive, served_versions

PROGRESS_EVERY = 500


class Command(BaseCommand):
    help = (
        "Render the derived columns of all versions again, after a change to the renderer. Contents and digests stay."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="Only count the versions that would change.")
        parser.add_argument("--served", action="store_true", help="Only served and scheduled versions.")

    def handle(self, *args: object, dry_run: bool, served: bool, verbosity: int, **options: object) -> None:
        versions = served_versions() if served else Version.objects.all()
        pks = list(versions.order_by("pk").values_list("pk", flat=True))
        changed = 0
        for seen, pk in enumerate(pks, start=1):
            changed += rederive(pk, dry_run=dry_run)
            if verbosity and seen % PROGRESS_EVERY == 0:
                self.stdout.write(f"{seen} of {len(pks)}")
        verb = "would change" if dry_run else "changed"
        self.stdout.write(f"{changed} of {len(pks)} versions {verb}.")
