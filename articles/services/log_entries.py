"""The entries of the transparency log about articles, pages and dossiers. Only this module knows which row has which.

Services call it in the transaction that writes a row. `articles.services.log_comparison` compares the log with them.
"""

from collections.abc import Callable, Collection, Iterable, Iterator
from datetime import datetime, timedelta
from functools import partial
from typing import Any
from uuid import UUID

from django.db import transaction

from articles.models import Article, Correction, Dossier, Page, Version, Withdrawal
from articles.models.base_version import BaseVersion
from articles.models.chains import CHAINED
from articles.models.publishable import Item
from articles.services import item_events
from truthlytics.transparency.models import Log, LogEntry, LogEntryQuerySet
from truthlytics.transparency.services.entries import add, append_due, new_entry
from truthlytics.web.types import AnyRows, JsonObject

VERSION, CORRECTION, REMOVAL = LogEntry.Kind.VERSION, LogEntry.Kind.CORRECTION, LogEntry.Kind.REMOVAL
WITHDRAWAL, RESTORATION = LogEntry.Kind.WITHDRAWAL, LogEntry.Kind.RESTORATION
DELETION = LogEntry.Kind.DELETION
BATCH = 1000
# A version that is dated so much earlier than it was made came from somewhere else.
DATED_BACK = timedelta(minutes=10)
# How long after the migration other machines may still run code that writes no entries.
OLD_CODE = timedelta(minutes=10)


# --- Which entries a row has ----------------------------------------------------------------------------------------
def entries_of_version(
    name: str, uuid: UUID, version: Any, correction: Correction | None, *, is_imported: bool
) -> Iterator[LogEntry]:
    """Yield the unsaved entries about a version of the item `uuid` that has appeared or will, and its correction.

    `name` is "article", "page" or "dossier".
    """
    about: JsonObject = {"item": name, "uuid": uuid, "number": version.number, "at": version.public_from}
    yield new_entry(VERSION, **about, digest=version.digest, is_imported=is_imported)
    if correction is not None:
        yield new_entry(CORRECTION, **about, digest=correction.digest, is_imported=is_imported)


def entry_of_removal(name: str, uuid: UUID, version: Any, at: datetime, *, is_imported: bool = False) -> LogEntry:
    """Return the unsaved entry about the removal of the text of a version that readers had seen."""
    return new_entry(
        REMOVAL, item=name, uuid=uuid, at=at, number=version.number, digest=version.digest, is_imported=is_imported
    )


def entries_of_withdrawal(article: Article, withdrawal: Withdrawal, now: datetime) -> Iterator[LogEntry]:
    """Yield the unsaved entries about a withdrawal, past or scheduled, of an article that readers had seen by then."""
    about: JsonObject = {"item": "article", "uuid": article.uuid}
    if was_public(article, withdrawal.at):
        yield new_entry(WITHDRAWAL, **about, at=withdrawal.at, is_imported=withdrawal.at <= now)
        if withdrawal.ended_at is not None:
            yield new_entry(RESTORATION, **about, at=withdrawal.ended_at, is_imported=True)


def was_public(item: Any, at: datetime) -> bool:
    """Return whether readers had seen `item` by `at`, which may lie ahead."""
    return item.published_at is not None and item.published_at <= at


def key_of(entry: LogEntry) -> tuple[str, UUID | None, int, datetime | None]:
    """Return what is the same in two entries about one event. An item can be withdrawn several times."""
    return entry.kind, entry.uuid, entry.number, None if entry.number else entry.appears_at


# --- When rows are written ------------------------------------------------------------------------------------------
def add_version(item: Item, version: BaseVersion, correction: Correction | None, *, is_imported: bool) -> None:
    """Add the entries about a new version of `item`. They wait until it is public.

    What is dated earlier than it is made is marked as imported too, because the log cannot prove that date.
    """
    if not is_imported:
        item_events.version_made(item, version, correction)
    dated_back = version.created_at - version.public_from > DATED_BACK
    add(entries_of_version(_name_of(item), item.uuid, version, correction, is_imported=is_imported or dated_back))


def add_first_versions(versions: Iterable[Any]) -> None:
    """Add the entries about the first versions of articles of an archive."""
    add(
        entry
        for version in versions
        for entry in entries_of_version("article", version.article.uuid, version, None, is_imported=True)
    )


def cancel_scheduled(item: Item, now: datetime, number: int | None = None) -> None:
    """Remove the entries about the version of `item` that was scheduled for later than `now` and never appears.

    If there is another scheduled version already, `number` is that of the one that never appears.
    """
    item_events.versions_cancelled(item, now, number)
    entries = _scheduled([item.uuid], now)
    (entries if number is None else entries.filter(number=number)).cancel()


def add_removal(item: Item, version: BaseVersion, now: datetime) -> None:
    """Add the entry about the removal of the text of `version`, if it is a version that readers had seen."""
    if version.superseded_at is None:
        item_events.text_removed(item, version)
        add([entry_of_removal(_name_of(item), item.uuid, version, now)])


