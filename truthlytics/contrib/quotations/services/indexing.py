"""Maintenance of the index. Call `update` in the transaction that changes which versions readers get."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from django.db import transaction
from django.utils import timezone

from articles.access import Level
from articles.models import Version
from articles.models.chains import CHAINED
from truthlytics.contrib.quotations.fingerprints import marked, of_passages
from truthlytics.contrib.quotations.models import Fingerprint, IndexedText
from truthlytics.contrib.quotations.passages import readable
from truthlytics.web.types import Content

BATCH = 1000
# Of an item that is not free for all, so many versions are indexed, the newest ones: each new version may gate all.
MAX_GATED_VERSIONS = 100

# The first and the last version that have a hash, as readers count them, for each run of versions.
Runs = dict[tuple[int, int], int]


class VersionRow(NamedTuple):
    pk: int
    number: int
    public_from: datetime
    level: int = Level.EVERYONE


class Period(NamedTuple):
    """The versions of an item that readers can see between two times. They get the last one of them."""

    versions: Sequence[VersionRow]
    served_from: datetime | None
    served_until: datetime | None

    @property
    def is_free(self) -> bool:
        return not any(version.level for version in self.versions)


@transaction.atomic
def update(name: str, pk: int, *, rebuild: bool = False) -> None:
    """Index the versions of an item that are new. `name` is "article", "page" or "dossier".

    With `rebuild`, all versions, as after the text of one was removed. The item is locked, so it is safe to repeat.
    """
    periods = list(_periods(_versions(name, pk), timezone.now()))
    existing = list(IndexedText.objects.of(name, pk))
    if rebuild:
        _delete(existing)
        existing = []
    kept = []
    for period in periods:
        text = next((row for row in existing if _covers(row, period)), None)
        if text is None and len(periods) == 1:
            text = next((row for row in existing if _append(row, name, period)), None)
        kept.append(text or _build(name, pk, period))
        IndexedText.objects.filter(pk=kept[-1].pk).update(
            served_from=period.served_from, served_until=period.served_until
        )
    _delete([row for row in existing if row not in kept])


def add_first_versions(versions: Sequence[Version]) -> None:
    """Index the first versions of many articles, with a number of queries that does not grow with that of articles."""
    now, contents, texts = timezone.now(), [], []
    for version in versions:
        contents.append(json.loads(version.content or "{}"))
        texts.append(
            IndexedText(
                article_id=version.article_id,
                newest=version.number,
                count=1,
                is_free=not version.required_level,
                served_from=version.public_from if version.public_from > now else None,
            )
        )
    IndexedText.objects.bulk_create(texts)
    rows = []
    for text, content in zip(texts, contents, strict=True):
        found = _fingerprints(content, content, content["required_level"])
        rows += [Fingerprint(hash=number, text=text, first=1, last=1) for number in found]
    Fingerprint.objects.bulk_create(rows, batch_size=BATCH)


def _versions(name: str, pk: int) -> list[VersionRow]:
    """Return the versions of an item that appeared or will, oldest first."""
    rows = CHAINED[name].objects.filter(**{name: pk}, superseded_at=None).order_by("number")
    if name == "article":
        return [VersionRow(*row) for row in rows.values_list("pk", "number", "public_from", "required_level")]
    return [VersionRow(*row) for row in rows.values_list("pk", "number", "public_from")]


def _periods(versions: Sequence[VersionRow], now: datetime) -> Iterator[Period]:
    public = [version for version in versions if version.public_from <= now]
    scheduled = versions[len(public) :]
    if public:
        yield Period(public, None, scheduled[0].public_from if scheduled else None)
    if scheduled:
        yield Period(versions, scheduled[0].public_from, None)


def _covers(row: IndexedText, period: Period) -> bool:
    return row.newest == period.versions[-1].number and row.count == len(period.versions)


def _append(row: IndexedText, name: str, period: Period) -> bool:
    """Add the newest version to the fingerprints of those before. Return whether that was possible.

    It is not if some text is gated: then the newest version decides about access to all of them.
    """
    count = len(period.versions)
    previous = period.versions[-2].number if count > 1 else 0
    if not (row.is_free and period.is_free and row.count == count - 1 and row.newest == previous):
        return False
    newest = period.versions[-1]
    content = _contents(name, [newest.pk])[newest.pk]
    found = _fingerprints(content, content, Level.EVERYONE)
    known = row.fingerprints.filter(last=count - 1)
    continued = set(known.values_list("hash", flat=True)) & found
    known.filter(hash__in=continued).update(last=count)
    _store(row, {(number, count): count for number in found - continued})
    IndexedText.objects.filter(pk=row.pk).update(newest=newest.number, count=count)
    return True


def _build(name: str, pk: int, period: Period) -> IndexedText:
    text = IndexedText(
        **{f"{name}_id": pk}, newest=period.versions[-1].number, count=len(period.versions), is_free=period.is_free
    )
    text.save()
    _store(text, _runs(name, period))
    return text


def _runs(name: str, period: Period) -> Runs:
    newest = period.versions[-1]
    current = _contents(name, [newest.pk])[newest.pk]
    skipped = 0 if period.is_free else max(0, len(period.versions) - MAX_GATED_VERSIONS)
    return runs_of(
        (
            (number, _contents(name, [version.pk])[version.pk], max(version.level, newest.level))
            for number, version in enumerate(period.versions[skipped:], start=skipped + 1)
        ),
        current,
    )


def runs_of(versions: Iterable[tuple[int, Content | None, int]], current: Content | None) -> Runs:
    """Return which versions have each fingerprint, while readers get `current`.

    `versions` are the number, the content and the level that it needs, oldest first.
    """
    runs: Runs = {}
    open_runs: dict[int, int] = {}
    for number, content, level in versions:
        found = _fingerprints(content, current, level)
        open_runs = {fingerprint: open_runs.get(fingerprint, number) for fingerprint in found}
        runs |= dict.fromkeys(open_runs.items(), number)
    return runs


def _fingerprints(content: Content | None, current: Content | None, level: int) -> set[int]:
    """Return the fingerprints of a version, as they are stored. None if its text was removed."""
    if not content:
        return set()
    passages = readable(content, current, level)
    free, all_free = of_passages(passages.free)
    if not level:
        return free
    everything, _all = of_passages(passages.all)
    return free | {marked(number, level) for number in everything - all_free}


def _contents(name: str, pks: Sequence[int]) -> Mapping[int, Content | None]:
    rows = CHAINED[name].objects.filter(pk__in=pks).values_list("pk", "content")
    return {pk: json.loads(content) if isinstance(content, str) else content for pk, content in rows}


def _store(text: IndexedText, runs: Runs) -> None:
    rows = [
        Fingerprint(hash=number, text=text, first=first, last=last) for (number, first), last in sorted(runs.items())
    ]
    Fingerprint.objects.bulk_create(rows, batch_size=BATCH)


def _delete(rows: Sequence[IndexedText]) -> None:
    pks = [row.pk for row in rows]
    if pks:
        Fingerprint.objects.filter(text__in=pks).delete()
        IndexedText.objects.filter(pk__in=pks).delete()
