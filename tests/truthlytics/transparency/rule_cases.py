"""What each kind of entry may follow: a table of cases for every checker, in Python and in the browser.

A case has the entries of a log, those of the log before it if there is one, and the faults: rule and position. docs/
record.md has the rules in words.
"""

from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

A, B, C = (f"{digit * 8}-{digit * 4}-4{digit * 3}-8{digit * 3}-{digit * 12}" for digit in "abc")
START = datetime(2026, 5, 3, 9, tzinfo=UTC)
Entry = dict[str, Any]


class Case(NamedTuple):
    name: str
    entries: list[Entry]
    faults: list[tuple[str, int]] = []
    former: list[Entry] | None = None


def at(hours: float) -> str:
    return (START + timedelta(hours=hours)).strftime("%Y-%m-%dT%H:%M:%SZ")


def entry(kind: str, uuid: str = A, number: int = 0, hours: float = 0, digest: str = "", **more: Any) -> Entry:
    made = {"kind": kind, "item": "article", "uuid": uuid, "time": at(hours), **more}
    return made | ({"number": number, "digest": digest or f"{number:064x}"} if number else {})


def version(uuid: str = A, number: int = 1, hours: float = 0, **more: Any) -> Entry:
    return entry("version", uuid, number, hours, **more)


def old(uuid: str = A, number: int = 1, hours: float = -999, **more: Any) -> Entry:
    return entry("version", uuid, number, hours, imported=True, **more)


def begins(hours: float = 9) -> Entry:
    return {"kind": "log", "previous": "former.example/log", "root": "x", "size": 1, "time": at(hours)}


