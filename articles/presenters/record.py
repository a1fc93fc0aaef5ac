"""The public record: the digest chains as JSON Lines, and the newest digests. See docs/record.md for the format."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime
from itertools import batched
from typing import Any
from uuid import UUID

from django.db.models import CharField, Q
from django.db.models.functions import Cast, Greatest, Substr

from articles.integrity import content_text, digest_of
from articles.models import Version
from articles.models.base_version import BaseVersion
from articles.models.chains import CHAINED, Chain, appeared, chains
from truthlytics.transparency.evidence import described_record
from truthlytics.web.canonical_json import canonical, format_time
from truthlytics.web.types import Content, JsonObject

NEWEST = 1000
BATCH = 2000
# Versions in one part of the list of a month.
PART = 1000
# The month in which a version appeared, such as “2026-05”. The databases keep times in UTC and format them alike.
_MONTH = Substr(Cast(Greatest("public_from", "created_at"), CharField()), 1, 7)


def exported_lines(now: datetime) -> Iterator[str]:
    """Yield a line of JSON for each version, by item, up to the newest one that is public.

    Versions that were never public have only their digest; those of withdrawn items also lack note and content. Gated
    content is left out.
    """
    for name in CHAINED:
        for chain in chains(name):
            versions = chain.until_newest_public(now)
            yield from (canonical(_entry(chain, version, versions[-1], now)) for version in versions)


def _entry(chain: Chain, version: Any, newest: Any, now: datetime) -> JsonObject:
    if not appeared(version, now):
        return _identity(chain.name, chain.item.uuid, version)
    if chain.item.withdrawn_at is not None and chain.item.withdrawn_at <= now:
        return _identity(chain.name, chain.item.uuid, version) | _times(version)
    is_free = not _level(version) and not _level(newest)
    return version_entry(chain.name, chain.item.uuid, version, with_content=is_free)


def version_entry(name: str, uuid: UUID, version: Any, *, with_content: bool) -> JsonObject:
    """Return what is exported of a public version: all that its digests are computed from.

    `name` is "article", "page" or "dossier", and `uuid` that of the item. Its text is left out unless `with_content`.
    """
    entry = _identity(name, uuid, version) | _times(version)
    entry |= {"note": version.note, "content_digest": version.content_digest}
    if change := version.change:
        entry["correction"] = {
            "kind": change.kind,
            "made_at": format_time(change.made_at),
            "supersedes": change.superseded_number,
            "digest": change.digest,
        }
        if change.changed_facts:
            entry["correction"]["changed_facts"] = change.changed_facts
    if version.removal_reason or (with_content and version.content is None):
        entry["removed"] = version.removal_reason
    elif with_content:
        entry["content"] = content_text(version.content)
    return entry


def history_entries(name: str, uuid: UUID, versions: Iterable[Any], now: datetime) -> list[JsonObject]:
    """Return what is exported of the versions of an item, oldest first, up to the newest public one, without texts."""
    rows = list(versions)
    count = max((index for index, version in enumerate(rows, 1) if appeared(version, now)), default=0)
    return [
        version_entry(name, uuid, version, with_content=False)
        if appeared(version, now)
        else _identity(name, uuid, version)
        for version in rows[:count]
    ]


def _identity(name: str, uuid: UUID, version: BaseVersion) -> JsonObject:
    return {"type": name, "uuid": str(uuid), "number": version.number, "digest": version.digest}


def _times(version: BaseVersion) -> JsonObject:
    return {"public_from": format_time(version.public_from), "created_at": format_time(version.created_at)}


def _level(version: BaseVersion) -> int:
    """Return the level that a version needs. Only articles can be gated."""
    return int(getattr(version, "required_level", 0))


def newest_digests(now: datetime) -> str:
    """Return the digests of each month and the newest `NEWEST` versions, and where the log is, as JSON.

    A version belongs to the month in which it appeared (UTC), so that past months never change.
    """
    newest = []
    for name, model in CHAINED.items():
        versions = (
            model.objects.was_public(now)
            .select_related(name)
            .only("number", "public_from", "digest", f"{name}__uuid", f"{name}__slug", f"{name}__withdrawn_at")
        )
        newest += [(name, version) for version in versions.order_by("-public_from", "-pk")[:NEWEST]]
    newest.sort(key=lambda pair: (pair[1].public_from, pair[1].digest), reverse=True)
    months = _months(now)
    record = {
        "head": digest_of(
            canonical([{name: month[name] for name in ("month", "versions", "digest")} for month in months])
        ),
        "months": months,
        "newest": [_newest(name, version, now) for name, version in newest[:NEWEST]],
        **described_record(),
    }
    return canonical(record)


def _months(now: datetime) -> list[JsonObject]:
    by_month = defaultdict(list)
    for model in CHAINED.values():
        public = model.objects.was_public(now).order_by()
        for month, digest in public.values_list(_MONTH, "digest").iterator(BATCH):
            by_month[month].append(digest)
    return [
        {
            "month": month,
            "versions": len(digests),
            "digest": digest_of("".join(sorted(digests))),
            "parts": -(-len(digests) // PART),
        }
        for month, digests in sorted(by_month.items())
    ]


def versions_of_month(month: date, part: int, now: datetime) -> list[JsonObject]:
    """Return part `part`, from 1, of the versions that appeared in the month that begins on `month` (UTC)."""
    start = datetime(month.year, month.month, 1, tzinfo=UTC)
    end = datetime(month.year + month.month // 12, month.month % 12 + 1, 1, tzinfo=UTC)
    found: list[JsonObject] = []
    first, last = (part - 1) * PART, part * PART
    for name, model in CHAINED.items():
        appeared_then = Q(public_from__gte=start) | Q(created_at__gte=start)
        rows = model.objects.was_public(now).filter(appeared_then, public_from__lt=end, created_at__lt=end)
        count = rows.count()
        if first < count and last > 0:
            columns = (
                "number", "public_from", "created_at", "digest", "removal_reason",
                *(f"{name}__{column}" for column in ("uuid", "slug", "withdrawn_at")),
                *(["correction__digest"] if name == "article" else []),
            )  # fmt: skip
            related = [name, "correction"] if name == "article" else [name]
            ordered = rows.select_related(*related).only(*columns).order_by("pk")
            found += [_listed(name, version, now) for version in ordered[max(0, first) : last]]
        first, last = first - count, last - count
    return found


def _listed(name: str, version: Version, now: datetime) -> JsonObject:
    row = _newest(name, version, now) | {"created_at": format_time(version.created_at)}
    if version.change is not None:
        row["correction"] = version.change.digest
    return row | {"removed": True} if version.removal_reason else row


def differences_from(copy: Content, now: datetime) -> Iterator[str]:
    """Yield a sentence for each version and month of `copy`, an older text of `newest_digests`, that is another now.

    Raises KeyError or TypeError if it is no such text.
    """
    for name, model in CHAINED.items():
        known = [entry for entry in copy["newest"] if entry["type"] == name]
        for entries in batched(known, BATCH // 4):
            rows = model.objects.filter(**{f"{name}__uuid__in": {entry["uuid"] for entry in entries}}).order_by()
            columns = (f"{name}__uuid", "number", "digest", "superseded_at")
            versions = {(str(uuid), number): row for uuid, number, *row in rows.values_list(*columns)}
            for entry in entries:
                if change := _change(entry, versions.get((entry["uuid"], entry["number"]))):
                    yield f"Version {entry['number']} of {name} {entry['uuid']} {change}."
    months = {month["month"]: month["digest"] for month in _months(now)}
    for month in copy["months"][:-1]:  # the last month may have gone on
        if months.get(month["month"]) != month["digest"]:
            yield f"The versions of {month['month']} are not those in the copy."


def _change(entry: Content, row: list[object] | None) -> str:
    if row is None:
        return "was deleted"
    digest, superseded_at = row
    if digest != entry["digest"]:
        return "was replaced"
    return "is hidden, although readers had seen it" if superseded_at is not None else ""


def _newest(name: str, version: BaseVersion, now: datetime) -> JsonObject:
    item = getattr(version, name)
    entry = {
        "type": name,
        "uuid": str(item.uuid),
        "number": version.number,
        "public_from": format_time(version.public_from),
        "digest": version.digest,
    }
    withdrawn = item.withdrawn_at is not None and item.withdrawn_at <= now
    return entry if withdrawn else entry | {"url": item.get_absolute_url()}
