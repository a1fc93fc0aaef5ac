#!/usr/bin/env python3
"""Check the record of a publication from outside, without its help.

    python3 verify.py https://example.org
    python3 verify.py https://example.org --since a-friends.checkpoint
    python3 verify.py https://example.org --article https://example.org/articles/a-story/
    python3 verify.py https://example.org --witness KEY --witness KEY --witnesses-needed 1
    python3 verify.py https://example.org --watch

Reads all entries of the transparency log, computes its tree, and checks who signed it and whether each entry may be
there. Compares the log with the list of all versions that the site publishes, both ways, and the pages with the
record, word by word. Keeps the signed state (the checkpoint) in a file, and compares the log with it the next time: if
anything was removed, changed or put in between, or was dated back, the script reports it. --since takes such files of
others. --watch prints each new entry as a sentence until something is wrong.

Needs Python 3.9 or later and nothing else. Prints a sentence for each check, and what is wrong with FAILED before it.
Exits with 1 if something is wrong, and with 2 if something cannot be read.
"""

from __future__ import annotations

import argparse
import re
import sys
import time
import urllib.parse
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple, Union

from truthlytics.transparency.outside.copies import check_copies, check_export, read_export
from truthlytics.transparency.outside.items import Item, check_item, item_of
from truthlytics.transparency.outside.record import Row, compare, digest
from truthlytics.transparency.outside.rules import HOUR, Fault, date_of, in_words
from truthlytics.transparency.outside.signatures import (
    Checkpoint,
    NotANote,
    read_checkpoint,
    read_key,
    saved_line,
    signed_at,
    tree_root,
)
from truthlytics.transparency.outside.site import (
    Fetch,
    ReadLog,
    Unreadable,
    fetch,
    fetch_json,
    read_log,
    read_rows,
    unsigned,
)
from truthlytics.transparency.outside.summary import counted, events