def change_withdrawal(item: Item, before: datetime | None, now: datetime) -> None:
    """Add what follows from `item.withdrawn_at`, which was `before`. Removes a withdrawal that was only scheduled."""
    if item.withdrawn_at == before:
        return
    about: JsonObject = {"item": _name_of(item), "uuid": item.uuid}
    entries = []
    if before is not None and before > now:
        item_events.withdrawal_cancelled(item, now)
        LogEntry.objects.filter(kind=WITHDRAWAL, uuid=item.uuid, appears_at__gt=now).cancel()
    elif before is not None and was_public(item, before):
        item_events.restored(item)
        entries.append(new_entry(RESTORATION, **about, at=now))
    if item.withdrawn_at is not None and was_public(item, item.withdrawn_at):
        item_events.withdrawn(item, item.withdrawn_at)
        entries.append(new_entry(WITHDRAWAL, **about, at=item.withdrawn_at))
    add(entries)


def add_deletions(name: str, items: Iterable[int], now: datetime) -> None:
    """Add entries about all versions of the items with these ids, before they are deleted.

    Entries about versions that have not appeared are removed instead.
    """
    columns = (f"{name}__uuid", "number", "digest")
    versions = list(CHAINED[name].objects.filter(**{f"{name}__in": items}).order_by("pk").values_list(*columns))
    uuids = {uuid for uuid, _number, _digest in versions}
    _scheduled(uuids, now).cancel()
    logged = LogEntry.objects.filter(log=Log.objects.current(), kind=VERSION, uuid__in=uuids)
    known = set(logged.values_list("uuid", "number"))
    add(
        new_entry(DELETION, item=name, uuid=uuid, at=now, number=number, digest=digest)
        for uuid, number, digest in versions
        if (uuid, number) in known
    )


def _scheduled(uuids: Collection[UUID], now: datetime) -> LogEntryQuerySet:
    """Return the entries about versions of the items `uuids` that are scheduled for later than `now`."""
    return LogEntry.objects.filter(kind__in=[VERSION, CORRECTION], uuid__in=uuids, appears_at__gt=now)


def _name_of(item: Item) -> str:
    return str(item._meta.model_name)


# --- By `tick`, and once for what was published before there was a log ----------------------------------------------
def add_due(now: datetime) -> int:
    """Add what has become public to the tree of the log. Returns how many entries. Run by `manage.py tick`.

    A site that had published something before it had a log gets the entries about that first.
    """
    log = Log.objects.current()
    if log.archive_added_at is None and log.created_at <= now - OLD_CODE:
        add_archive(now)
    return append_due(now)


def add_archive(now: datetime) -> int:
    """Write the entries that are missing in the log: for a new one, about all that was published. Returns how many.

    What has happened by `now` is marked as imported. Safe to call again after an interruption. They get their places
    afterwards, in the order of time; removals of texts have no known time, and are added at the end.
    """
    log = Log.objects.current()

    def of_version(version: Version, name: str) -> Iterator[LogEntry]:
        uuid, has_appeared = getattr(version, name).uuid, version.public_from <= now
        yield from entries_of_version(name, uuid, version, version.change, is_imported=has_appeared)
        if version.removal_reason:
            yield entry_of_removal(name, uuid, version, now, is_imported=True)

    def of_item(item: Any, name: str) -> Iterator[LogEntry]:
        if was_public(item, item.withdrawn_at):
            yield new_entry(
                WITHDRAWAL, item=name, uuid=item.uuid, at=item.withdrawn_at, is_imported=item.withdrawn_at <= now
            )

    count = 0
    for name in CHAINED:
        count += _add_in_batches(log, versions_with_entries(name), partial(of_version, name=name))
    withdrawals = Withdrawal.objects.select_related("article")
    count += _add_in_batches(log, withdrawals, lambda row: entries_of_withdrawal(row.article, row, now))
    for name, items in (("page", Page.objects), ("dossier", Dossier.objects)):
        count += _add_in_batches(log, items.exclude(withdrawn_at=None), partial(of_item, name=name))
    Log.objects.filter(pk=log.pk).update(archive_added_at=now)
    return count


def versions_with_entries(name: str) -> AnyRows:
    """Return the versions that have appeared or will, with what entries about them and their items say."""
    columns = ["number", "public_from", "digest", "removal_reason", f"{name}__uuid", f"{name}__withdrawn_at"]
    related = [name]
    if name == "article":
        columns += ["article__published_at", "correction__digest"]
        related.append("correction")
    rows: AnyRows = CHAINED[name].objects.filter(superseded_at=None)
    return rows.select_related(*related).only(*columns)


def _add_in_batches(log: Log, rows: AnyRows, entries_of: Callable[[Any], Iterable[LogEntry]]) -> int:
    """Write what is missing of the entries that each of `rows` has, in one transaction for BATCH rows."""
    count, last, is_done = 0, 0, False
    while not is_done:
        with transaction.atomic():
            # Locked, so that none of them is superseded meanwhile.
            batch = list(rows.select_for_update(of=("self",)).filter(pk__gt=last).order_by("pk")[:BATCH])
            entries = [entry for row in batch for entry in entries_of(row)]
            known = set(map(key_of, LogEntry.objects.filter(log=log, uuid__in={entry.uuid for entry in entries})))
            missing = [entry for entry in entries if key_of(entry) not in known]
            add(missing)
        count += len(missing)
        last, is_done = (batch[-1].pk if batch else last), len(batch) < BATCH
    return count
