"""Checking the texts of a site: each page with its versions before, all of them or one."""

from __future__ import annotations

import argparse
import urllib.parse
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from truthlytics.transparency.outside.items import Checked, Item, check_item, item_of, old_item
from truthlytics.transparency.outside.meaning import Change, compare_contents
from truthlytics.transparency.outside.record import Row
from truthlytics.transparency.outside.rules import Fault, Said, named_version
from truthlytics.transparency.outside.signatures import NotANote, leaf_hash, read_checkpoint, tree_root
from truthlytics.transparency.outside.site import Fetch, Read, Unreadable, unsigned
from truthlytics.transparency.outside.summary import counted

# What reading something that makes no sense raises.
NONSENSE = (KeyError, ValueError, TypeError, IndexError, AttributeError, NotANote)
# Contents have had this `format` since no version is published without saying what changed.
FORMAT = 2


class Changed(NamedTuple):
    """A version that differs from the one before. `is_strict` is whether it must say so."""

    name: str
    position: int
    change: Change
    is_strict: bool


class Texts:
    """What was found in the texts of a site."""

    def __init__(self, read: Read, get: Fetch, *, images: bool) -> None:
        self.read, self.get, self.images = read, get, images
        self.rows = {(row["uuid"], row["number"]): row for row in read.rows}
        # What was read of the newest version of each item, by its path.
        self.newest: dict[str, Checked] = {}
        self.changes: list[Changed] = []
        # Older versions of which the site gives no content.
        self.closed = 0

    def check(self, item: Item) -> Iterator[Fault]:
        """Read the page of an item and those of the versions before. What cannot be read is a fault."""
        try:
            checked = check_item(self.get, item, self.read.log.ledger, images=self.images, rows=self.rows)
        except Unreadable as error:
            yield Fault("page", -1, f"{item.url} is in the record, and cannot be read: {error}")
            return
        except NONSENSE as error:
            yield Fault("page", -1, f"{item.url} has something that is no record: {error!r}")
            return
        self.newest[urllib.parse.urlsplit(item.url).path] = checked
        yield from self._check_evidence(item, checked.evidence)
        yield from checked.faults
        yield from self._check_earlier(item, checked)

    def _check_evidence(self, item: Item, evidence: Row) -> Iterator[Fault]:
        """Compare what the browser is shown of the log with the log that the site publishes."""
        try:
            yield from (Fault("page", -1, f"{item.url}evidence.json {text}") for text in self._evidence(evidence))
        except NONSENSE as error:
            yield Fault("page", -1, f"{item.url}evidence.json has something that is no record: {error!r}")

    def _evidence(self, evidence: Row) -> Iterator[str]:
        described = {name: self.read.record["log"][name] for name in ("origin", "address", "keys", "earlier")}
        if evidence["log"] != described:
            yield "names another log, or other keys, than record.json."
            return
        state, entry = read_checkpoint(evidence["checkpoint"]), evidence["entry"]
        log = next((log for log in self.read.logs if log.checkpoint.origin == state.origin), None)
        if log is not None and state.size > len(log.hashes):
            return  # It was added since the log was read.
        if log is None or tree_root(log.hashes[: state.size]) != state.root or unsigned(log.ledger, state, "It"):
            yield "has another signed state than the log."
        elif not 0 <= entry["index"] < len(log.hashes) or log.hashes[entry["index"]] != leaf_hash(
            entry["leaf"].encode()
        ):
            yield f"has an entry {entry['index']} that the log does not have."
        elif evidence["key"] not in [key for key, _size in log.ledger.keys]:
            yield "has another key of the publication than the log."
        keys = {witness["key"]: witness["name"] for witness in self.read.record["log"].get("witnesses", [])}
        if any(keys.get(witness["key"]) != witness["name"] for witness in evidence["witnesses"]):
            yield "names a witness that record.json does not name."
        if evidence["witnesses_needed"] != self.read.record["log"].get("witnesses_needed", 0):
            yield "says another number of witnesses than record.json."

    def _check_earlier(self, item: Item, newest: Checked) -> Iterator[Fault]:
        shown = [row for row in newest.history if "public_from" in row]
        contents: list[Row | None] = []
        for place, row in enumerate(shown[:-1], 1):
            content = None
            if "removed" not in row:
                try:
                    shown_at = old_item(item, place)
                    old = check_item(self.get, shown_at, self.read.log.ledger, images=False, rows=self.rows)
                    yield from self._check_evidence(shown_at, old.evidence)
                    yield from old.faults
                    content = old.content
                    self.closed += content is None
                except Unreadable as error:
                    yield Fault("page", -1, f"Version {place} of {item.url} cannot be read: {error}")
                except NONSENSE as error:
                    yield Fault("page", -1, f"Version {place} of {item.url} is no record: {error!r}")
            contents.append(content)
        contents.append(newest.content)
        for row, before, after in zip(shown[1:], contents, contents[1:]):
            # A whole text and a free part cannot be compared.
            if before is not None and after is not None and ("whole" in before) == ("whole" in after):
                self._compare(item, row, before, after)

    def _compare(self, item: Item, row: Row, before: Row, after: Row) -> None:
        change = compare_contents(item.type, before, after, row)
        if change.removed or change.added or change.faults:
            logged = self.read.log.ledger.versions.get((item.uuid, row["number"]))
            position, native = (logged.position, logged.native) if logged else (-1, True)
            # Where the free part of a text ends may change without a change of its words.
            is_strict = native and after.get("format", 0) >= FORMAT and "whole" not in after
            name = named_version(item.type, item.uuid, row["number"])
            self.changes.append(Changed(name, position, change, is_strict))

    def unsaid(self) -> Iterator[Said]:
        """Say which changes readers were not told of: a fault since contents have the format that demands it."""
        old = []
        for name, position, change, is_strict in self.changes:
            for fault in change.faults:
                if is_strict:
                    words = f" {change.sentence[0].upper()}{change.sentence[1:]}"
                    yield Fault("meaning", position, f"{name[0].upper()}{name[1:]} {fault}.{words}")
                else:
                    old.append(f"{name[0].upper()}{name[1:]} {fault}.")
        if old:
            yield (
                f"{counted(len(old), 'change', 'changes')} of versions that were imported, or are older than the rule "
                f"that readers are told of each: {' '.join(old[:10])}{' …' if len(old) > 10 else ''}"
            )

    def since(self, size: int) -> Iterator[str]:
        """Say how each version differs that is in the log since it had `size` entries."""
        for name, position, change, _is_strict in self.changes:
            if position >= size:
                yield f"{name[0].upper()}{name[1:]} {change.sentence}"


