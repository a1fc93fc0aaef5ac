"""What the entries of a transparency log mean: what each kind may follow, how often, when, and who signs it.

docs/record.md has the same rules as a table. Hashes and signatures of checkpoints are checked elsewhere. Here is what a
log may say, even if it is signed.
"""

from __future__ import annotations

import calendar
import json
import re
from collections import Counter
from datetime import datetime, timezone
from typing import Any, NamedTuple, Union

from truthlytics.transparency.outside.signatures import Key, NotANote, ed25519_holds, from_base64, read_key

# What an entry says, read from JSON.
Entry = dict[str, Any]

# Seconds by which an entry may be late, or a clock wrong.
HOUR = 3600
_ABOUT = {"item", "uuid"}
# The fields of each kind of entry, besides `kind` and `time`.
FIELDS = {
    "version": _ABOUT | {"number", "digest"},
    "correction": _ABOUT | {"number", "digest"},
    "removal": _ABOUT | {"number", "digest"},
    "deletion": _ABOUT | {"number", "digest"},
    "withdrawal": _ABOUT,
    "restoration": _ABOUT,
    "key": {"key", "signature"},
    "log": {"previous", "size", "root"},
}
# The kinds that may be marked as imported: they came from an archive, or happened before the log began.
MAY_BE_IMPORTED = {"version", "correction", "removal", "withdrawal", "restoration"}
ITEMS = ("article", "page", "dossier")
_UUID = re.compile("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_DIGEST = re.compile("[0-9a-f]{64}")
_TIME = re.compile("[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z")


class Fault(NamedTuple):
    """An entry that the rules do not allow. `rule` is the name of the rule in the table of docs/record.md."""

    rule: str
    position: int
    sentence: str


# A sentence on what holds, or what is wrong.
Said = Union[str, Fault]


class Logged(NamedTuple):
    """A version as a log has it. `native` is false for what was imported, in all logs. `since` is its first log."""

    item: str
    position: int
    digest: str
    time: int
    native: bool
    since: str


class State:
    """What the entries so far say of one article, page or dossier."""

    def __init__(self, item: str) -> None:
        self.item = item
        self.numbers: list[int] = []
        self.last_time = 0
        self.last_position = -1
        self.withdrawn = False
        self.was_withdrawn = False


def seconds(time: str) -> int:
    """Return a time such as 2026-05-03T09:00:00Z in seconds since 1970. Raises ValueError."""
    if not _TIME.fullmatch(time):
        raise ValueError(f"“{time}” is not a time.")
    parts = [int(part) for part in re.split("[-T:Z]", time)[:6]]
    return calendar.timegm(datetime(*parts).timetuple())  # type: ignore[arg-type]


def date_of(time: int) -> str:
    """Return a time in seconds since 1970 for people."""
    moment = datetime.fromtimestamp(time, timezone.utc)
    return f"{moment.day} {moment:%B %Y, %H:%M} UTC"


def canonical(value: object) -> str:
    return json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":"))


def ill_formed(leaf: bytes) -> tuple[Entry, str]:
    """Return the entry in `leaf`, and what is wrong with its form, or ""."""
    try:
        entry = json.loads(leaf)
        if not isinstance(entry, dict) or canonical(entry).encode() != leaf:
            return {}, "is not written as canonical JSON"
        kind = entry["kind"]
        if kind not in FIELDS:
            return entry, f"is of the kind “{kind}”, which this checker does not know. Get a newer one"
        marks = {"imported"} if kind in MAY_BE_IMPORTED and entry.get("imported") is True else set()
        fits = set(entry) == FIELDS[kind] | {"kind", "time"} | marks
        seconds(entry["time"])
        if "uuid" in FIELDS[kind]:
            fits = fits and entry["item"] in ITEMS and bool(_UUID.fullmatch(entry["uuid"]))
        if "number" in FIELDS[kind]:
            number = entry["number"]
            fits = fits and type(number) is int and number > 0 and bool(_DIGEST.fullmatch(entry["digest"]))
        if kind == "correction":
            fits = fits and entry["item"] == "article"
    except (ValueError, KeyError, TypeError, OverflowError, RecursionError):
        fits, entry = False, {}
    return entry, "" if fits else "does not have the fields of its kind"


