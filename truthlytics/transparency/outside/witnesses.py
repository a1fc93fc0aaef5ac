"""Who else has seen a log: witnesses that have signed it, and time stamps."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Iterator

from truthlytics.transparency.outside.rules import HOUR, Fault, Said, date_of, seconds
from truthlytics.transparency.outside.signatures import (
    Checkpoint,
    NotANote,
    read_checkpoint,
    read_key,
    signed_at,
    tree_root,
)
from truthlytics.transparency.outside.site import Fetch, Read, ReadLog, Unreadable, fetch_json

# Seconds after which a witness that does not sign is no longer on holiday.
PATIENCE = 24 * HOUR
# The time in an answer of a time stamp authority (GeneralizedTime).
_STAMPED = re.compile(rb"\x18[\x0f-\x16]([0-9]{14})(?:\.[0-9]+)?Z")


def check_witnesses(read: Read, get: Fetch, wanted: list[str], needed: int, now: int) -> Iterator[Said]:
    """Say who else has signed the log. Of the witnesses with the keys `wanted`, `needed` must have.

    Without such keys, as many of those that the publication lists must have as it says itself.
    """
    listed = read.record["log"].get("witnesses", [])
    keys = {witness["key"]: witness["name"] for witness in listed}
    confirmed, given = 0, list(wanted)
    if not wanted:
        wanted, needed = list(keys), read.record["log"].get("witnesses_needed", 0)
        if needed:
            since = read.record["log"]["needed_since"][:10]
            yield f"The publication says, since {since}, that {needed} of its {len(keys)} witnesses have to sign."
    if not listed and not wanted:
        yield "No witness has signed the log, so only a file that was saved earlier can show that it was rewritten."
    for text in [*keys, *(key for key in wanted if key not in keys)]:
        states = [note["checkpoint"] for note in listed if note["key"] == text and "checkpoint" in note]
        name = keys.get(text) or read_key(text).name
        vouched = "you, who gave its key" if text in given else _voucher(get, text)
        said, holds = _of_witness(read.log, name, text, [read.log.note, *states], now)
        trusted = text in wanted
        yield from said
        yield f"Who says that this witness is {name}: {vouched}."
        if holds and trusted:
            confirmed += 1
    if confirmed < needed:
        yield Fault("witness", 0, f"{confirmed} of {len(wanted)} witnesses have signed the log, and {needed} have to.")


def _of_witness(log: ReadLog, name: str, key: str, notes: list[str], now: int) -> tuple[list[Said], bool]:
    """Return what can be said of a witness, and whether it has signed what it should have seen by now."""
    best: Checkpoint | None = None
    time = 0
    for checkpoint in map(read_checkpoint, notes):
        signed = signed_at(read_key(key), checkpoint)
        if signed is not None and (best is None or checkpoint.size >= best.size):
            best, time = checkpoint, signed
    if best is None:
        return [f"{name} is listed as a witness, but has signed nothing of this log."], False
    if time < 0 or best.origin != log.checkpoint.origin:
        return [Fault("witness", 0, f"The signature of the witness {name} is wrong.")], False
    if best.size > len(log.hashes) or tree_root(log.hashes[: best.size]) != best.root:
        return [Fault("witness", 0, f"The witness {name} has signed another log than the site shows.")], False
    faults: list[Said] = list(log.ledger.outside_of(best.size, time, f"the witness {name} signed"))
    said = f"{name} has seen {best.size:,} of {len(log.hashes):,} entries, and says: on {date_of(time)}."
    newer = [at for at, imported in log.ledger.times[best.size :] if not imported and at < now - PATIENCE]
    if newer:
        return [said, f"{name} has not signed since {date_of(min(newer))}, although the log went on.", *faults], False
    return [said, *faults], not faults


def _voucher(get: Fetch, key: str) -> str:
    """Return who says that a witness is who its name says.

    A name counts only if its key is at that host, where sites of this software have it in record.json.
    """
    host = read_key(key).name.split("/")[0]
    try:
        there = fetch_json(get, f"https://{host}/.well-known/record.json")
        if there["witness"]["key"] == key:
            return f"its key is at {host}"
    except (Unreadable, KeyError, TypeError, AttributeError):
        pass
    return "the publication itself, and its key was not found at its host"


def is_vouched_for(get: Fetch, read: Read, wanted: list[str]) -> bool:
    """Return whether a witness that others than the publication vouch for has signed the newest state of the log."""
    keys = wanted or [witness["key"] for witness in read.record["log"].get("witnesses", [])]
    listed = [one["checkpoint"] for one in read.record["log"].get("witnesses", []) if "checkpoint" in one]
    states = [read_checkpoint(note) for note in (read.log.note, *listed)]
    signed = [key for key in keys if any((signed_at(read_key(key), state) or 0) > 0 for state in states)]
    return any(key in wanted or _voucher(get, key).startswith("its key is at") for key in signed)


# --- Time stamps ----------------------------------------------------------------------------------------------------
def check_timestamps(read: Read) -> Iterator[Said]:
    """Say what the time stamps in record.json are about. Their signatures are for `openssl ts`."""
    for stamp in read.record["log"].get("timestamps", []):
        name, note = stamp["name"], stamp["checkpoint"]
        response = base64.b64decode(stamp["response"])
        try:
            checkpoint = read_checkpoint(note)
        except NotANote:
            yield Fault("timestamp", 0, f"The time stamp of {name} is about no signed state of a log.")
            continue
        found = _STAMPED.search(response)
        log = next((log for log in read.logs if log.checkpoint.origin == checkpoint.origin), None)
        if hashlib.sha256(note.encode()).digest() not in response or found is None:
            yield Fault("timestamp", 0, f"The time stamp of {name} is not about the state that is beside it.")
        elif log is None or tree_root(log.hashes[: checkpoint.size]) != checkpoint.root:
            yield Fault("timestamp", 0, f"The time stamp of {name} is about another log than the site shows.")
        else:
            text = found[1].decode()
            date = f"{text[:4]}-{text[4:6]}-{text[6:8]}T{text[8:10]}:{text[10:12]}:{text[12:]}Z"
            yield from log.ledger.outside_of(checkpoint.size, seconds(date), f"the time stamp of {name} was made")
            yield (
                f"record.json has a time stamp of {name}, which says {date_of(seconds(date))}, about the first "
                f"{checkpoint.size:,} entries. Its signature was not checked here: `openssl ts -verify` does, with the "
                "root certificate that the authority publishes."
            )
