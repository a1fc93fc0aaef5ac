"""Saying in words what a log and a record show."""

from __future__ import annotations

from collections.abc import Iterator

from truthlytics.transparency.outside.rules import Ledger, date_of, named_version

# What is said aloud of each kind, for one and for many.
EVENTS = {
    "removal": ("1 text was removed by the publication", "{} texts were removed by the publication"),
    "deletion": ("1 imported version was deleted", "{} imported versions were deleted"),
    "withdrawal": ("1 item was withdrawn", "{} times, an item was withdrawn"),
    "restoration": ("1 withdrawn item was put back", "{} times, a withdrawn item was put back"),
    "key": ("The key was replaced once", "The key was replaced {} times"),
}


def events(ledger: Ledger, start: int = 0) -> Iterator[str]:
    """Yield sentences on what the log says that readers would not expect, in its entries from `start` on."""
    for kind, (one, many) in EVENTS.items():
        places = [position for position in ledger.kinds.get(kind, []) if position >= start]
        if places:
            shown = ", ".join(_place(ledger, position) for position in places[:10]) + (" …" if len(places) > 10 else "")
            text = one if len(places) == 1 else many.format(f"{len(places):,}")
            yield f"{text} (entr{'y' if len(places) == 1 else 'ies'} {shown})."
    imported = [p for p in ledger.kinds.get("version", []) if p >= start and ledger.times[p][1]]
    proven = {logged.position for logged in ledger.versions.values() if logged.native}
    alone = [position for position in imported if position not in proven]
    if alone:
        yield (
            f"{len(alone):,} version{' is' if len(alone) == 1 else 's are'} dated by the publication alone: imported, "
            f"or from before the log began (entr{'y' if len(alone) == 1 else 'ies'} {ranges(alone)})."
        )


def _place(ledger: Ledger, position: int) -> str:
    """Return the number of an entry, with the version of which it removes or deletes the text."""
    for (uuid, number), place in [*ledger.removals.items(), *ledger.deletions.items()]:
        if place == position:
            return f"{position}: {named_version(ledger.versions[uuid, number].item, uuid, number)}"
    return str(position)


def ranges(numbers: list[int]) -> str:
    """Return sorted numbers as text such as “3, 5–9 …”, at most five ranges."""
    found: list[list[int]] = []
    for number in numbers:
        if found and found[-1][1] == number - 1:
            found[-1][1] = number
        else:
            found.append([number, number])
    text = ", ".join(f"{a}" if a == b else f"{a}–{b}" for a, b in found[:5])
    return text + (" …" if len(found) > 5 else "")


def proven_of(ledger: Ledger, uuid: str, number: int) -> str:
    """Return what the log proves about a version, as a sentence."""
    logged = ledger.versions[uuid, number]
    after, before = ledger.bounds(logged.position)
    if logged.native and logged.since == ledger.origin:
        return f"It is in the record since {date_of(logged.time)} (entry {logged.position})."
    if logged.native:
        return f"It is in the record since {date_of(logged.time)}, first in the former log {logged.since}."
    since = f"since {date_of(after)} at the earliest" if after else "from its beginning"
    since = f"{since}, {date_of(before)} at the latest" if before and before != after else since
    dated = f"It is dated {date_of(logged.time)} by the publication"
    return f"{dated}, and is in the record {since} (entry {logged.position})."
