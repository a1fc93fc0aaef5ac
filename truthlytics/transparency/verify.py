#!/usr/bin/env python3
"""Check the record of a publication from outside, without its help.

    python3 verify.py https://example.org
    python3 verify.py https://example.org --since january.checkpoint --since a-friends.checkpoint
    python3 verify.py https://example.org --article https://example.org/articles/a-story/
    python3 verify.py https://example.org --export record.jsonl
    python3 verify.py --export record.jsonl

Reads all entries of the transparency log and computes its tree, checks who signed it, and keeps the signed state (the
checkpoint) in a file. Give such a file later with --since: if anything was removed, changed or put in between, the
script reports it. With --article, it checks one article, page or dossier, or an old version of it. With --export, it
checks every text of `manage.py export_record`, and, if it is given the address of the site, that the log has exactly
these versions.

Needs Python 3.9 or later and the package `cryptography`. Prints a sentence for each check. Exits with 1 at the first
that fails, and with 2 if something cannot be read.
"""

from __future__ import annotations

import argparse
import base64
import hashlib
import json
import sys
import urllib.error
import urllib.parse
import urllib.request
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    Entry = dict[str, Any]
    # Name, number, type and public key.
    Key = tuple[str, bytes, int, bytes]
    # Name and number of the key, and what it signed.
    Signature = tuple[str, bytes, bytes]
    # The keys of the publication, with the size of the log from which on each is used.
    Keys = list[tuple[Key, int]]

TILE = 256
# An entry may be added so much later than its date, because a site may not have been working.
LATE = timedelta(days=1)


class Failed(Exception):
    """A check failed. The message is a sentence."""


class Unreadable(Exception):
    """Something could not be read. The message is a sentence."""


def fetch(url: str) -> bytes:
    if not url.startswith(("https://", "http://")):
        raise Unreadable(f"{url} is not a web address.")
    try:
        with urllib.request.urlopen(url, timeout=30) as response:  # noqa: S310 (checked above)
            data: bytes = response.read()
            return data
    except (OSError, ValueError) as error:
        raise Unreadable(f"{url} cannot be read: {error}") from error


# --- Signed notes (https://c2sp.org/signed-note) --------------------------------------------------------------------
def read_checkpoint(note: str) -> tuple[str, str, int, bytes, list[Signature]]:
    """Return the text, name, size and root of a checkpoint, and its signatures as (name, key id, bytes)."""
    try:
        text, lines = note.rstrip("\n").rsplit("\n\n", 1)
        origin, size, root = text.split("\n")[:3]
        signatures = []
        for line in lines.split("\n"):
            _dash, name, encoded = line.split(" ")
            data = base64.b64decode(encoded)
            signatures.append((name, data[:4], data[4:]))
        return text + "\n", origin, int(size), base64.b64decode(root), signatures
    except ValueError as error:
        raise Unreadable("This is not a checkpoint.") from error


def read_key(text: str) -> Key:
    """Return name, number, type and public key of a verifier key."""
    try:
        name, number, encoded = text.split("+", 2)
        data = base64.b64decode(encoded)
    except ValueError as error:
        raise Unreadable(f"“{text}” is not a verifier key.") from error
    expected = hashlib.sha256(name.encode() + b"\n" + data).digest()[:4]
    if expected.hex() != number:
        raise Failed(f"The number in the verifier key of {name} does not belong to it.")
    return name, expected, data[0], data[1:]


def has_signed(key: Key, text: str, signatures: list[Signature]) -> datetime | None:
    """Return when the owner of `key` signed `text`: the time that a witness signed with it, or now. None if not."""
    name, number, kind, public_key = key
    for signer, signer_number, signature in signatures:
        if (signer, signer_number) != (name, number):
            continue
        message, time = text, datetime.now()
        if kind == 4:
            seconds = int.from_bytes(signature[:8], "big")
            signature, time = signature[8:], datetime.fromtimestamp(seconds)
            message = f"cosignature/v1\ntime {seconds}\n{text}"
        try:
            Ed25519PublicKey.from_public_bytes(public_key).verify(signature, message.encode())
        except (InvalidSignature, ValueError) as error:
            raise Failed(f"The signature of {name} is wrong.") from error
        return time
    return None


