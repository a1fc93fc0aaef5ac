"""The record in `versions.jsonl`: every version of articles, pages and dossiers with its digests.

The lines are those of `export_record` (docs/record.md), so that the same script verifies them, with all contents and
with what else the database keeps of a version.
"""

import json
from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import datetime
from itertools import batched
from typing import Any
from uuid import UUID

from django.db import models

from articles.integrity import content_text, digest_of_content
from articles.models import Correction, DossierVersion, PageVersion, Version
from articles.models.chains import CHAINED, Chain, chains
from articles.models.versions import REDACTED
from articles.richtext.short_text import clean_short_text
from articles.richtext.vocabulary import clean, parse, serialise
from articles.services.denormalise import derive
from truthlytics.exports.tables import Context, Entry, concrete_field
from truthlytics.exports.values import ExportError, MissingFieldError, complete, from_json, missing_value, to_json
from truthlytics.web.canonical_json import canonical
from truthlytics.web.types import Content, JsonObject

FILE = "versions.jsonl"
# The reason that takes the place of the text of a withdrawn item.
WITHDRAWN = "It was withdrawn when the site was exported."
# The columns of every version, of those of articles, and of the correction that a version may have.
COLUMNS = ("number", "public_from", "created_at", "superseded_at", "note", "content_digest", "digest")
ARTICLE_COLUMNS = ("required_level", "changed_at", "is_corrected", "is_retracted")
CORRECTION_COLUMNS = ("kind", "made_at", "changed_facts", "digest")
# All fields of an entry, and of its correction.
FIELDS = {"type", "uuid", "id", "item", *COLUMNS, *ARTICLE_COLUMNS, "correction", "content", "removed"}
CORRECTION_FIELDS = {*CORRECTION_COLUMNS, "supersedes"}
MODELS: dict[str, type[Version | PageVersion | DossierVersion]] = CHAINED
BATCH = 100
# What has to be in the contents that are rendered.
BODIES = {"article": "body", "page": "body", "dossier": "summary"}
LINKED = ("url", "archived_url")


def entries(context: Context) -> Iterator[Entry]:
    """Yield the entries of all versions, by type, item and number."""
    for name in MODELS:
        for chain in chains(name):
            for version in chain.versions:
                yield _entry(chain, version, context.now)


def _entry(chain: Chain, version: Any, now: datetime) -> Entry:
    entry: Entry = {"type": chain.name, "uuid": str(chain.item.uuid), "id": version.pk, "item": chain.item.pk}
    entry |= {name: to_json(getattr(version, name)) for name in COLUMNS}
    if chain.name == "article":
        entry |= {name: to_json(getattr(version, name)) for name in ARTICLE_COLUMNS}
        if change := version.change:
            entry["correction"] = {name: to_json(getattr(change, name)) for name in CORRECTION_COLUMNS}
            entry["correction"]["supersedes"] = change.superseded_number
            if not change.changed_facts:
                del entry["correction"]["changed_facts"]
    if version.content is None:
        return entry | {"removed": version.removal_reason}
    if chain.item.withdrawn_at is not None and chain.item.withdrawn_at <= now:
        return entry | {"removed": WITHDRAWN}
    return entry | {"content": _as_json(version.content)}


def _as_json(content: JsonObject) -> object:
    """Return the content as an object, or as its text if this would not be digested alike."""
    if not isinstance(content, str):
        return content
    parsed = json.loads(content)
    return parsed if canonical(parsed) == content else content


