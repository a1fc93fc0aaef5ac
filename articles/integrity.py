"""The record: how a version's bytes are written, digested and chained.

The rule (docs/record.md gives it for outsiders who want to check): `content` is JSON with sorted keys, no
spaces, NFC strings, UTF-8. `content_digest` is its SHA-256. `digest` is the SHA-256 of the JSON list
[previous digest or "", article uuid, number, public_from, made_at, note, content_digest], written the same
way, times as 2026-05-03T09:00:00Z. So nothing in it depends on a database id or an account.
"""

import hashlib
import json
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Protocol
from uuid import UUID


class Recorded(Protocol):
    number: int
    public_from: datetime
    made_at: datetime
    note: str
    content_digest: str
    digest: str

    @property
    def content(self) -> str | None: ...


@dataclass(frozen=True, slots=True)
class Fault:
    """One version that does not hold, and why."""

    article: str
    number: int
    reason: str


def canonical(value: Any) -> str:
    """`value` as the record writes it. Strings become NFC and lose NUL, which PostgreSQL cannot store."""
    return json.dumps(_plain(value), sort_keys=True, ensure_ascii=False, separators=(",", ":"))


def digest_of(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8")).hexdigest()


def stamp(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def chain_digest(previous: str, article: UUID, version: Recorded) -> str:
    """The digest that ties `version` to the one before it ("" for the first)."""
    entry = [
        previous,
        str(article),
        version.number,
        stamp(version.public_from),
        stamp(version.made_at),
        version.note,
        version.content_digest,
    ]
    return digest_of(canonical(entry))


def faults(article: UUID, versions: Iterable[Recorded]) -> Iterator[Fault]:
    """The versions of one article or page, oldest first, that do not hold; content that was redacted is passed over."""
    previous = ""
    for expected, version in enumerate(versions, start=1):
        reason = ""
        if version.number != expected:
            reason = f"version {expected} is missing"
        elif version.content is not None and digest_of(version.content) != version.content_digest:
            reason = "its content was changed after it was published"
        elif chain_digest(previous, article, version) != version.digest:
            reason = "its place in the chain was changed"
        if reason:
            yield Fault(str(article), version.number, reason)
            return
        previous = version.digest


def _plain(value: Any) -> Any:
    if isinstance(value, str):
        return unicodedata.normalize("NFC", value.replace("\x00", ""))
    if isinstance(value, dict):
        return {_plain(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    return value
