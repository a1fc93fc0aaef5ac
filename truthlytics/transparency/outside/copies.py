"""Checking files that were kept: an export of all texts, and copies of record.json."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from truthlytics.transparency.outside.record import Row, digest, version_problem
from truthlytics.transparency.outside.rules import Fault, Ledger, named_version


def _fault(item: str, uuid: str, number: int, what: str) -> Fault:
    name = named_version(item, uuid, number)
    return Fault("export", -1, f"{name[0].upper()}{name[1:]} {what}.")


def read_export(path: str) -> list[Row]:
    """Return the versions of an export, in its order."""
    with Path(path).open(encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def check_export(path: str, versions: list[Row], ledger: Ledger | None) -> Iterator[str | Fault]:
    """Check each version of the export in `path`, and, with a `ledger`, that the log has exactly these."""
    last: dict[str, tuple[str, int]] = {}
    faults = 0
    for version in versions:
        uuid = version["uuid"]
        previous, number = last.get(uuid, ("", 0))
        problem = "is missing" if version["number"] != number + 1 else version_problem(version, previous)
        if problem:
            faults += 1
            yield _fault(version["type"], uuid, number + 1, problem)
        last[uuid] = version["digest"], version["number"]
    if not faults:
        yield f"Valid: {len(versions):,} versions of {len(last):,} items in {path}."
    if ledger is not None:
        found = list(_compare_with_log({(row["uuid"], row["number"]): row for row in versions}, ledger))
        yield from found
        if not found:
            yield f"The versions in {path} are exactly those in the log."


def _compare_with_log(versions: Mapping[tuple[str, int], Row], ledger: Ledger) -> Iterator[Fault]:
    for key, version in versions.items():
        logged = ledger.versions.get(key)
        if "public_from" in version and logged is None:
            yield _fault(version["type"], *key, "is in the export, but has no entry in the log")
        elif logged is not None and logged.digest != version["digest"]:
            yield _fault(version["type"], *key, "is another one in the export than in the log")
    for key, logged in ledger.versions.items():
        if key not in ledger.deletions and "public_from" not in versions.get(key, {}):
            yield _fault(logged.item, *key, "is in the log, but not in the export")


def check_copies(paths: Iterable[str], rows: Iterable[Row]) -> Iterator[str | Fault]:
    """Check that copies of record.json that were kept agree with the versions `rows` of the site or of an export."""
    listed = {(row["uuid"], row["number"]): row for row in rows if "public_from" in row}
    months: dict[str, list[str]] = {}
    for row in listed.values():
        months.setdefault(max(row["public_from"], row["created_at"])[:7], []).append(row["digest"])
    for path in paths:
        copy, faults = json.loads(Path(path).read_text(encoding="utf-8")), 0
        for old in copy["newest"]:
            new = listed.get((old["uuid"], old["number"]), {})
            if (new.get("digest"), new.get("public_from")) != (old["digest"], old["public_from"]):
                faults += 1
                yield _fault(old["type"], old["uuid"], old["number"], f"is not the one in {path}")
        for old in copy["months"][:-1]:  # the last month may have gone on
            if digest("".join(sorted(months.get(old["month"], [])))) != old["digest"]:
                faults += 1
                yield Fault("export", -1, f"The versions of {old['month']} are not those in {path}.")
        if not faults:
            yield f"What {path} has is still there."
