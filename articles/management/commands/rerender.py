"""Derive again what is derived."""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from articles.models import Version
from articles.services.deriving import DERIVED_FIELDS, derive, served_versions

BATCH = 100
STEP = 500


class Command(BaseCommand):
    help = "Render every version's derived columns again, after a change to the renderer. Content and digests stay."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="Only count the versions that would change.")
        parser.add_argument("--served", action="store_true", help="Only what is or will be served.")

    def handle(self, *args: Any, **options: Any) -> None:
        versions = served_versions() if options["served"] else Version.objects.all()
        total, changed = versions.count(), 0
        for seen, version in enumerate(versions.order_by("pk").iterator(BATCH), start=1):
            if version.content is not None and self.derive_again(version):
                changed += 1
                if not options["dry_run"]:
                    version.save(update_fields=DERIVED_FIELDS)
            if options["verbosity"] and seen % STEP == 0:
                self.stdout.write(f"{seen} of {total}")
        would = "would change" if options["dry_run"] else "changed"
        self.stdout.write(f"{changed} of {total} versions {would}.")

    def derive_again(self, version: Version) -> bool:
        """True where anything came out otherwise than it is stored."""
        before = {name: getattr(version, name) for name in COLUMNS}
        derive(version)
        return any(getattr(version, name) != value for name, value in before.items())


COLUMNS = [field.attname for field in Version._meta.concrete_fields if field.name in DERIVED_FIELDS]