def check_signature(keys: Keys, text: str, size: int, signatures: list[Signature]) -> None:
    """Check that the publication signed `text` with the key that was in use at `size`."""
    used = [key for key, from_size in keys if from_size <= size][-1:] or [keys[0][0]]
    if not has_signed(used[0], text, signatures):
        raise Failed("The checkpoint is not signed with the key of the publication.")


# --- The tree (RFC 6962, section 2.1) -------------------------------------------------------------------------------
def tree_root(leaves: Sequence[bytes]) -> bytes:
    """Return the root of the tree over `leaves`."""
    level = [hashlib.sha256(b"\0" + leaf).digest() for leaf in leaves]
    if not level:
        return hashlib.sha256(b"").digest()
    while len(level) > 1:
        pairs = [hashlib.sha256(b"\1" + level[i] + level[i + 1]).digest() for i in range(0, len(level) - 1, 2)]
        level = pairs + level[len(pairs) * 2 :]
    return level[0]


def bundle_address(index: int, width: int) -> str:
    groups = f"{index:,}".split(",")
    path = "/".join([f"x{group.zfill(3)}" for group in groups[:-1]] + [groups[-1].zfill(3)])
    return f"tile/entries/{path}" + ("" if width == TILE else f".p/{width}")


def read_entries(log: str, size: int) -> list[bytes]:
    """Return all entries of a log (https://c2sp.org/tlog-tiles)."""
    leaves = []
    for start in range(0, size, TILE):
        width = min(TILE, size - start)
        data = fetch(log + bundle_address(start // TILE, width))
        position = 0
        while position < len(data):
            length = int.from_bytes(data[position : position + 2], "big")
            leaves.append(data[position + 2 : position + 2 + length])
            position += 2 + length
    return leaves


# --- What the entries say -------------------------------------------------------------------------------------------
def check_entries(entries: Sequence[Entry], origin: str, keys: Keys) -> None:
    """Check that no event has two entries, that keys were handed over, and that no entry is dated back."""
    seen: set[tuple[str, ...]] = set()
    for position, entry in enumerate(entries):
        event = tuple(str(entry.get(part)) for part in ("kind", "item", "uuid", "number", "time"))
        if entry["kind"] not in {"key", "log"} and event in seen:
            raise Failed(f"Entry {position} is about the same as an earlier one.")
        seen.add(event)
    current = keys[0][0]
    for entry in entries:
        if entry["kind"] == "key":
            text = f"{origin}\nkey {entry['key']}\n"
            signature = base64.b64decode(entry["signature"])
            if not has_signed(current, text, [(current[0], signature[:4], signature[4:])]):
                raise Failed("A new key was not signed with the one before it.")
            current = read_key(entry["key"])
    if keys[-1][0] != current:
        raise Failed("The publication uses a key that the log does not name.")


def moment(text: str) -> datetime:
    return datetime.strptime(text, "%Y-%m-%dT%H:%M:%SZ")


def dated_back(entries: Sequence[Entry], size: int) -> list[int]:
    """Return the positions of the entries from `size` on that claim to be older than what was there before them."""
    newest = max((moment(entry["time"]) for entry in entries[:size]), default=None)
    if newest is None:
        return []
    return [i for i in range(size, len(entries)) if moment(entries[i]["time"]) < newest - LATE]


# --- The export -----------------------------------------------------------------------------------------------------
def digest(value: object) -> str:
    text = value if isinstance(value, str) else json.dumps(
        value, sort_keys=True, ensure_ascii=False, separators=(",", ":")
    )  # fmt: skip
    return hashlib.sha256(text.encode("utf-8")).hexdigest()


def fault(entry: Entry, previous: str, number: int) -> str:
    """Return what is wrong with a version of the export, or ""."""
    if entry["number"] != number:
        return "is missing"
    if "content_digest" not in entry:  # never appeared, or withdrawn
        return ""
    if "content" in entry and digest(entry["content"]) != entry["content_digest"]:
        return "has another content"
    change = entry.get("correction", {})
    said = [change[key] for key in ("kind", "made_at", "supersedes", "changed_facts") if key in change]
    if change and digest([entry["uuid"], number, *said]) != change["digest"]:
        return "has another kind of change"
    parts = [previous, *(entry[key] for key in ("uuid", "number", "public_from", "created_at", "note"))]
    parts += [entry["content_digest"], *([change["digest"]] if change else [])]
    return "" if digest(parts) == entry["digest"] else "does not fit into the chain"


def check_export(path: str, copies: Iterable[str] = ()) -> dict[tuple[str, int], Entry]:
    """Check each version of the export alone, and that `copies` of record.json agree. Returns the versions."""
    last: dict[str, tuple[str, int]] = {}
    versions: dict[tuple[str, int], Entry] = {}
    months: dict[str, list[str]] = {}
    with Path(path).open(encoding="utf-8") as lines:
        for line in lines:
            version = json.loads(line)
            uuid = version["uuid"]
            previous, number = last.get(uuid, ("", 0))
            reason = fault(version, previous, number + 1)
            if reason:
                raise Failed(f"{named(version['type'], uuid, number + 1)} {reason}.")
            last[uuid] = version["digest"], number + 1
            versions[uuid, number + 1] = version
            if "public_from" in version:
                month = max(version["public_from"], version["created_at"])[:7]
                months.setdefault(month, []).append(version["digest"])
    for copy in copies:
        record = json.loads(Path(copy).read_text(encoding="utf-8"))
        for old in record["newest"]:
            version = versions.get((old["uuid"], old["number"]), {})
            if (version.get("digest"), version.get("public_from")) != (old["digest"], old["public_from"]):
                raise Failed(f"{named(old['type'], old['uuid'], old['number'])} is not the one in {copy}.")
        for old in record["months"][:-1]:  # the last month may have gone on
            if digest("".join(sorted(months.get(old["month"], [])))) != old["digest"]:
                raise Failed(f"The versions of {old['month']} are not those in {copy}.")
    return versions


def named(kind: str, uuid: str, number: int) -> str:
    return f"Version {number} of {kind} {uuid}"


def check_versions(versions: dict[tuple[str, int], Entry], entries: Iterable[Entry]) -> None:
    """Check that the log has an entry for each version of the export that appeared, and for no other."""
    undone = {(entry["uuid"], entry["number"]) for entry in entries if entry["kind"] == "deletion"}
    logged = {(entry["uuid"], entry["number"]): entry for entry in entries if entry["kind"] == "version"}
    for (uuid, number), version in versions.items():
        if "public_from" in version:
            entry = logged.get((uuid, number))
            if entry is None:
                raise Failed(f"{named(version['type'], uuid, number)} has no entry in the log.")
            if entry["digest"] != version["digest"]:
                raise Failed(f"{named(version['type'], uuid, number)} is another one than the log says.")
    for uuid, number in logged.keys() - undone:
        if "public_from" not in versions.get((uuid, number), {}):
            kind = logged[uuid, number]["item"]
            raise Failed(f"{named(kind, uuid, number)} is in the log, but no longer in the export.")


def check_article(address: str, entries: Sequence[Entry]) -> Iterator[str]:
    """Check that the text that the site has for an address is the one in the log."""
    evidence = json.loads(fetch(address.rstrip("/") + "/evidence.json"))
    version = evidence["version"]
    name = named(version["type"], version["uuid"], version["number"])
    reason = fault(version, evidence["previous"], version["number"])
    if reason:
        raise Failed(f"{name} {reason}.")
    about = ("version", version["uuid"], version["number"])
    places = [i for i, e in enumerate(entries) if (e["kind"], e.get("uuid"), e.get("number")) == about]
    if not places:
        raise Failed(f"{name} has no entry in the log.")
    entry = entries[places[-1]]
    if entry["digest"] != version["digest"]:
        raise Failed(f"{name} is another one than the log says.")
    yield f"{name} is entry {places[-1]} of the log, of {entry['time'][:10]}, and has the digest that is there."
    if "content" not in version:
        yield "Its text is not given to everybody, so only its digest was checked."


def check_log(
    site: str,
    since: Iterable[str],
    versions: dict[tuple[str, int], Entry] | None,
    key: str,
    save: str,
    article: str = "",
) -> Iterator[str]:
    """Yield a sentence for each check of the log. Raises Failed or Unreadable."""
    record = json.loads(fetch(urllib.parse.urljoin(site, "/.well-known/record.json")))["log"]
    address = record["address"].rstrip("/") + "/"
    keys = [(read_key(item["key"]), item["from_size"]) for item in record["keys"]]
    note = fetch(address + "checkpoint").decode("utf-8")
    text, origin, size, root, signatures = read_checkpoint(note)
    if key and read_key(key) not in [known for known, _size in keys]:
        raise Failed("The publication no longer uses the key that you gave, nor has it handed it over.")
    check_signature(keys, text, size, signatures)
    yield f"The log of {origin} has {size:,} entries. Its state is signed by the publication."
    for witness in record.get("witnesses", []):
        time = has_signed(read_key(witness["key"]), text, signatures)
        if time:
            yield f"{witness['name']} has seen this state, and says: on {time:%d %B %Y at %H:%M}."
    leaves = read_entries(address, size)
    if tree_root(leaves) != root:
        raise Failed("The entries are not those that the publication signed.")
    yield "All entries are those that were signed."
    entries = [json.loads(leaf) for leaf in leaves]
    check_entries(entries, origin, keys)
    for path in since:
        yield from check_since(path, leaves, entries, origin, keys)
    if article:
        yield from check_article(article, entries)
    if versions is not None:
        check_versions(versions, entries)
        yield "The versions in the export are exactly those in the log."
    if save:
        Path(save).write_text(note, encoding="utf-8")
        yield f"The checkpoint is in {save}. Keep it, and give it next time with --since."


def check_since(path: str, leaves: Sequence[bytes], entries: Sequence[Entry], origin: str, keys: Keys) -> Iterator[str]:
    """Check that the log began as the checkpoint in `path` says."""
    text, old_origin, size, root, signatures = read_checkpoint(Path(path).read_text(encoding="utf-8"))
    if old_origin != origin:
        names = [f"{entry['previous']}" for entry in entries[:1] if entry["kind"] == "log"]
        ending = f" It says that it continues {names[0]}." if names else ""
        raise Failed(f"The publication has begun another log since {path}: {origin}.{ending}")
    check_signature(keys, text, size, signatures)
    if size > len(leaves):
        raise Failed(f"The log has become shorter: {len(leaves):,} entries, and {size:,} in {path}.")
    if tree_root(leaves[:size]) != root:
        raise Failed(f"The log was rewritten: its first {size:,} entries are not those in {path}.")
    late = dated_back(entries, size)
    for position in late:
        if not entries[position].get("imported"):
            raise Failed(
                f"Entry {position} says that it appeared on {entries[position]['time'][:10]}, but it was added later "
                f"than {path}."
            )
    yield f"Nothing was removed or changed since {path}, and {len(leaves) - size:,} entries were added."
    if late:
        yield f"{len(late):,} of these were imported from an archive. The log does not prove their earlier dates."


def check(options: argparse.Namespace) -> Iterator[str]:
    """Yield a sentence for each check that was asked for."""
    versions = None
    if options.export:
        versions = check_export(options.export, options.copy)
        items = len({uuid for uuid, _number in versions})
        yield f"Valid: {len(versions)} versions of {items} items."
    if options.site:
        site = options.site if "://" in options.site else f"https://{options.site}"
        save = options.save or f"{urllib.parse.urlsplit(site).hostname}.checkpoint"
        yield from check_log(site, options.since, versions, options.key, save, options.article)


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("site", nargs="?", help="the address of the publication, such as https://example.org")
    parser.add_argument("--since", action="append", default=[], metavar="FILE", help="a checkpoint saved earlier")
    parser.add_argument("--article", default="", metavar="URL", help="the address of an article, page or dossier")
    parser.add_argument("--export", metavar="FILE", help="the file that manage.py export_record wrote")
    parser.add_argument("--copy", action="append", default=[], metavar="FILE", help="a saved copy of record.json")
    parser.add_argument("--key", default="", help="the verifier key that you know of this publication")
    parser.add_argument("--save", metavar="FILE", help="where to keep the checkpoint")
    options = parser.parse_args()
    if not options.site and not options.export:
        parser.error("give the address of a site, or an export.")
    try:
        for sentence in check(options):
            print(sentence)
    except (Unreadable, OSError) as error:
        print(error, file=sys.stderr)
        sys.exit(2)
    except (Failed, KeyError, ValueError, TypeError) as error:
        print(f"FAILED: {error}", file=sys.stderr)
        sys.exit(1)


if __name__ == "__main__":
    main()
