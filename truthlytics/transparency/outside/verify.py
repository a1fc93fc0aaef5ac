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

from truthlytics.transparency.outside.copies import check_copies, check_export, read_export
from truthlytics.transparency.outside.published import check_published
from truthlytics.transparency.outside.record import compare, digest
from truthlytics.transparency.outside.rules import Fault, Said, date_of, in_words
from truthlytics.transparency.outside.signatures import NotANote, read_checkpoint, saved_line, tree_root
from truthlytics.transparency.outside.site import Fetch, Read, Unreadable, fetch, read_site, unsigned
from truthlytics.transparency.outside.summary import counted, events
from truthlytics.transparency.outside.texts import Texts, check_one, check_pages
from truthlytics.transparency.outside.witnesses import check_timestamps, check_witnesses, is_vouched_for

# Pages that are read of a site unless all are asked for.
PAGES = 100
UUIDS = re.compile("[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
# How many faults are printed.
SHOWN = 20
UNPROVEN = (
    "Not proven: that the whole log was not rewritten. You have kept no earlier state of it, and none of its witnesses "
    "that others than the publication vouch for has signed it."
)


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


# --- The record and the pages ---------------------------------------------------------------------------------------
def check_state(read: Read) -> Iterator[Said]:
    """Compare the signed state in record.json with the log."""
    note = read.record["log"].get("checkpoint")
    if note is None:
        return
    state = read_checkpoint(note)
    if state.origin != read.log.checkpoint.origin or tree_root(read.log.hashes[: state.size]) != state.root:
        yield Fault("record", 0, "The signed state in record.json is not one of the log.")
    yield from unsigned(read.log.ledger, state, "The signed state in record.json")


def check_record(read: Read, now: int) -> Iterator[Said]:
    """Compare what the site lists with the log, both ways."""
    months: dict[str, list[str]] = {}
    for row in read.rows:
        months.setdefault(max(row["public_from"], row["created_at"])[:7], []).append(row["digest"])
    for month in read.record["months"]:
        digests = months.pop(month["month"], [])
        if len(digests) != month["versions"] or digest("".join(sorted(digests))) != month["digest"]:
            yield Fault("record", -1, f"The versions of {month['month']} are not those that record.json counts.")
    counted_months = [{k: v for k, v in month.items() if k != "parts"} for month in read.record["months"]]
    if digest(counted_months) != read.record.get("head"):
        yield Fault("record", -1, "The digest of all months in record.json is not theirs.")
    listed = {(row["uuid"], row["number"]): row for row in read.rows}
    for row in read.record.get("newest", ()):
        there = listed.get((row["uuid"], row["number"]), {})
        if any(there.get(name) != row.get(name) for name in ("type", "digest", "public_from", "url")):
            yield Fault("record", -1, f"record.json has another version {row['number']} of {row['uuid']}.")
    faults = compare(read.rows, read.log.ledger, now)
    yield from faults
    if not faults:
        items = len({row["uuid"] for row in read.rows})
        yield (
            f"The site lists {counted(len(read.rows), 'version', 'versions')} of "
            f"{counted(items, 'article, page or dossier', 'articles, pages and dossiers')}. The log has exactly these, "
            "with the same dates and digests (codes that are computed from the texts)."
        )


def check_site(options: argparse.Namespace, get: Fetch, now: int) -> Iterator[Said]:
    """Yield what the checks of a site show, and keep its newest state. Raises Unreadable.

    The state that was kept the last time is compared too, and not replaced if anything is wrong.
    """
    read, kept, faults = read_site(options.site, get), Path(options.save), 0
    ADDRESSES.update({row["uuid"]: row["url"] for row in read.rows if "url" in row})
    if kept.exists() and options.save not in options.since:
        options.since.append(options.save)
    for said in check_all(read, options, get, now):
        faults += isinstance(said, Fault)
        yield said
    if not options.since and not is_vouched_for(get, read, options.witness):
        yield UNPROVEN
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
    yield from check_witnesses(read, get, options.witness, needed, now)
    yield from check_timestamps(read)
    yield from check_state(read)
    yield from read.log.ledger.outside_of(read.log.checkpoint.size, now, "this was checked")[:SHOWN]
    yield from check_record(read, now)
    if options.export:
        yield from check_export(options.export, read_export(options.export), read.log.ledger)
    yield from check_copies(options.copy, read.rows)
    texts = Texts(read, get, images=options.images or bool(options.article))
    if options.article:
        yield from check_one(texts, options)
    else:
        yield from check_pages(texts, options.pages)
        yield from check_published(texts)
    yield from texts.unsaid()
    for path in options.since:
        saved = read_checkpoint(Path(path).read_text(encoding="utf-8"))
        if saved.origin == read.log.checkpoint.origin and not options.article:
            yield from (f"Changed since {path}: {sentence}" for sentence in texts.since(saved.size))


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
            ADDRESSES.update({row["uuid"]: row["url"] for row in read.rows if "url" in row})
            now = int(time.time())
            said = [*check_logs(read, options.key), *check_record(read, now)]
            if before:
                said += check_since(read, known, Path(known).read_text(encoding="utf-8"))
            needed = len(options.witness) if options.witnesses_needed is None else options.witnesses_needed
            said += check_witnesses(read, get, options.witness, needed, now)
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
    made.add_argument("--page", metavar="FILE", help="its page, as a reader has saved it (HTML only)")
    made.add_argument("--evidence", metavar="FILE", help="its evidence.json, saved by a reader with access to the text")
    made.add_argument("--outside", metavar="FILE", help="where to write the words that are outside the record")
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
    if (options.page or options.evidence or options.outside) and not options.article:
        parser().error("--page, --evidence and --outside belong to --article.")
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