class Loader:
    """Stores versions. They are rendered with what is in the database already, such as names and images.

    `unknown` counts the fields that are not read.
    """

    def __init__(self) -> None:
        self.unknown: Counter[str] = Counter()
        self.corrections: list[Correction] = []
        self._next_correction = 1
        # The item that is being read, and its corrections by number.
        self._item: tuple[str, int] = ("", 0)
        self._numbers: dict[int, int] = {}

    def load(self, lines: Iterable[tuple[int, Any]]) -> int:
        """Store the versions in `lines`, pairs of line number and entry. Return their number. Raises ExportError."""
        count = 0
        for batch in batched(lines, BATCH):
            versions: dict[str, list[Any]] = {name: [] for name in MODELS}
            for number, entry in batch:
                try:
                    version = self._version(entry)
                except MissingFieldError as error:
                    raise ExportError(f"Line {number} of {FILE} {error}.") from error
                except KeyError as error:
                    raise ExportError(f"Line {number} of {FILE} has no “{error.args[0]}”.") from error
                except (ValueError, TypeError, AttributeError, LookupError) as error:
                    raise ExportError(f"Line {number} of {FILE} cannot be read: {error}.") from error
                versions[entry["type"]].append(version)
            for name, rows in versions.items():
                MODELS[name]._default_manager.bulk_create(rows)
            Correction.objects.bulk_create(self.corrections)
            self.corrections.clear()
            count += len(batch)
        return count

    def _version(self, entry: Any) -> Any:
        name = entry["type"]
        model = MODELS[name]
        version = model(
            **_columns(model, ("id", *COLUMNS), entry), **{f"{name}_id": _parsed(model, name, entry["item"])}
        )
        self.unknown.update(entry.keys() - FIELDS)
        if self._item != (name, entry["item"]):
            self._item, self._numbers = (name, entry["item"]), {}
        if "removed" in entry:
            version.removal_reason = _parsed(model, "removal_reason", entry["removed"])
            if not version.removal_reason:
                raise ValueError("its text is missing without a reason")
        else:
            version.content = _content(name, entry)
        if isinstance(version, Version):
            for column, value in _columns(model, ARTICLE_COLUMNS, entry).items():
                setattr(version, column, value)
            _render(version)
            if "correction" in entry:
                self._add_correction(version, entry["correction"])
        return version

    def _add_correction(self, version: Version, change: Content) -> None:
        columns = _columns(Correction, CORRECTION_COLUMNS, change)
        self.unknown.update(f"correction.{name}" for name in change.keys() - CORRECTION_FIELDS)
        superseded = change["supersedes"]
        supersedes_id = None if superseded is None else self._numbers[superseded]
        self.corrections.append(
            Correction(pk=self._next_correction, version_id=version.pk, supersedes_id=supersedes_id, **columns)
        )
        self._numbers[version.number] = self._next_correction
        self._next_correction += 1


def _render(version: Version) -> None:
    if version.content is not None:
        derive(version)
    else:
        for column, value in REDACTED.items():
            setattr(version, column, value)


def _columns(model: type[models.Model], names: Iterable[str], entry: object) -> dict[str, object]:
    """Return the values of the columns `names`. Raises ValueError."""
    values = complete(entry, names, lambda name: missing_value(concrete_field(model, name)))
    return {name: _parsed(model, name, value) for name, value in values.items()}


def _parsed(model: type[models.Model], name: str, value: object) -> Any:
    try:
        return from_json(concrete_field(model, name), value)
    except ValueError as error:
        raise ValueError(f"“{name}” {error}") from error


def _content(name: str, entry: Content) -> Any:
    """Return the content as its column has it. Raises ValueError unless it is as published and safe to render."""
    text = content_text(entry["content"])
    if digest_of_content(text) != entry["content_digest"]:
        raise ValueError("its content does not match “content_digest”")
    content = json.loads(text)
    UUID(entry["uuid"])
    body = content[BODIES[name]]
    if name == "dossier":
        is_safe = clean_short_text(body) == body
    else:
        # Parsed, as it is before it is rendered: other releases may write the same HTML in another way.
        is_safe = not body or clean(body) in {body, serialise(parse(body))}
    if not is_safe:
        raise ValueError("its text has HTML that this site does not publish")
    for source in content.get("sources", ()):
        if any(source.get(key) and not source[key].startswith(("http://", "https://", "/")) for key in LINKED):
            raise ValueError("a source has an address that cannot be linked")
    return content if name == "dossier" else text
