"""Adding entries to the log."""

import logging
from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from truthlytics.transparency.models import Log, LogEntry
from truthlytics.transparency.services.appending import append_due
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
