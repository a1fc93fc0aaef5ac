"""Saying in words what a log and a record show."""

from __future__ import annotations

from collections.abc import Iterator

from truthlytics.transparency.outside.rules import Ledger, date_of, named_version

# What is counted and printed. The pages of the site use the same words (transparency.evidence.EVENTS).
EVENTS = {
    "removal": "Texts that the publication removed",
    "withdrawal": "Withdrawals",
    "restoration": "Withdrawn items that were put back",
    "deletion": "Versions that were deleted with their import",
    "key": "New keys of the publication",
    "archive": "Versions dated by the publication alone, since they were imported or are older than the log",
}


def places_of_events(ledger: Ledger, start: int = 0) -> dict[str, list[int]]:
    """Return the positions of the entries that readers would not expect, from `start` on, by the kinds in EVENTS."""
    proven = {logged.position for logged in ledger.versions.values() if logged.native}
    alone = [place for place in ledger.kinds.get("version", []) if ledger.times[place][1] and place not in proven]
    places = {**ledger.kinds, "archive": alone}
    return {kind: [place for place in places.get(kind, []) if place >= start] for kind in EVENTS}


def events(ledger: Ledger, start: int = 0) -> Iterator[str]:
    """Yield sentences on what the log says that readers would not expect, in its entries from `start` on."""
    for kind, places in places_of_events(ledger, start).items():
        if places:
            named = [_place(ledger, position) for position in places[:10]] + ["…"] * (len(places) > 10)
            shown = ranges(places) if kind == "archive" else ", ".join(named)
            yield f"{EVENTS[kind]}: {len(places):,} (entr{'y' if len(places) == 1 else 'ies'} {shown})."


def counted(number: int, one: str, many: str) -> str:
    return f"{number:,} {one if number == 1 else many}"


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
        return f"It has been in the record since {date_of(logged.time)} (entry {logged.position})."
    if logged.native:
        return f"It has been in the record since {date_of(logged.time)}, first in the former log {logged.since}."
    dated = f"The publication alone says that it is of {date_of(logged.time)}"
    if after and before and after != before:
        entered = f"between {date_of(after)} and {date_of(before)}"
    elif after or before:
        entered = f"on {date_of(after or before)}" + (" or later" if not before else " or earlier" if not after else "")
    else:
        entered = "at a time that no other entry shows"
    return f"{dated}. It was entered in the record {entered} (entry {logged.position})."