class Ledger:
    """What the entries of a log say, read in their order with `add`. `faults` has those that the rules do not allow.

    `former` is the ledger of the log that this one continues. `first_key` is the key of the publication at its
    beginning.
    """

    def __init__(self, origin: str, first_key: str, former: Ledger | None = None) -> None:
        self.origin, self.former = origin, former
        # Verifier keys, with the size from which on each signs.
        self.keys: list[tuple[str, int]] = [(first_key, 0)]
        self.size = 0
        self.clock = 0
        self.faults: list[Fault] = []
        self.versions: dict[tuple[str, int], Logged] = {}
        self.corrections: dict[tuple[str, int], str] = {}
        self.removals: dict[tuple[str, int], int] = {}
        self.deletions: dict[tuple[str, int], int] = {}
        self.items: dict[str, State] = {}
        # Positions of the entries of each kind, and of those marked as imported.
        self.kinds: dict[str, list[int]] = {}
        self.imported: Counter[str] = Counter()
        self.times: list[tuple[int, bool]] = []
        # What the first entry says of the former log.
        self.continues: Entry | None = None

    def add(self, leaf: bytes) -> Entry:
        """Read the next entry, and return it. An entry that is no entry is returned as {}."""
        entry, problem = ill_formed(leaf)
        position = self.size
        self.size += 1
        if problem:
            self._fault("form", f"{problem}.")
            self.times.append((self.clock, True))
            return {}
        time, imported = seconds(entry["time"]), "imported" in entry
        self.times.append((time, imported))
        self.kinds.setdefault(entry["kind"], []).append(position)
        self.imported[entry["kind"]] += imported
        if not imported:
            if time < self.clock - HOUR:
                self._fault(
                    "time",
                    f"is dated {date_of(time)}, but an entry before it is of {date_of(self.clock)}. {DATED_BACK}",
                )
            self.clock = max(self.clock, time)
        if position == 0 and (self.former is not None) != (entry["kind"] == "log"):
            what = "does not name the log before it" if self.former else "names a former log that the site has not"
            self._fault("log", f"{what}.")
        getattr(self, f"_{entry['kind']}")(entry, time, not imported)
        return entry

    def _fault(self, rule: str, what: str, position: int | None = None) -> None:
        position = self.size - 1 if position is None else position
        self.faults.append(Fault(rule, position, f"Entry {position} {what}"))

    # --- Versions ---------------------------------------------------------------------------------------------------
    def _version(self, entry: Entry, time: int, native: bool) -> None:
        key = entry["uuid"], entry["number"]
        if first := self.versions.get(key):
            self._fault("once", f"is a second one about {named(entry)}. Entry {first.position} was first, and counts.")
            return
        state = self.items.setdefault(entry["uuid"], State(entry["item"]))
        if state.item != entry["item"]:
            self._fault("once", f"calls {entry['uuid']} {entry['item']}, which was {state.item} before.")
            return
        if state.numbers and (entry["number"] < state.numbers[-1] or time < state.last_time):
            self._fault("order", f"is about {named(entry)}, but a later version of it was in the log before.")
        if state.numbers and all((entry["uuid"], number) in self.deletions for number in state.numbers):
            self._fault("deletion", f"is about {named(entry)}, of which everything was deleted before.")
        since = self.origin
        if former := self._former(key):
            if former.digest != entry["digest"]:
                self._fault(
                    "log", f"has another digest of {named(entry)} than entry {former.position} of {self._former_name}."
                )
            native, since = former.native, former.since
        self.versions[key] = Logged(entry["item"], self.size - 1, entry["digest"], time, native, since)
        state.numbers.append(entry["number"])
        state.last_time, state.last_position = time, self.size - 1

    def _former(self, key: tuple[str, int]) -> Logged | None:
        return self.former.versions.get(key) if self.former else None

    @property
    def _former_name(self) -> str:
        return self.former.origin if self.former else ""

    def _known(self, entry: Entry) -> Logged | None:
        """Return the version that an entry is about, or report that there is none."""
        key = entry["uuid"], entry["number"]
        logged = self.versions.get(key)
        if logged is None or logged.item != entry["item"] or key in self.deletions:
            self._fault("order", f"is about {named(entry)}, which is not in the log before it.")
            return None
        return logged

    def _correction(self, entry: Entry, time: int, native: bool) -> None:
        key, logged = (entry["uuid"], entry["number"]), self._known(entry)
        if logged is None:
            return
        state = self.items[entry["uuid"]]
        if key in self.corrections:
            self._fault("once", f"is a second correction in {named(entry)}. The first one counts.")
            return
        marked = self.times[logged.position][1]
        if state.last_position != logged.position or time != logged.time or marked == native:
            self._fault("order", f"is a correction in {named(entry)} that was not published with it.")
        self.corrections[key] = entry["digest"]
        state.last_position = self.size - 1

    def _removal(self, entry: Entry, time: int, native: bool) -> None:
        key, logged = (entry["uuid"], entry["number"]), self._known(entry)
        if logged is None:
            return
        state = self.items[entry["uuid"]]
        if key in self.removals:
            self._fault("once", f"removes the text of {named(entry)} a second time.")
        if logged.digest != entry["digest"]:
            self._fault("removal", f"removes the text of {named(entry)} under another digest.")
        if state.numbers[-1] == entry["number"] and not state.withdrawn and native:
            self._fault("removal", f"removes the text of {named(entry)}, which readers were getting.")
        self.removals.setdefault(key, self.size - 1)
        state.last_position = self.size - 1

    def _deletion(self, entry: Entry, time: int, native: bool) -> None:
        logged = self._known(entry)
        if logged is None:
            return
        state = self.items[entry["uuid"]]
        if logged.digest != entry["digest"]:
            self._fault("deletion", f"deletes {named(entry)} under another digest.")
        if any(self.versions[entry["uuid"], number].native for number in state.numbers):
            self._fault(
                "deletion", f"deletes {named(entry)}, which was not imported. Only an import can be undone in this way."
            )
        if state.was_withdrawn:
            self._fault("deletion", f"deletes {named(entry)}, which was withdrawn before, so it cannot be undone.")
        self.deletions[entry["uuid"], entry["number"]] = self.size - 1
        state.last_position = self.size - 1

    # --- Items ------------------------------------------------------------------------------------------------------
    def _withdrawal(self, entry: Entry, time: int, native: bool) -> None:
        self._change_state(entry, withdrawn=True)

    def _restoration(self, entry: Entry, time: int, native: bool) -> None:
        self._change_state(entry, withdrawn=False)

    def _change_state(self, entry: Entry, *, withdrawn: bool) -> None:
        state, name = self.items.get(entry["uuid"]), f"{entry['item']} {entry['uuid']}"
        what = "withdraws" if withdrawn else "restores"
        alive = state and any((entry["uuid"], number) not in self.deletions for number in state.numbers)
        if state is None or not alive or state.item != entry["item"]:
            self._fault("order", f"{what} {name}, of which the log has no version before.")
        elif state.withdrawn == withdrawn:
            self._fault("order", f"{what} {name}, which {'was' if withdrawn else 'was not'} withdrawn already.")
        if state is not None:
            state.withdrawn, state.last_position = withdrawn, self.size - 1
            state.was_withdrawn = True

    # --- The log itself ---------------------------------------------------------------------------------------------
    def _key(self, entry: Entry, time: int, native: bool) -> None:
        old, new = self.keys[-1][0], entry["key"]
        if not is_handed_over(self.origin, old, new, entry["signature"]):
            self._fault("key", "names a new key that was not signed with the one before it.")
            return
        if new in [key for key, _size in self.keys]:
            self._fault("key", "names a key that was used before.")
        self.keys.append((new, self.size + 1))

    def _log(self, entry: Entry, time: int, native: bool) -> None:
        if self.size != 1:
            self._fault("log", "says that another log begins, which only the first entry can.")
            return
        self.continues = entry
        if self.former is not None and entry["previous"] != self.former.origin:
            self._fault("log", f"continues {entry['previous']}, but the log before it was {self.former.origin}.")

    # --- At the end -------------------------------------------------------------------------------------------------
    def finish(self) -> list[Fault]:
        """Return all faults, once every entry was read: also what a former log has and this one lacks."""
        missing = []
        if self.former is not None:
            for key, logged in self.former.versions.items():
                if key not in self.versions and key not in self.former.deletions:
                    text = f"{named_version(logged.item, *key)} is in {self._former_name}, but not in {self.origin}."
                    missing.append(Fault("log", logged.position, text))
        return [*self.faults, *missing, *self._ahead()]

    def _ahead(self) -> list[Fault]:
        """Return the imported entries that are dated later than entries after them."""
        faults, earliest = [], None
        for position in range(len(self.times) - 1, -1, -1):
            time, imported = self.times[position]
            if imported and earliest is not None and time > earliest + HOUR:
                text = f"Entry {position} is dated {date_of(time)}, but an entry after it is of {date_of(earliest)}."
                faults.append(Fault("time", position, text))
            elif not imported:
                earliest = time if earliest is None else min(earliest, time)
        return faults[::-1]

    def outside_of(self, size: int, known_at: int, known_by: str) -> list[Fault]:
        """Return the entries with dates that contradict that a state of `size` entries was known at a time.

        `known_at` is in seconds since 1970, and `known_by` says who knew it.
        """
        faults = []
        for position, (time, imported) in enumerate(self.times):
            if position >= size and not imported and time < known_at - HOUR:
                text = f"Entry {position} is dated {date_of(time)}, but {known_by} on {date_of(known_at)}, and it was "
                faults.append(Fault("time", position, f"{text}not in the log then. {DATED_BACK}"))
            elif position < size and time > known_at + HOUR:
                text = f"Entry {position} is dated {date_of(time)}, but {known_by} on {date_of(known_at)} already."
                faults.append(Fault("time", position, text))
        return faults

    def bounds(self, position: int) -> tuple[int, int]:
        """Return between which times, by the dates of entries that were not imported, an entry got its place.

        In seconds since 1970; 0 for no bound.
        """
        before = [time for time, imported in self.times[: position + 1] if not imported]
        after = next((time for time, imported in self.times[position:] if not imported), 0)
        return max(before, default=0), after


