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
from truthlytics.transparency.outside.signatures import NotANote
from truthlytics.transparency.outside.site import Fetch, Read, Unreadable
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
        yield from checked.faults
        yield from self._check_earlier(item, checked)

    def _check_earlier(self, item: Item, newest: Checked) -> Iterator[Fault]:
        shown = [row for row in newest.history if "public_from" in row]
        contents: list[Row | None] = []
        for place, row in enumerate(shown[:-1], 1):
            content = None
            if "removed" not in row:
                try:
                    old = check_item(
                        self.get, old_item(item, place), self.read.log.ledger, images=False, rows=self.rows
                    )
                    yield from old.faults
                    content = old.content
                except Unreadable as error:
                    yield Fault("page", -1, f"Version {place} of {item.url} cannot be read: {error}")
                except NONSENSE as error:
                    yield Fault("page", -1, f"Version {place} of {item.url} is no record: {error!r}")
            contents.append(content)
        contents.append(newest.content)
        for row, before, after in zip(shown[1:], contents, contents[1:]):
            if before is not None and after is not None:
                self._compare(item, row, before, after)

    def _compare(self, item: Item, row: Row, before: Row, after: Row) -> None:
        change = compare_contents(item.type, before, after, row)
        if change.removed or change.added or change.faults:
            logged = self.read.log.ledger.versions.get((item.uuid, row["number"]))
            position, native = (logged.position, logged.native) if logged else (-1, True)
            is_strict = native and after.get("format", 0) >= FORMAT
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
    compared = closed = 0
    for row in rows[:limit]:
        item = Item(row["type"], row["uuid"], urllib.parse.urljoin(read.site, row["url"]))
        faults = list(texts.check(item))
        yield from faults
        checked = texts.newest.get(row["url"])
        if checked is not None and not faults:
            closed += checked.content is None
            compared += checked.content is not None
    if compared:
        shown = counted(compared, "page shows", "pages show")
        yield (
            f"{shown} the newest version in the log, with the words that are in the record, in elements that do not "
            "hide them, and so do the pages of the versions before."
        )
    if closed:
        shown = counted(closed, "page shows", "pages show")
        yield f"{shown} the newest version of a text that is not free: dates and digests were compared, but no words."
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
