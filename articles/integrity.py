"""The integrity record: canonical serialisation, digests and the hash chain of versions.

`content` is JSON with sorted keys, no spaces and NFC strings, in UTF-8, with a random salt. `content_digest` is its
SHA-256, or if only a part of it is free, that of the free part, which names the SHA-256 of the whole. `digest` is the
SHA-256 of the JSON list [previous digest or "", article uuid, number, public_from, created_at, note, content_digest],
serialised the same way, with times as 2026-05-03T09:00:00Z. If it was said what kind of change the version is, the
digest of this correction is the last item. Nothing in it depends on a database id or an account.
docs/record.md describes the format for anyone who wants to verify it.
"""

import hashlib
import json
import secrets
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol
from uuid import UUID

from truthlytics.web.canonical_json import canonical, format_time
from truthlytics.web.types import Content, JsonObject

# Contents have it since no version is published without saying what changed, so that checkers can demand it.
FORMAT = 2


class ChainedVersion(Protocol):
    number: int
    public_from: datetime
    created_at: datetime
    note: str
    content_digest: str
    digest: str
    superseded_at: datetime | None
    removal_reason: str

    @property
    def content(self) -> Any: ...

    @property
    def change(self) -> "ChainedCorrection | None": ...


class ChainedCorrection(Protocol):
    kind: str
    made_at: datetime
    changed_facts: str
    digest: str

    @property
    def superseded_number(self) -> int | None: ...


@dataclass(frozen=True, slots=True)
class Fault:
    """The number of a version that fails verification, and the reason."""

    number: int
    reason: str


def content_text(content: str | dict[str, object]) -> str:
    """Return the text to digest: dossiers store JSON, other items its canonical text."""
    return content if isinstance(content, str) else canonical(content)


def sealed(content: Content, files: Mapping[str, Iterable[str]]) -> JsonObject:
    """Return the content of a new version: with its format, a random salt, and the digests of the `files` of images.

    Without the salt, anyone who knows the rest of a text could confirm a guess at words that are gated or were removed.
    `files` are by UUID of the image.
    """
    pictures = {
        uuid: {**details, "files": sorted(files.get(uuid, ()))} for uuid, details in content.get("pictures", {}).items()
    }
    return {**content, **({"pictures": pictures} if pictures else {}), "format": FORMAT, "salt": secrets.token_hex(16)}


def unsealed(content: Content) -> JsonObject:
    """Return `content` without what new versions add (see `sealed`), to compare it with another one."""
    plain = {name: value for name, value in content.items() if name not in {"salt", "free", "format"}}
    if "pictures" in plain:
        plain["pictures"] = {
            uuid: {name: value for name, value in details.items() if name != "files"}
            for uuid, details in plain["pictures"].items()
        }
    return plain


def has_same_text(first: str | Mapping[str, object] | None, second: str | Mapping[str, object] | None) -> bool:
    """Return whether two stored contents are the same but for their salts. Of a removed text, nothing is known."""
    if first is None or second is None:
        return False
    one, other = (json.loads(content) if isinstance(content, str) else content for content in (first, second))
    return canonical(unsealed(one)) == canonical(unsealed(other))


def digest_of(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8")).hexdigest()


def free_text(text: str) -> str:
    """Return the free part of a content with this canonical text, as canonical JSON; "" if it has none of its own.

    It is public. `whole` in it is the SHA-256 of `text`. The salt in it keeps anyone from trying words.
    """
    content = json.loads(text) if '"free":{' in text else {}
    free = content.get("free")
    return canonical({**free, "whole": digest_of(text)}) if free else ""


def digest_of_content(text: str) -> str:
    """Return the digest of a content with this canonical text: that of its free part, if it has one."""
    return digest_of(free_text(text) or text)


def correction_digest(article: UUID, number: int, correction: ChainedCorrection) -> str:
    """Return the digest of the correction that was published with the version `number`. Its sentence is the note.

    The facts that changed are in it if there are any.
    """
    entry = [str(article), number, correction.kind, format_time(correction.made_at), correction.superseded_number]
    return digest_of(canonical([*entry, correction.changed_facts] if correction.changed_facts else entry))


def chain_digest(previous: str, article: UUID, version: ChainedVersion) -> str:
    """Return the digest that links `version` to the one before it ("" for the first)."""
    entry = [
        previous,
        str(article),
        version.number,
        format_time(version.public_from),
        format_time(version.created_at),
        version.note,
        version.content_digest,
        *([version.change.digest] if version.change is not None else []),
    ]
    return digest_of(canonical(entry))


def faults(item: UUID, versions: Iterable[ChainedVersion]) -> Iterator[Fault]:
    """Yield the first version of an article, page or dossier, oldest first, that fails verification.

    Content that was removed for a reason is skipped; its digest is still verified.
    """
    previous = ""
    for expected, version in enumerate(versions, start=1):
        reason = ""
        if version.number != expected:
            reason = "it is missing"
        elif version.content is None and not version.removal_reason:
            reason = "its content is missing, and no reason is given"
        elif version.content is not None and digest_of_content(content_text(version.content)) != version.content_digest:
            reason = "its content was changed after it was published"
        elif (change := version.change) and correction_digest(item, version.number, change) != change.digest:
            reason = "its correction was changed after it was published"
        elif chain_digest(previous, item, version) != version.digest:
            reason = "its place in the chain was changed"
        elif version.superseded_at is not None and version.superseded_at >= version.public_from:
            reason = "it is hidden from readers although it had appeared"
        elif version.superseded_at is not None and version.superseded_at < version.created_at:
            # Only a version that was scheduled can be superseded, and only after it was made.
            reason = "it is hidden from readers since a time before it was published"
        if reason:
            yield Fault(expected, reason)
            return
        previous = version.digest
