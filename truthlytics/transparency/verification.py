"""Computing a log again from its entries: hashes, tree, checkpoints and keys."""

import json
from collections.abc import Iterator
from datetime import datetime
from typing import NamedTuple

from truthlytics.transparency.merkle import Frontier, leaf_hash
from truthlytics.transparency.models import Checkpoint, Log, LogEntry, LogKey, Subtree
from truthlytics.transparency.notes import Head, Note, NoteError, VerifierKey
from truthlytics.transparency.outside.rules import Ledger
from truthlytics.transparency.services.checkpoints import last_signed
from truthlytics.transparency.tree import TILE_HEIGHT
from truthlytics.web.canonical_json import format_time

BATCH = 2000


class LogFault(Exception):
    """Something in the log does not fit. The message is a sentence that names the first such thing."""


class Verified(NamedTuple):
    """What was verified: numbers of `entries` and `checkpoints`, and how many entries `wait` although they are due.

    `ledger` is what the entries say.
    """

    entries: int
    checkpoints: int
    waiting: int
    ledger: Ledger


def verify(log: Log, now: datetime, *, is_restored: bool = False, former: Ledger | None = None) -> Verified:
    """Compute `log` again, compare it with what is stored and signed, and apply the rules. Raises LogFault.

    `is_restored` allows for a backup that is older than the checkpoint beside the key. `former` is the ledger of the
    log that this one continues.
    """
    keys = list(log.keys.all())
    checkpoints = log.checkpoints.filter(size__lte=log.size).order_by("size").iterator(BATCH)
    known, count = None if is_restored else last_signed(), 0
    tree = _Tree(log, Ledger(log.origin, keys[0].verifier_key if keys else "", former))
    checkpoint = next(checkpoints, None)
    for entry in _entries(log):
        tree.add(entry)
        while checkpoint is not None and checkpoint.size == tree.size:
            _check_checkpoint(log, checkpoint, tree.head, keys)
            checkpoint, count = next(checkpoints, None), count + 1
        if known is not None and known.origin == log.origin and known.size == tree.size and known != tree.head:
            raise LogFault(f"The last checkpoint beside the key, for {known.size} entries, has another root.")
    tree.check_stored()
    _check_keys(keys, tree.ledger)
    _check_nothing_beyond(log, known)
    for fault in tree.ledger.finish():
        raise LogFault(fault.sentence)
    waiting = log.entries.filter(appears_at__lte=now, position=None).count()
    return Verified(tree.size, count, waiting, tree.ledger)


def _entries(log: Log) -> Iterator[LogEntry]:
    rows = LogEntry.objects.filter(log=log, position__lt=log.size).order_by("position")
    return rows.iterator(BATCH)


class _Tree:
    """The tree as it is computed again from the entries."""

    def __init__(self, log: Log, ledger: Ledger) -> None:
        self.log, self.ledger = log, ledger
        self.frontier = Frontier(0, [])
        self.subtrees: dict[tuple[int, int], str] = {}

    @property
    def size(self) -> int:
        return self.frontier.size

    @property
    def head(self) -> Head:
        return Head(self.log.origin, self.size, self.frontier.root)

    def add(self, entry: LogEntry) -> None:
        if entry.position != self.size:
            raise LogFault(f"Entry {self.size} is missing.")
        hash_ = leaf_hash(entry.leaf.encode())
        if hash_.hex() != entry.leaf_hash:
            raise LogFault(f"Entry {self.size} was changed after it was added.")
        self._check_columns(entry)
        self.ledger.add(entry.leaf.encode())
        for height, index, complete in self.frontier.add(hash_):
            if height % TILE_HEIGHT == 0:
                self.subtrees[height // TILE_HEIGHT, index] = complete.hex()

    def _check_columns(self, entry: LogEntry) -> None:
        try:
            data = json.loads(entry.leaf)
            uuid = str(entry.uuid) if entry.uuid else None
            columns = (entry.kind, entry.item, uuid, entry.number)
            fits = columns == (data["kind"], data.get("item", ""), data.get("uuid"), data.get("number", 0))
            fits = fits and data["time"] == format_time(entry.appears_at)
        except (ValueError, KeyError, TypeError, AttributeError):
            fits = False
        if not fits:
            raise LogFault(f"The columns of entry {self.size} do not say what was added.")

    def check_stored(self) -> None:
        """Compare with what the log and its tiles are served from. Raises LogFault."""
        if self.size < self.log.size:
            raise LogFault(f"Entry {self.size} is missing.")
        if [hash_.hex() for hash_ in self.frontier.hashes] != self.log.subtree_hashes:
            raise LogFault("The stored hashes of the log do not follow from its entries.")
        stored: dict[tuple[int, int], str] = {}
        for level, index, hash_ in Subtree.objects.filter(log=self.log).values_list("level", "index", "hash"):
            if (index + 1) << (TILE_HEIGHT * level) <= self.size:
                stored[level, index] = hash_
        for level, index in sorted(self.subtrees.keys() | stored.keys()):
            if self.subtrees.get((level, index)) != stored.get((level, index)):
                width = 1 << (TILE_HEIGHT * level)
                raise LogFault(f"The stored hash of the entries {index * width} to {(index + 1) * width - 1} is wrong.")


def _check_checkpoint(log: Log, checkpoint: Checkpoint, head: Head, keys: list[LogKey]) -> None:
    subject = f"The checkpoint for {checkpoint.size} entries"
    in_force = [key.verifier_key for key in keys if key.from_size <= checkpoint.size]
    if not in_force:
        raise LogFault(f"{subject} was signed before the log had a key.")
    try:
        note = Note.parse(checkpoint.note)
        note.require_signature_by([VerifierKey.parse(in_force[-1])])
        signed = Head.parse(note.text)
    except NoteError as error:
        raise LogFault(f"{subject} is not signed by the key of that time. {error}") from error
    if signed.origin != log.origin or signed.size != checkpoint.size:
        raise LogFault(f"{subject} is about another log or size.")
    if signed != head:
        raise LogFault(f"{subject} has another root: one of these entries was changed since.")


def _check_keys(keys: list[LogKey], ledger: Ledger) -> None:
    """Check that the log names each key from its first on, and from where each is used. Raises LogFault."""
    if keys and keys[0].from_size:
        raise LogFault("The first key of the log is missing.")
    stored = [(key.verifier_key, key.from_size) for key in keys]
    for number, (key, from_size) in enumerate(ledger.keys if keys else []):
        if number >= len(stored) or stored[number][0] != key:
            subject = f"Entry {from_size - 2}"
            raise LogFault(f"{subject} names a new key that is not one of the log’s keys.")
        if stored[number][1] != from_size:
            raise LogFault(f"The key that entry {from_size - 2} names is not used from there on.")
    for fault in ledger.faults:
        if fault.rule == "key":
            raise LogFault(fault.sentence)
    if len(stored) > len(ledger.keys):
        raise LogFault(f"No entry names the key {stored[len(ledger.keys)][0]}.")


def _check_nothing_beyond(log: Log, known: Head | None) -> None:
    """Check that nothing is known of a larger log. It may have grown in the meantime. Raises LogFault."""
    size = Log.objects.values_list("size", flat=True).get(pk=log.pk)
    larger = list(log.checkpoints.filter(size__gt=size).values_list("size", flat=True)[:1])
    larger += [known.size] if known is not None and known.origin == log.origin and known.size > size else []
    if larger:
        raise LogFault(f"A checkpoint was signed for {larger[0]} entries, but the log has only {size}.")
    if log.entries.filter(position__gte=size).exists():
        raise LogFault(f"Entry {size} has a place beyond the end of the log.")
