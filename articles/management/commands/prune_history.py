"""Old saves of the desk go; versions, saves with a name and the newest of each article and page stay."""

from datetime import timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from articles.models import PageSave, Revision

BATCH = 500
EARLIEST = 100 * 366


class Command(BaseCommand):
    help = (
        "Delete saves of the writing desk that are older than --keep-days and not among the --keep-last newest of "
        "their article. Saves with a name are kept, published versions are never touched."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--keep-days", type=int, default=90, help="days for which every save is kept (90)")
        parser.add_argument("--keep-last", type=int, default=20, help="saves that each text keeps in any case (20)")
        parser.add_argument("--dry-run", action="store_true", help="only say how many would go")

    def handle(self, *args: Any, **options: Any) -> None:
        days, last = options["keep_days"], options["keep_last"]
        if not 0 <= days <= EARLIEST or last < 1:
            raise CommandError("Give --keep-days of 0 or more and --keep-last of 1 or more.")
        before = timezone.now() - timedelta(days=days)
        going = {
            kind: list(kind.objects.prunable(before=before, keep_last=last).values_list("pk", flat=True))
            for kind in (Revision, PageSave)
        }
        count = sum(map(len, going.values()))
        if options["dry_run"]:
            self.stdout.write(f"{count} saves would go.")
            return
        for kind, keys in going.items():
            for start in range(0, len(keys), BATCH):
                # Asked again: one may have got a name meanwhile.
                kind.objects.filter(pk__in=keys[start : start + BATCH], name="").delete()
        self.stdout.write(f"{count} saves are gone.")