OTHER = "f" * 64
CASES = [
    Case("an empty log", []),
    Case("versions, a correction, and an import", [
        version(), old(B), version(A, 2, 1), entry("correction", A, 2, 1), version(C, 1, 2),
    ]),
    # --- form
    Case("a field too many", [version(words="text")], [("form", 0)]),
    Case("a field too few", [{"kind": "version", "time": at(0)}], [("form", 0)]),
    Case("an unknown kind", [entry("rumour", number=1)], [("form", 0)]),
    Case("a kind that is a name of JavaScript", [entry("constructor")], [("form", 0)]),
    Case("a number that is text", [version() | {"number": "1"}], [("form", 0)]),
    Case("the number 0", [version() | {"number": 0}], [("form", 0)]),
    Case("a number that is true", [version() | {"number": True}], [("form", 0)]),
    Case("a digest in capitals", [version(digest="F" * 64)], [("form", 0)]),
    Case("a day that does not exist", [version() | {"time": "2026-02-30T09:00:00Z"}], [("form", 0)]),
    Case("a time without a zone", [version() | {"time": "2026-05-03T09:00:00"}], [("form", 0)]),
    Case("a mark that is not true", [version(imported="yes")], [("form", 0)]),
    Case("a deletion that is marked as imported", [old(), entry("deletion", A, 1, imported=True)], [("form", 1)]),
    Case("a correction of a page", [
        version() | {"item": "page"}, entry("correction", A, 1) | {"item": "page"},
    ], [("form", 1)]),
    # --- once
    Case("the same entry again", [version(), version()], [("once", 1)]),
    Case("a version again with other words", [version(), version(hours=1, digest=OTHER)], [("once", 1)]),
    Case("a version again as an import", [version(), old(digest=OTHER)], [("once", 1)]),
    Case("an article becomes a page", [version(), version(A, 2, 1) | {"item": "page"}], [("once", 1)]),
    Case("a second correction", [
        version(), entry("correction", A, 1), entry("correction", A, 1, digest=OTHER),
    ], [("once", 2)]),
    Case("a text is removed twice", [
        version(), version(A, 2, 1), entry("removal", A, 1, 2), entry("removal", A, 1, 3),
    ], [("once", 3)]),
    # --- order
    Case("a version after a later one", [version(A, 2), version(A, 1, 1)], [("order", 1)]),
    Case("a later version with an earlier date", [version(A, 1, 1), version(A, 2, 0.5)], [("order", 1)]),
    Case("numbers of versions that never appeared are left out", [version(A, 1), version(A, 4, 1)]),
    Case("a correction of nothing", [entry("correction", A, 1)], [("order", 0)]),
    Case("a correction of another date", [version(), entry("correction", A, 1, 0.5)], [("order", 1)]),
    Case("a correction that comes too late", [
        version(), version(A, 2), entry("correction", A, 1),
    ], [("order", 2)]),
    Case("a correction between versions of others", [version(), version(B), entry("correction", A, 1)]),
    Case("a correction that is imported, of a version that is not", [
        version(), entry("correction", A, 1, imported=True),
    ], [("order", 1)]),
    Case("a removal of nothing", [entry("removal", A, 1)], [("order", 0)]),
    Case("a withdrawal of nothing", [entry("withdrawal")], [("order", 0)]),
    Case("withdrawn, restored and withdrawn again", [
        version(), entry("withdrawal", hours=1), entry("restoration", hours=2), entry("withdrawal", hours=3),
    ]),
    Case("withdrawn twice", [version(), entry("withdrawal", hours=1), entry("withdrawal", hours=2)], [("order", 2)]),
    Case("restored without a withdrawal", [version(), entry("restoration", hours=1)], [("order", 1)]),
    # --- removal
    Case("a text of an old version is removed", [version(), version(A, 2, 1), entry("removal", A, 1, 2)]),
    Case("the text that readers get is removed", [version(), entry("removal", A, 1, 2)], [("removal", 1)]),
    Case("the text of a withdrawn article is removed", [
        version(), entry("withdrawal", hours=1), entry("removal", A, 1, 2),
    ]),
    Case("a removal under another digest", [
        version(), version(A, 2, 1), entry("removal", A, 1, 2, OTHER),
    ], [("removal", 2)]),
    # --- deletion
    Case("an import is undone", [old(), entry("deletion", A, 1, 1)]),
    Case("a deletion of what was not imported", [version(), entry("deletion", A, 1, 1)], [("deletion", 1)]),
    Case("a deletion of an import with a later version", [
        old(), version(A, 2), entry("deletion", A, 1, 1),
    ], [("deletion", 2)]),
    Case("a deletion under another digest", [old(), entry("deletion", A, 1, 1, OTHER)], [("deletion", 1)]),
    Case("a deletion of nothing", [entry("deletion", A, 1)], [("order", 0)]),
    Case("deleted twice", [old(), entry("deletion", A, 1), entry("deletion", A, 1, 1)], [("order", 2)]),
    Case("a deletion of what was withdrawn", [
        old(), entry("withdrawal"), entry("restoration", hours=1), entry("deletion", A, 1, 2),
    ], [("deletion", 3)]),
    Case("a version after everything was deleted", [
        old(), entry("deletion", A, 1), version(A, 2, 1),
    ], [("deletion", 2)]),
    Case("the same version after its deletion", [
        old(), entry("deletion", A, 1), old(digest=OTHER),
    ], [("once", 2)]),
    # --- time
    Case("an hour late", [version(hours=5), version(B, 1, 4)]),
    Case("more than an hour late", [version(hours=5), version(B, 1, 3.99)], [("time", 1)]),
    Case("imported ones may be old", [version(hours=5), old(B)]),
    Case("imported ones are no clock", [old(B, hours=4), version(hours=3.5)]),
    Case("imported ones are not dated ahead", [old(B, hours=9), version(hours=5)], [("time", 0)]),
    # --- log
    Case("a log that continues another", [begins(), old(digest=OTHER)], [], [version(digest=OTHER)]),
    Case("a log that says so later", [version(), begins()], [("log", 1)]),
    Case("a log that continues one that is not there", [begins()], [("log", 0)]),
    Case("a log that does not say that it continues another", [version()], [("log", 0)], [version()]),
    Case("a new log with other words", [begins(), old(digest=OTHER)], [("log", 1)], [version()]),
    Case("a new log that lacks a version", [begins()], [("log", 0)], [version()]),
    Case("a new log that names another former one", [
        begins() | {"previous": "else.example/log"}, old(),
    ], [("log", 0)], [version()]),
    Case("a new log without what was deleted", [begins()], [], [old(), entry("deletion", A, 1, 1)]),
    Case("what was imported in the new log only cannot be deleted", [
        begins(), old(), entry("deletion", A, 1, 10),
    ], [("deletion", 2)], [version()]),
]  # fmt: skip
FORMER = "former.example/log"
