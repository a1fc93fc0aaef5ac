"""Adding what was published before the index existed, in small steps, the newest items first."""

import time
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Max

from articles.models.chains import CHAINED
from truthlytics.contrib.quotations.models import IndexedText, IndexProgress
from truthlytics.contrib.quotations.services.indexing import update

# Seconds of each minute, and items of which the primary keys are read at once.
SECONDS, BATCH = 20.0, 200
# How long after the upgrade other machines may still run code that indexes nothing.
OLD_CODE = timedelta(minutes=10)


def add_missing(now: datetime, *, seconds: float = SECONDS) -> int:
    """Index items that were published before the index existed, for `seconds` at most. Returns how many.

    Run by `manage.py tick`. Once all are indexed, it reads three rows.
    """
    ends, total = time.monotonic() + seconds, 0
    for name in IndexedText.ITEMS:
        progress = IndexProgress.objects.get_or_create(item=name, defaults={"created_at": now})[0]
        if progress.next_pk is None and now - progress.created_at >= OLD_CODE:
            progress.next_pk = (_items(name).objects.aggregate(newest=Max("pk"))["newest"] or 0) + 1
        while progress.next_pk and time.monotonic() < ends:
            total += _add_batch(name, progress, ends)
    return total


def rebuild_item(name: str, pk: int) -> None:
    """Index all versions of an item again, as after a change to how words are compared."""
    with transaction.atomic():
        if _items(name).objects.select_for_update().filter(pk=pk).exists():
            update(name, pk, rebuild=True)


def all_items() -> list[tuple[str, int]]:
    """Return type and primary key of all items, newest first."""
    return [
        (name, pk)
        for name in IndexedText.ITEMS
        for pk in _items(name).objects.order_by("-pk").values_list("pk", flat=True)
    ]


def _add_batch(name: str, progress: IndexProgress, ends: float) -> int:
    items = _items(name).objects
    pks = list(items.filter(pk__lt=progress.next_pk).order_by("-pk").values_list("pk", flat=True)[:BATCH])
    done = 0
    for pk in pks:
        with transaction.atomic():
            if items.select_for_update().filter(pk=pk).exists():
                update(name, pk)
        done, progress.next_pk = done + 1, pk
        if time.monotonic() >= ends:
            break
    if done == len(pks) < BATCH:
        progress.next_pk = 0
    progress.save(update_fields=["next_pk"])
    return done


def _items(name: str) -> Any:
    return CHAINED[name]._meta.get_field(name).related_model