DATED_BACK = "It was dated back, or the site was not working."


def is_handed_over(origin: str, old: str, new: str, signature: str) -> bool:
    """Return whether the owner of the verifier key `old` signed that `new` follows it."""
    try:
        key: Key = read_key(old)
        successor = read_key(new)
        data = from_base64(signature)
    except (NotANote, TypeError, AttributeError):
        return False
    if successor.name != key.name or successor.kind != 1 or data[:4] != key.id:
        return False
    return ed25519_holds(key.public_key, data[4:], f"{origin}\nkey {new}\n".encode())


def named(entry: Entry) -> str:
    return named_version(entry["item"], entry["uuid"], entry["number"])


def named_version(item: str, uuid: str, number: int) -> str:
    return f"version {number} of {item} {uuid}"


def in_words(position: int, entry: Entry) -> str:
    """Return what an entry says, as a sentence."""
    if not entry:
        return f"Entry {position} is no entry of a record."
    about = f"{entry.get('item')} {entry.get('uuid')}"
    version = f"version {entry.get('number')} of {about}"
    words = {
        "version": f"{version} was published",
        "correction": f"{version} was published with a note that says what kind of change it is",
        "removal": f"the text of {version} was removed by the publication",
        "deletion": f"{version}, which was imported, was deleted, because the import was undone",
        "withdrawal": f"{about} was withdrawn",
        "restoration": f"{about} was put back after it had been withdrawn",
        "key": "the publication replaced its key. The old one signed that",
        "log": f"the publication began this log, and says that it continues {entry.get('previous')}",
    }[entry["kind"]]
    late = " (imported: this date is given by the publication alone)" if entry.get("imported") else ""
    return f"Entry {position}, dated {date_of(seconds(entry['time']))}{late}: {words}."
