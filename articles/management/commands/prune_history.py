"""Delete old revisions."""

from datetime import timedelta
from itertools import batched

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from articles.models import Revision

BATCH = 500
MAX_DAYS = 100 * 366


class Command(BaseCommand):
    help = (
        "Delete revisions that are older than --keep-days and not among the --keep-last newest of their article or "
        "page. Named revisions and published versions are never deleted."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--keep-days", type=int, default=90, help="Keep every revision this many days (90).")
        parser.add_argument("--keep-last", type=int, default=20, help="Revisions to keep per article or page (20).")
        parser.add_argument("--dry-run", action="store_true", help="Only count the revisions.")

    def handle(self, *args: object, keep_days: int, keep_last: int, dry_run: bool, **options: object) -> None:
        if not 0 <= keep_days <= MAX_DAYS or keep_last < 1:
            raise CommandError("--keep-days must be 0 or more and --keep-last 1 or more.")
        before = timezone.now() - timedelta(days=keep_days)
        keys = list(Revision.objects.prunable(before=before, keep_last=keep_last).values_list("pk", flat=True))
        if dry_run:
            self.stdout.write(f"{len(keys)} revisions would be deleted.")
            return
        for batch in batched(keys, BATCH):
            # Filter again: one may have been named in the meantime.
            Revision.objects.filter(pk__in=batch, name="").delete()
        self.stdout.write(f"{len(keys)} revisions deleted.")
