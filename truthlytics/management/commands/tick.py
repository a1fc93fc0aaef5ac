"""All that is due now, once."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from articles.models import ReadCount
from articles.services.media import make_late
from articles.services.publishing import fold_due
from subscriptions.services.cart import forget_old
from subscriptions.services.lifecycle import end_due
from truthlytics.cache import remote_invalidation

# name for the operator, what does it; each returns how many it did and is safe to run twice, at once, or late.
DUE: tuple[tuple[str, Callable[[datetime], int]], ...] = (
    ("versions folded", fold_due),
    ("pictures finished", make_late),
    ("subscriptions ended", end_due),
    ("old carts forgotten", forget_old),
    ("days of reads put together", lambda now: ReadCount.objects.fold(timezone.localdate(now))),
    ("page changes forgotten", remote_invalidation.forget_old),
)


class Command(BaseCommand):
    help = "Do all that is due now, once. Safe to run twice, at the same time, or a week late."

    def handle(self, *args: Any, **options: Any) -> None:
        now = timezone.now()
        failed = []
        for name, work in DUE:
            try:
                self.stdout.write(f"{name}: {work(now)}")
            except Exception as error:  # noqa: BLE001 - one kind of work must not keep the next from being done
                failed.append(f"{name} ({error})")
        if failed:
            raise CommandError("Not everything that is due could be done: " + "; ".join(failed))