# A sentence on what holds, or what is wrong.
Said = Union[str, Fault]
# Pages that are read of a site unless all are asked for.
PAGES = 100
# Seconds after which a witness that does not sign is no longer on holiday.
PATIENCE = 24 * HOUR
UUIDS = re.compile("[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
# How many faults are printed.
SHOWN = 20


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
    rows = list(read_rows(get, site, record))
    ADDRESSES.update({row["uuid"]: row["url"] for row in rows if "url" in row})
    return Read(site, record, rows, logs)


# --- The log --------------------------------------------------------------------------------------------------------
def check_logs(read: Read, key: str) -> Iterator[Said]:
    """Say what each log has, and what is wrong with it."""
    for log in read.logs:
        size, ledger = log.checkpoint.size, log.ledger
        yield from log.faults
        yield f"The log {ledger.origin} lists what was published. It has {counted(size, 'entry', 'entries')}."
        if not log.faults:
            yield "They are those that the publication signed, and each is one that the rules for the log allow."
        yield from events(ledger)
        if ledger.continues is not None:
            former = ledger.continues["previous"]
            yield f"It was begun because {former} could not be continued. Ask the publication why."
            lost = ledger.continues["size"] - len(read.logs[-2].hashes) if len(read.logs) > 1 else 0
            if lost > 0:
                yield f"{lost:,} entries of the former log are gone, and with them what they said."
    if key and all(key not in [known for known, _size in log.ledger.keys] for log in read.logs):
        yield Fault("key", 0, "The publication no longer uses the key that you gave, nor has it handed it over.")


def check_since(read: Read, name: str, note: str) -> Iterator[Said]:
    """Check that a log began as the checkpoint `note`, which is in the file `name`, says."""
    try:
        saved = read_checkpoint(note)
    except NotANote as error:
        raise Unreadable(f"{name} is not a checkpoint.") from error
    log = next((log for log in read.logs if log.checkpoint.origin == saved.origin), None)
    if log is None:
        yield Fault("since", 0, f"{name} is of the log {saved.origin}, which the site does not have any more.")
        return
    faults = unsigned(log.ledger, saved, name)
    if saved.size > len(log.hashes):
        text = f"The log has become shorter: {len(log.hashes):,} entries, and {saved.size:,} in {name}."
        faults.append(Fault("since", saved.size, text))
    elif tree_root(log.hashes[: saved.size]) != saved.root:
        text = f"The log was rewritten: its first {saved.size:,} entries are not those in {name}."
        faults.append(Fault("since", 0, text))
    elif saved.saved_at:
        faults += log.ledger.outside_of(saved.size, saved.saved_at, f"{name} was saved")
    yield from faults
    if faults:
        return
    seen = f" ({date_of(saved.saved_at)})" if saved.saved_at else ""
    yield (
        f"All {saved.size:,} entries that the log had when {name} was saved{seen} are still there, unchanged. "
        f"Added since then: {len(log.hashes) - saved.size:,}."
    )
    if log is not read.log:
        yield f"{name} is of a former log, which the publication has replaced by {read.log.checkpoint.origin}."
    for sentence in events(log.ledger, saved.size):
        yield f"Added since {name}: {sentence}"


# --- Witnesses ------------------------------------------------------------------------------------------------------
def check_witnesses(read: Read, wanted: list[str], needed: int, now: int) -> Iterator[Said]:
    """Say who else has signed the log. Of the witnesses with the keys `wanted`, `needed` must have.

    Without such keys, as many of those that the publication lists must have as it says itself.
    """
    listed = read.record["log"].get("witnesses", [])
    keys = {witness["key"]: witness["name"] for witness in listed}
    confirmed = 0
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
        said, holds = _of_witness(read.log, name, text, [read.log.note, *states], now)
        trusted = text in wanted
        yield from said
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


# --- The record and the pages ---------------------------------------------------------------------------------------
def check_record(read: Read, now: int) -> Iterator[Said]:
    """Compare what the site lists with the log, both ways."""
    months: dict[str, list[str]] = {}
    for row in read.rows:
        months.setdefault(max(row["public_from"], row["created_at"])[:7], []).append(row["digest"])
    for month in read.record["months"]:
        digests = months.pop(month["month"], [])
        if len(digests) != month["versions"] or digest("".join(sorted(digests))) != month["digest"]:
            yield Fault("record", -1, f"The versions of {month['month']} are not those that record.json counts.")
    faults = compare(read.rows, read.log.ledger, now)
    yield from faults
    if not faults:
        items = len({row["uuid"] for row in read.rows})
        yield (
            f"The site lists {counted(len(read.rows), 'version', 'versions')} of "
            f"{counted(items, 'article, page or dossier', 'articles, pages and dossiers')}. The log has exactly these, "
            "with the same dates and digests (codes that are computed from the texts)."
        )


def check_pages(read: Read, get: Fetch, limit: int, *, images: bool) -> Iterator[Said]:
    """Compare the pages of the site with the record, the newest first, and perhaps their image files."""
    newest = {row["uuid"]: row for row in sorted(read.rows, key=lambda row: row["public_from"]) if "url" in row}
    rows = sorted(newest.values(), key=lambda row: row["public_from"], reverse=True)
    compared = closed = 0
    for row in rows[:limit]:
        item = Item(row["type"], row["uuid"], urllib.parse.urljoin(read.site, row["url"]))
        checked = check_item(get, item, read.log.ledger, images=images)
        yield from checked.faults
        is_closed = any("text is not free" in sentence for sentence in checked.holds)
        closed += is_closed and not checked.faults
        compared += not is_closed and not checked.faults
    if compared:
        shown = counted(compared, "page shows", "pages show")
        yield f"{shown} the newest version in the log, with the words that are in the record."
    if closed:
        shown = counted(closed, "page shows", "pages show")
        yield f"{shown} the newest version of a text that is not free: dates and digests were compared, but no words."
    if len(rows) > limit:
        left = counted(len(rows) - limit, "older page was", "older pages were")
        yield f"{left} not read. --pages {len(rows)} reads all."


def check_one(read: Read, get: Fetch, options: argparse.Namespace) -> Iterator[Said]:
    """Check one item, perhaps with its page and evidence as files, which a reader with access has saved."""
    item = item_of(read.rows, options.article)
    if item is None:
        yield Fault("record", -1, f"The site does not list {options.article} in its record.")
        return
    saved = {item.url: options.page, item.url + "evidence.json": options.evidence}

    def get_saved(url: str) -> bytes:
        return Path(saved[url]).read_bytes() if saved.get(url) else get(url)

    checked = check_item(get_saved, item, read.log.ledger)
    yield from checked.faults
    if not checked.faults:
        yield from checked.holds
        if checked.outside:
            shown = " · ".join(text if len(text) < 60 else f"{text[:60]} …" for text in checked.outside)
            yield f"On the page, but outside the record (labels, navigation, other articles, comments): {shown}"


def check_site(options: argparse.Namespace, get: Fetch, now: int) -> Iterator[Said]:
    """Yield what the checks of a site show, and keep its newest state. Raises Unreadable.

    The state that was kept the last time is compared too, and not replaced if anything is wrong.
    """
    read, kept, faults = read_site(options.site, get), Path(options.save), 0
    if kept.exists() and options.save not in options.since:
        options.since.append(options.save)
    for said in check_all(read, options, get, now):
        faults += isinstance(said, Fault)
        yield said
    if faults and kept.exists():
        yield f"{kept} was not replaced."
        return
    kept.write_text(read.log.note + saved_line(now), encoding="utf-8")
    yield (
        f"What the publication has signed now is in {kept}. Keep this file. The next time, the script compares the log "
        "with it, and so can anyone to whom you give it, with --since."
    )


def check_all(read: Read, options: argparse.Namespace, get: Fetch, now: int) -> Iterator[Said]:
    yield from check_logs(read, options.key)
    for path in options.since:
        yield from check_since(read, path, Path(path).read_text(encoding="utf-8"))
    needed = len(options.witness) if options.witnesses_needed is None else options.witnesses_needed
    yield from check_witnesses(read, options.witness, needed, now)
    yield from read.log.ledger.outside_of(read.log.checkpoint.size, now, "this was checked")[:SHOWN]
    yield from check_record(read, now)
    if options.export:
        yield from check_export(options.export, read_export(options.export), read.log.ledger)
    yield from check_copies(options.copy, read.rows)
    if options.article:
        yield from check_one(read, get, options)
    else:
        yield from check_pages(read, get, options.pages, images=options.images)


# The addresses of the items that were read, by UUID.
ADDRESSES: dict[str, str] = {}


def in_full(sentence: str) -> str:
    """Return a sentence with the address of each item that it names."""
    return UUIDS.sub(
        lambda match: f"{match[0]} ({ADDRESSES[match[0]]})" if match[0] in ADDRESSES else match[0], sentence
    )


def report(said: Iterable[Said]) -> int:
    """Print what was said. Returns the number of faults."""
    faults = 0
    for sentence in said:
        if isinstance(sentence, Fault):
            faults += 1
            if faults <= SHOWN:
                print(f"FAILED: {in_full(sentence.sentence)}", file=sys.stderr, flush=True)
        else:
            print(in_full(sentence), flush=True)
    if faults > SHOWN:
        print(f"FAILED: {faults - SHOWN} more.", file=sys.stderr)
    return faults


# --- Watching -------------------------------------------------------------------------------------------------------
def watch(options: argparse.Namespace, get: Fetch, rounds: int = 0) -> int:
    """Check the site again and again, and print each new entry. Returns the exit status once something is wrong.

    Runs forever, or for a number of `rounds`.
    """
    known = options.since[0] if options.since else options.save
    while True:
        before = read_checkpoint(Path(known).read_text(encoding="utf-8")) if Path(known).exists() else None
        faults, seen = [], before.size if before else 0
        try:
            read = read_site(options.site, get)
            now = int(time.time())
            said = [*check_logs(read, options.key), *check_record(read, now)]
            if before:
                said += check_since(read, known, Path(known).read_text(encoding="utf-8"))
            needed = len(options.witness) if options.witnesses_needed is None else options.witnesses_needed
            said += check_witnesses(read, options.witness, needed, now)
            faults = [fault for fault in said if isinstance(fault, Fault)]
            for position in range(seen, len(read.log.entries)):
                print(in_full(in_words(position, read.log.entries[position])), flush=True)
            if not faults:
                known = options.save
                Path(known).write_text(read.log.note + saved_line(now), encoding="utf-8")
        except Unreadable as error:
            # A site may be unreachable for a moment.
            print(error, file=sys.stderr, flush=True)
        if faults:
            report(faults)
            return 1
        rounds -= 1
        if not rounds:
            return 0
        time.sleep(options.watch)


def parser() -> argparse.ArgumentParser:
    made = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    made.add_argument("site", nargs="?", help="the address of the publication, such as https://example.org")
    made.add_argument("--since", action="append", default=[], metavar="FILE", help="a checkpoint saved earlier")
    made.add_argument("--article", default="", metavar="URL", help="the address of an article, page or dossier")
    made.add_argument("--page", metavar="FILE", help="its page, saved by a reader with access to all of it (HTML only)")
    made.add_argument("--evidence", metavar="FILE", help="its evidence.json, saved by the same reader")
    made.add_argument("--pages", type=int, default=PAGES, metavar="N", help="how many pages to read (default: 100)")
    made.add_argument("--images", action="store_true", help="also fetch the images of all these pages")
    made.add_argument("--witness", action="append", default=[], metavar="KEY", help="a witness that you trust")
    made.add_argument("--witnesses-needed", type=int, metavar="N", help="how many of them must have signed (all)")
    made.add_argument("--watch", type=int, nargs="?", const=600, metavar="SECONDS", help="check again and again")
    made.add_argument("--export", metavar="FILE", help="the file that manage.py export_record wrote")
    made.add_argument("--copy", action="append", default=[], metavar="FILE", help="a saved copy of record.json")
    made.add_argument("--key", default="", help="the verifier key that you know of this publication")
    made.add_argument("--save", metavar="FILE", help="where to keep the newest signed state (checkpoint)")
    return made


def main(arguments: list[str] | None = None, get: Fetch = fetch) -> int:
    """Run the script with these arguments. Returns its exit status."""
    options = parser().parse_args(arguments)
    if not options.site and not options.export:
        parser().error("give the address of a site, or an export.")
    if bool(options.page) != bool(options.evidence) or (options.page and not options.article):
        parser().error("--page and --evidence belong together, and to --article.")
    try:
        if not options.site:
            versions = read_export(options.export)
            said = [*check_export(options.export, versions, None), *check_copies(options.copy, versions)]
            return 1 if report(said) else 0
        options.site = options.site if "://" in options.site else f"https://{options.site}"
        options.save = options.save or f"{urllib.parse.urlsplit(options.site).hostname}.checkpoint"
        if options.watch is not None:
            return watch(options, get)
        faults = report(check_site(options, get, int(time.time())))
    except (Unreadable, OSError) as error:
        print(error, file=sys.stderr)
        return 2
    except (KeyError, ValueError, TypeError, IndexError, AttributeError, NotANote) as error:
        print(f"FAILED: The site gives something that is no record: {error!r}", file=sys.stderr)
        return 1
    wrong = "Something is wrong. Keep all files that were saved and a copy of the pages, and ask the publication."
    print(wrong if faults else "Nothing wrong was found.")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