def check_pages(texts: Texts, limit: int) -> Iterator[Said]:
    """Compare the pages of the site and those of old versions with the record, the newest first."""
    read = texts.read
    newest = {row["uuid"]: row for row in sorted(read.rows, key=lambda row: row["public_from"]) if "url" in row}
    rows = sorted(newest.values(), key=lambda row: row["public_from"], reverse=True)
    compared = closed = partly = 0
    for row in rows[:limit]:
        item = Item(row["type"], row["uuid"], urllib.parse.urljoin(read.site, row["url"]))
        faults = list(texts.check(item))
        yield from faults
        checked = texts.newest.get(row["url"])
        if checked is not None and not faults:
            closed += checked.content is None
            compared += checked.content is not None
            partly += checked.content is not None and "whole" in checked.content
    if compared:
        shown = counted(compared, "page shows", "pages show")
        yield (
            f"{shown} the newest version in the log, with the words that are in the record, in elements that do not "
            "hide them, and so do the pages of the versions before."
        )
    if partly:
        yield f"Of {counted(partly, 'text', 'texts')} among these, only the free part could be compared."
    if closed:
        shown = counted(closed, "page shows", "pages show")
        yield f"{shown} the newest version of a text that is not free: dates and digests were compared, but no words."
    if texts.closed:
        yield f"Of {counted(texts.closed, 'older version', 'older versions')}, no words were compared: not free."
    if len(rows) > limit:
        left = counted(len(rows) - limit, "older page was", "older pages were")
        yield f"{left} not read. --pages {len(rows)} reads all."
    yield from _asides(texts)


def _asides(texts: Texts) -> Iterator[str]:
    """Say what the pages have that is not proven, and that the pages of this software do not have by themselves."""
    marks = sorted({mark for checked in texts.newest.values() for mark in checked.own_marks})
    if marks:
        yield f"Parts that the publication itself marks as outside the record: {' · '.join(marks)}"
    hosts = sorted({host for checked in texts.newest.values() for host in checked.foreign})
    if hosts:
        yield f"Scripts and style sheets of other hosts can change what the pages show: {', '.join(hosts)}."


def check_one(texts: Texts, options: argparse.Namespace) -> Iterator[Said]:
    """Check one item, perhaps with its page and evidence as files, which a reader has saved."""
    read = texts.read
    item = item_of(read.rows, options.article)
    if item is None:
        yield Fault("record", -1, f"The site does not list {options.article} in its record.")
        return
    saved = {item.url: options.page, item.url + "evidence.json": options.evidence}
    get = texts.get

    def get_saved(url: str) -> bytes:
        return Path(saved[url]).read_bytes() if saved.get(url) else get(url)

    texts.get = get_saved
    faults = list(texts.check(item))
    yield from faults
    checked = texts.newest.get(urllib.parse.urlsplit(item.url).path)
    if checked is None:
        return
    if not faults:
        yield from checked.holds
    yield from (f"{name[0].upper()}{name[1:]} {change.sentence}" for name, _place, change, _strict in texts.changes)
    yield from _asides(texts)
    if options.outside:
        Path(options.outside).write_text("\n\n".join(checked.outside) + "\n", encoding="utf-8")
        yield f"What is on the page, but outside the record, is in {options.outside}."
    elif checked.outside:
        shown = " · ".join(checked.outside)
        yield f"On the page, but outside the record (labels, navigation, other articles, comments): {shown}"
