"""Giving entries their places in the tree, and signing its state."""

from datetime import datetime
from itertools import repeat

from django.db import models, transaction

from truthlytics.transparency.merkle import leaf_hash
from truthlytics.transparency.models import Log, LogEntry, Subtree
from truthlytics.transparency.services.checkpoints import sign, sign_unsigned
from truthlytics.transparency.tree import TILE_HEIGHT

# Entries in one transaction, during which no other process can add any.
BATCH = 2000


def append_due(now: datetime, *, batches: int | None = None) -> int:
    """Add the entries that are due to the tree, in the order in which they became public. Returns how many.

    Signs a checkpoint if the tree has grown or its state was not signed yet. At most `batches` of BATCH are added.
    """
    count = 0
    for _number in repeat(None) if batches is None else repeat(None, batches):
        count += (added := _append_batch(now))
        if added < BATCH:
            break
    if not count:
        sign_unsigned(now)
    return count


@transaction.atomic
def _append_batch(now: datetime) -> int:
    if not LogEntry.objects.due(now).exists():
        return 0
    log = Log.objects.locked()
    if log.archive_added_at is None:
        # It comes first, in the order of time.
        return 0
    # Locked, so that none of them is cancelled meanwhile.
    entries = list(LogEntry.objects.select_for_update().filter(log=log).due(now)[:BATCH])
    if not entries:
        return 0
    old, frontier, subtrees = log.head, log.frontier, []
    for entry in entries:
        hash_ = leaf_hash(entry.leaf.encode())
        entry.position, entry.leaf_hash, entry.added_at = frontier.size, hash_.hex(), now
        for height, index, complete in frontier.add(hash_):
            if height % TILE_HEIGHT == 0:
                level = height // TILE_HEIGHT
                subtrees.append(Subtree(log=log, level=level, index=index, hash=complete.hex()))
    _store(entries)
    Subtree.objects.bulk_create(subtrees)
    log.size, log.subtree_hashes = frontier.size, [hash_.hex() for hash_ in frontier.hashes]
    log.save(update_fields=["size", "subtree_hashes"])
    sign(log, old, now)
    return len(entries)


def _store(entries: list[LogEntry]) -> None:
    if len(entries) == 1:
        entries[0].save(update_fields=["position", "leaf_hash", "added_at"])
        return
    # Not through the manager, which refuses it: these columns are written once.
    rows: models.QuerySet[LogEntry] = models.QuerySet(LogEntry)
    rows.bulk_update(entries, ["position", "leaf_hash", "added_at"], batch_size=500)
