"""Comparing what a site says that it has published with what its log says, both ways, and the digests of a version."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from typing import Any

from truthlytics.transparency.outside.rules import HOUR, Fault, Ledger, canonical, named_version, seconds

# Seconds within which a version may be public without an entry: it waits for its place.
WAITS = 600
Row = Mapping[str, Any]


def digest(value: object) -> str:
    text = value if isinstance(value, str) else canonical(value)
    return hashlib.sha256(text.encode("utf-8")).hexdigest()


def content_digest(value: object) -> str:
    """Return the digest of a content, JSON or parsed: if it has a free part, that of this part and of the whole."""
    try:
        content = json.loads(value) if isinstance(value, str) else value
    except ValueError:
        content = None
    free = content.get("free") if isinstance(content, dict) else None
    return digest({**free, "whole": digest(value)} if isinstance(free, dict) else value)


def version_problem(version: Row, previous: str) -> str:
    """Return what is wrong with the digests of a version, given the digest of the one before it, or ""."""
    if "content_digest" not in version:  # never appeared, or withdrawn
        return ""
    if "content" in version and content_digest(version["content"]) != version["content_digest"]:
        return "has another content"
    if "free" in version and digest(version["free"]) != version["content_digest"]:
        return "has another free part"
    change = version.get("correction", {})
    said = [change[key] for key in ("kind", "made_at", "supersedes", "changed_facts") if key in change]
    if change and digest([version["uuid"], version["number"], *said]) != change["digest"]:
        return "has another kind of change"
    parts = [previous, *(version[key] for key in ("uuid", "number", "public_from", "created_at", "note"))]
    parts += [version["content_digest"], *([change["digest"]] if change else [])]
    return "" if digest(parts) == version["digest"] else "does not fit into the chain"


def row_problem(row: Row, ledger: Ledger, *, waits: bool = False) -> str:
    """Return how what the site says of a version contradicts the log, or "".

    `row` has `type`, `uuid`, `number`, `digest`, `public_from`, `created_at`, and `correction` (a digest) and `removed`
    if they apply. `waits` allows for an entry that is not in the log yet.
    """
    key = row["uuid"], row["number"]
    logged = ledger.versions.get(key)
    if logged is None:
        return "" if waits else "is public, but has no entry in the log"
    if logged.item != row["type"] or logged.digest != row["digest"]:
        return f"is another one than entry {logged.position} of the log says"
    if key in ledger.deletions:
        return f"is public, although entry {ledger.deletions[key]} of the log says that it was deleted"
    if seconds(row["public_from"]) != logged.time:
        return f"has the date {row['public_from']}, and entry {logged.position} of the log has another one"
    if logged.native and seconds(row["created_at"]) > logged.time + HOUR:
        return f"is dated {row['public_from']}, but was made at {row['created_at']}"
    correction = row.get("correction", "")
    if ledger.corrections.get(key, "") != correction:
        has = "lost its correction" if not correction else "has a correction that the log does not have"
        return f"{has}, or it has another one"
    if bool(row.get("removed")) != (key in ledger.removals):
        return "lost its text without an entry" if row.get("removed") else "has a text that the log says was removed"
    return ""


def compare(rows: Iterable[Row], ledger: Ledger, now: int) -> list[Fault]:
    """Compare all versions that the site lists with the log, both ways. `now` is in seconds since 1970."""
    faults, listed = [], {}
    for row in rows:
        key = row["uuid"], row["number"]
        name = named_version(row["type"], *key)
        waits = now - max(seconds(row["public_from"]), seconds(row["created_at"])) < WAITS
        problem = "is listed twice" if key in listed else row_problem(row, ledger, waits=waits)
        listed[key] = row
        state = ledger.items.get(row["uuid"])
        if not problem and state is not None and ("url" in row) == state.withdrawn:
            problem = "is withdrawn by the log, but not on the site" if state.withdrawn else "has lost its page"
        if problem:
            faults.append(Fault("record", ledger.versions[key].position if key in ledger.versions else -1, name))
            faults[-1] = faults[-1]._replace(sentence=f"{name[0].upper()}{name[1:]} {problem}.")
    for key, logged in ledger.versions.items():
        if key not in listed and key not in ledger.deletions:
            name = named_version(logged.item, *key)
            sentence = (
                f"{name[0].upper()}{name[1:]} is in the log (entry {logged.position}), but no longer on the site."
            )
            faults.append(Fault("record", logged.position, sentence))
    return faults
