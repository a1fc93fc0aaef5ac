"""Adding entries to the log, giving them their places in the tree, and signing its state."""

import logging
from collections.abc import Iterable
from datetime import datetime
from itertools import repeat
from uuid import UUID

from django.db import models, transaction
from django.utils import timezone

from truthlytics.transparency.merkle import leaf_hash
from truthlytics.transparency.models import Log, LogEntry, Subtree
from truthlytics.transparency.services.checkpoints import sign, sign_unsigned
from truthlytics.transparency.tree import TILE_HEIGHT
from truthlytics.web.canonical_json import canonical, format_time

logger = logging.getLogger(__name__)


def new_entry(
    kind: str, *, item: str, uuid: UUID, at: datetime, number: int = 0, digest: str = "", is_imported: bool = False
) -> LogEntry:
    """Return an unsaved entry about something of an `item` ("article", "page" or "dossier") that appears `at` (UTC).

    `digest` is that of the version `number` or of its correction. `is_imported` marks what came from an archive.
    """
    data: dict[str, str | int] = {"kind": kind, "item": item, "uuid": str(uuid), "time": format_time(at)}
    if number:
        data["number"] = number
    if digest:
        data["digest"] = digest
    if is_imported:
        data["imported"] = True
    return LogEntry(kind=kind, item=item, uuid=uuid, number=number, appears_at=at, leaf=canonical(data))


def new_entry_of_log(kind: str, *, at: datetime, **data: str | int) -> LogEntry:
    """Return an unsaved entry that is about the log itself, with `data` in its leaf."""
    return LogEntry(kind=kind, appears_at=at, leaf=canonical({"kind": kind, "time": format_time(at), **data}))


def add(entries: Iterable[LogEntry]) -> None:
    """Write `entries` in the transaction of what they are about. They get their places after it, once they are due."""
    rows = list(entries)
    if not rows:
        return
    log = Log.objects.current()
    for entry in rows:
        entry.log = log
    LogEntry.objects.bulk_create(rows, batch_size=1000)
    if any(entry.appears_at <= timezone.now() for entry in rows):
        transaction.on_commit(append_now)


def append_now() -> None:
    """Give entries that are due their places. If that fails or there are many, `tick` does it a minute later."""
    try:
        append_due(timezone.now(), batches=1)
    except Exception:
        logger.exception("Entries could not be added to the transparency log. It is tried again.")


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
