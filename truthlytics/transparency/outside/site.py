"""Reading what a site publishes of its record: the description, the log with all its entries, and pages."""

from __future__ import annotations

import base64
import json
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from truthlytics.transparency.outside.record import Row
from truthlytics.transparency.outside.rules import Entry, Fault, Ledger
from truthlytics.transparency.outside.signatures import (
    Checkpoint,
    NotANote,
    leaf_hash,
    read_checkpoint,
    read_key,
    signed_at,
    tree_root,
)

TILE = 256
# Bytes that are read of one address.
LIMIT = 64 * 1024 * 1024
Fetch = Callable[[str], bytes]
BROWSER = {
    "User-Agent": "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:128.0) Gecko/20100101 Firefox/128.0",
    "Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8",
    "Accept-Language": "en-US,en;q=0.5",
}


class Unreadable(Exception):
    """Something could not be read. The message is a sentence."""


def fetch(url: str) -> bytes:
    if not url.startswith(("https://", "http://")):
        raise Unreadable(f"{url} is not a web address.")
    # As a browser does it, so that the site cannot tell the script from a reader by this.
    request = urllib.request.Request(url, headers=BROWSER)  # noqa: S310 (checked above)
    try:
        with urllib.request.urlopen(request, timeout=30) as response:  # noqa: S310
            data: bytes = response.read(LIMIT + 1)
    except (OSError, ValueError) as error:
        raise Unreadable(f"{url} cannot be read: {error}") from error
    if len(data) > LIMIT:
        raise Unreadable(f"{url} is larger than 64 MB.")
    return data


def fetch_json(get: Fetch, url: str) -> Any:
    try:
        return json.loads(get(url))
    except ValueError as error:
        raise Unreadable(f"{url} is not JSON.") from error


class ReadLog(NamedTuple):
    """A log that was read: its signed state, the hashes of its entries, and what they say."""

    address: str
    note: str
    checkpoint: Checkpoint
    hashes: list[bytes]
    entries: list[Entry]
    ledger: Ledger
    faults: list[Fault]


def read_log(get: Fetch, described: Row, former: ReadLog | None) -> ReadLog:
    """Read a log that record.json describes, and check its tree, its signature and its entries."""
    address = described["address"].rstrip("/") + "/"
    note = get(address + "checkpoint").decode("utf-8")
    try:
        checkpoint = read_checkpoint(note)
    except NotANote as error:
        raise Unreadable(f"{address}checkpoint is no signed state of a log.") from error
    ledger = Ledger(checkpoint.origin, described["keys"][0]["key"], former.ledger if former else None)
    hashes, entries = [], []
    for leaf in read_entries(get, address, checkpoint.size):
        hashes.append(leaf_hash(leaf))
        entries.append(ledger.add(leaf))
    faults = []
    if checkpoint.origin != described["origin"]:
        faults.append(Fault("log", 0, f"The log calls itself {checkpoint.origin}, and the site {described['origin']}."))
    if tree_root(hashes) != checkpoint.root:
        faults.append(Fault("tree", 0, "The entries are not those that the publication signed."))
    if [(item["key"], item["from_size"]) for item in described["keys"]] != ledger.keys:
        faults.append(Fault("key", 0, "The site names other keys than its log, in which each key signs the next one."))
    faults += unsigned(ledger, checkpoint, "The newest state of the log")
    if former is not None:
        faults += discontinued(ledger, former)
    return ReadLog(address, note, checkpoint, hashes, entries, ledger, [*faults, *ledger.finish()])


def unsigned(ledger: Ledger, checkpoint: Checkpoint, what: str) -> list[Fault]:
    """Check that the publication signed `checkpoint` with the key that was in use at its size."""
    key = [key for key, from_size in ledger.keys if from_size <= checkpoint.size][-1]
    if signed_at(read_key(key), checkpoint) == 0:
        return []
    return [Fault("signature", checkpoint.size, f"{what} is not signed with the key of the publication.")]


def discontinued(ledger: Ledger, former: ReadLog) -> list[Fault]:
    """Check that the log before is the one that this log says it continues."""
    said, has = ledger.continues, len(former.hashes)
    if said is None:
        return []
    if said["size"] < has:
        text = f"The former log went on: it has {has:,} entries, and the new one continues {said['size']:,}."
        return [Fault("log", 0, text)]
    if said["size"] == has and base64.b64encode(former.checkpoint.root).decode() != said["root"]:
        return [Fault("log", 0, "The former log is not the one that the new one says it continues.")]
    return []


def read_entries(get: Fetch, address: str, size: int, start: int = 0) -> Iterator[bytes]:
    """Yield the entries of a log from the bundle with `start` on (https://c2sp.org/tlog-tiles)."""
    for first in range(start - start % TILE, size, TILE):
        width = min(TILE, size - first)
        url = address + bundle_address(first // TILE, width)
        data, position, count = get(url), 0, 0
        while position < len(data):
            length = int.from_bytes(data[position : position + 2], "big")
            leaf = data[position + 2 : position + 2 + length]
            position, count = position + 2 + length, count + 1
            if first + count > start:
                yield leaf
        if count != width or position != len(data):
            raise Unreadable(f"{url} does not have {width} entries.")


def bundle_address(index: int, width: int) -> str:
    groups = f"{index:,}".split(",")
    path = "/".join([f"x{group.zfill(3)}" for group in groups[:-1]] + [groups[-1].zfill(3)])
    return f"tile/entries/{path}" + ("" if width == TILE else f".p/{width}")


def read_rows(get: Fetch, site: str, record: Row) -> Iterator[Row]:
    """Yield all versions that the site lists, month by month."""
    for month in record["months"]:
        for part in range(1, month["parts"] + 1):
            url = urllib.parse.urljoin(site, f"/.well-known/record/{month['month']}/{part}.json")
            yield from fetch_json(get, url)["versions"]


class Read(NamedTuple):
    """What was read of a site: record.json, its versions, and its logs, the current one last."""

    site: str
    record: Row
    rows: list[Row]
    logs: list[ReadLog]

    @property
    def log(self) -> ReadLog:
        return self.logs[-1]


def read_site(site: str, get: Fetch) -> Read:
    record = fetch_json(get, urllib.parse.urljoin(site, "/.well-known/record.json"))
    if "log" not in record:
        raise Unreadable(f"{site} has no log yet, so nothing can be checked.")
    logs: list[ReadLog] = []
    for described in [*record["log"]["earlier"], record["log"]]:
        logs.append(read_log(get, described, logs[-1] if logs else None))
    return Read(site, record, list(read_rows(get, site, record)), logs)
