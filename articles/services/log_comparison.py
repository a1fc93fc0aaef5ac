"""Comparing the transparency log with what was published: every row has its entry, and every entry its row."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from datetime import datetime
from itertools import batched, groupby
from typing import Any, NamedTuple
from uuid import UUID

from django.db.models import Exists, OuterRef

from articles.models import Withdrawal
from articles.models.chains import CHAINED, Chain
from articles.services.log_entries import (
    CORRECTION,
    DELETION,
    REMOVAL,
    RESTORATION,
    VERSION,
    WITHDRAWAL,
    entries_of_version,
    entries_of_withdrawal,
    entry_of_removal,
    key_of,
    versions_with_entries,
    was_public,
)
from truthlytics.transparency.models import Log, LogEntry

BATCH = 500
ABOUT_ITEMS = (WITHDRAWAL, RESTORATION)
SUBJECTS = {
    VERSION: "version {number} of {item} {uuid}",
    CORRECTION: "the correction in version {number} of {item} {uuid}",
    REMOVAL: "the removed text of version {number} of {item} {uuid}",
    WITHDRAWAL: "the withdrawal of {item} {uuid}",
    RESTORATION: "the restoration of {item} {uuid}",
    DELETION: "the deletion of version {number} of {item} {uuid}",
}


class Mismatch(NamedTuple):
    """What does not fit, as a sentence. `position` is that of its entry, or None if an entry is missing or waits."""

    position: int | None
    sentence: str


def first_mismatch(log: Log, now: datetime) -> str:
    """Return a sentence about the first entry of `log`, which has its archive, that does not fit what was published.

    If every entry fits, it is about something without an entry; "" if there is nothing.
    """
    found: list[Mismatch] = []
    for name in CHAINED:
        for batch in batched(_published(name), BATCH):
            found += _mismatches(log, name, batch, now)
            found = sorted(found, key=_order)[:1]
        found += _of_deleted_items(log, name)
    return min(found, key=_order).sentence if found else ""


def _published(name: str) -> Iterator[Chain]:
    """Yield the items with the versions that have appeared or will, without their contents."""
    rows = versions_with_entries(name).order_by(f"{name}_id", "number").iterator(BATCH)
    for _pk, group in groupby(rows, key=lambda version: getattr(version, f"{name}_id")):
        versions = list(group)
        yield Chain(name, getattr(versions[0], name), versions)


def _order(mismatch: Mismatch) -> tuple[bool, int]:
    return mismatch.position is None, mismatch.position or 0


def _mismatches(log: Log, name: str, chains: Collection[Chain], now: datetime) -> Iterator[Mismatch]:
    entries: defaultdict[UUID | None, list[LogEntry]] = defaultdict(list)
    uuids = [chain.item.uuid for chain in chains]
    for entry in LogEntry.objects.filter(log=log, uuid__in=uuids).order_by("position", "pk"):
        entries[entry.uuid].append(entry)
    withdrawals: defaultdict[int, list[Withdrawal]] = defaultdict(list)
    if name == "article":
        for row in Withdrawal.objects.filter(article__in=[chain.item.pk for chain in chains]).order_by("pk"):
            withdrawals[row.article_id].append(row)
    for chain in chains:
        own, item = entries[chain.item.uuid], chain.item
        expected = list(_entries_of_versions(chain))
        if name == "article":
            expected += [entry for row in withdrawals[item.pk] for entry in entries_of_withdrawal(item, row, now)]
        else:
            yield from _withdrawal_mismatch(chain, [entry for entry in own if entry.kind in ABOUT_ITEMS], now)
            own = [entry for entry in own if entry.kind not in ABOUT_ITEMS]
        yield from _compare(own, expected)


def _entries_of_versions(chain: Chain) -> Iterator[LogEntry]:
    for version in chain.versions:
        about = chain.name, chain.item.uuid, version
        yield from entries_of_version(*about, version.change, is_imported=False)
        if version.removal_reason:
            # No row knows when. The time is not compared.
            yield entry_of_removal(*about, version.public_from)


def _compare(entries: Iterable[LogEntry], expected: Iterable[LogEntry]) -> Iterator[Mismatch]:
    wanted = {key_of(entry): entry for entry in expected}
    for entry in entries:
        right = wanted.pop(key_of(entry), None)
        if right is None:
            yield Mismatch(entry.position, f"{_named(entry)}, but there is no such thing, or another entry for it.")
        elif entry.data.get("digest") != right.data.get("digest"):
            yield Mismatch(entry.position, f"{_named(entry)}, which has another digest now.")
        elif entry.kind != REMOVAL and entry.data["time"] != right.data["time"]:
            yield Mismatch(entry.position, f"{_named(entry)}, which has another date now.")
    for missing in wanted.values():
        yield Mismatch(None, f"No entry is about {_subject(missing)}.")


def _withdrawal_mismatch(chain: Chain, entries: list[LogEntry], now: datetime) -> Iterator[Mismatch]:
    """Compare with the newest entry: of pages and dossiers, no other withdrawal is known."""
    newest = max(entries, key=lambda entry: (entry.appears_at, entry.pk), default=None)
    at, item = chain.item.withdrawn_at, chain.item
    logged_at = newest.appears_at if newest is not None and newest.kind == WITHDRAWAL else None
    if logged_at == at or (logged_at is None and (at is None or not was_public(item, at))):
        return
    if newest is not None and logged_at is not None:
        yield Mismatch(newest.position, f"{_named(newest)}, which is not withdrawn then.")
    else:
        yield Mismatch(None, f"No entry is about the withdrawal of {chain.name} {item.uuid}.")


def _of_deleted_items(log: Log, name: str) -> Iterator[Mismatch]:
    """Yield the first entry about an item that has nothing published, unless its import was undone."""
    versions = CHAINED[name].objects.filter(**{f"{name}__uuid": OuterRef("uuid")}, superseded_at=None)
    deletions = LogEntry.objects.filter(log=log, kind=DELETION, uuid=OuterRef("uuid"), number=OuterRef("number"))
    gone = LogEntry.objects.filter(~Exists(versions), log=log, item=name).order_by("position", "pk")
    kept = gone.exclude(kind=DELETION).filter(~Exists(deletions)).first()
    if kept is not None:
        yield Mismatch(kept.position, f"{_named(kept)}, which is not there any more.")
    originals = LogEntry.objects.filter(log=log, kind=VERSION, uuid=OuterRef("uuid"), number=OuterRef("number"))
    deletions_of: Any = gone.filter(kind=DELETION).annotate(original=originals.values("leaf")[:1])
    for deletion in deletions_of.iterator(BATCH):
        original = LogEntry(leaf=deletion.original or "{}")
        if original.data.get("digest") != deletion.data["digest"]:
            yield Mismatch(deletion.position, f"{_named(deletion)}, but no entry is about this version.")
            return


def _named(entry: LogEntry) -> str:
    place = "An entry that waits" if entry.position is None else f"Entry {entry.position}"
    return f"{place} is about {_subject(entry)}"


def _subject(entry: LogEntry) -> str:
    return SUBJECTS[LogEntry.Kind(entry.kind)].format(number=entry.number, item=entry.item, uuid=entry.uuid)
