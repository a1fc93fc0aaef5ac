"""Forgeries that are made at random, by an owner who has the database, the key and every file.

    .venv/bin/python -m tests.truthlytics.transparency.forgeries 1000 [FIRST]

tries a number of seeds. Each forgery changes what was published before a stranger kept a checkpoint, or adds to the log
what claims something else about it, and then computes and signs anew whatever can be. The stranger has the checkpoint,
and the two verifiers; both must notice each.
"""

import argparse
import io
import json
import os
import random
import sys
import tempfile
import time
from collections import Counter
from contextlib import redirect_stderr, redirect_stdout
from functools import cache
from pathlib import Path
from unittest import mock

from tests.truthlytics.transparency import second_verifier
from tests.truthlytics.transparency.world import DAY, HOUR, KEYS, SITE, honest, sha, uuid_of
from truthlytics.transparency.notes import Signer, VerifierKey
from truthlytics.transparency.outside import rules, signatures, verify
from truthlytics.web.canonical_json import canonical, format_time

KINDS = ("version", "correction", "removal", "deletion", "withdrawal", "restoration")


# --- What the owner does --------------------------------------------------------------------------------------------
def some_version(world, pick):
    """Return a version that was published before, with its text."""
    versions = [one for own in world.items.values() for one in own if "content" in one]
    return pick.choice(versions)


def any_time(world, pick):
    return format_time(world.now - pick.choice([0, 0.5, 2, 23, 48, 960]) * HOUR)


def change_column(world, pick):
    """Change a column of a version, and compute all digests after it anew."""
    one = some_version(world, pick)
    column = pick.choice(["content", "note", "public_from", "created_at", "correction", "kind"])
    if column == "content":
        one["content"] = one["content"].replace(*pick.choice([("says", "said"), ("About", "On"), ("A", "Z")]))
        if world.types[one["uuid"]] == "dossier":
            one["content"] = one["content"].replace("what went on", "what did not")
    elif column == "note":
        one["note"] = f"{one['note']} Or so."
    elif column in {"public_from", "created_at"}:
        one[column] = format_time(world.now - pick.choice([1, 23, 960]) * DAY + pick.randint(0, 99) * HOUR)
    elif column == "correction" and "correction" in one:
        del one["correction"]
    elif "correction" in one:
        one["correction"]["kind"] = "minor"
    else:
        one["correction"] = {"kind": "update", "made_at": one["created_at"], "supersedes": None}
    before = [row["digest"] for row in world.items[one["uuid"]]]
    world.digest(one["uuid"])
    return before != [row["digest"] for row in world.items[one["uuid"]]] and one


def rewrite_entries(world, one):
    """Let the entries say what the versions are now."""
    now = {(v["uuid"], v["number"]): v for own in world.items.values() for v in own}
    for entry in world.log:
        version = now.get((entry.get("uuid"), entry.get("number")))
        if version is None:
            continue
        if entry["kind"] in {"version", "removal"}:
            entry["digest"] = version["digest"]
        if entry["kind"] == "version":
            entry["time"] = version["public_from"]
        if entry["kind"] == "correction" and "correction" in version:
            entry |= {"digest": version["correction"]["digest"], "time": version["public_from"]}


def append_entries(world, one, pick):
    """Add entries about the changed versions at the end."""
    for version in world.items[one["uuid"]][one["number"] - 1 :]:
        version["imported"] = pick.random() < 0.5
        world.log += world.entries_of(version)


def forge_version(world, pick):
    if one := change_column(world, pick):
        how = pick.choice(["leave", "rewrite", "append", "delete and append"])
        if how == "rewrite":
            rewrite_entries(world, one)
        elif how == "delete and append":
            for version in world.items[one["uuid"]]:
                entry = world.entry("deletion", version, digest=version["digest"], time=format_time(world.now))
                world.log.append(entry)
            append_entries(world, one, pick)
        elif how == "append":
            append_entries(world, one, pick)


def delete_version(world, pick):
    """Delete a version or an item, and perhaps its entries, or say that an import was undone."""
    one = some_version(world, pick)
    own = world.items[one["uuid"]]
    gone = own[one["number"] - 1 :] if pick.random() < 0.5 else list(own)
    how = pick.choice(["leave", "remove entries", "deletion"])
    for version in gone:
        own.remove(version)
        key = version["uuid"], version["number"]
        if how == "remove entries":
            world.log = [entry for entry in world.log if (entry.get("uuid"), entry.get("number")) != key]
        elif how == "deletion":
            time = format_time(world.now)
            world.log.append(world.entry("deletion", version, digest=version["digest"], time=time))
    if not own:
        del world.items[one["uuid"]]


def append_entry(world, pick):
    """Add an entry of any kind about anything, signed and in its form."""
    one = some_version(world, pick)
    entry = world.entry(pick.choice(KINDS), one, digest=one["digest"], time=any_time(world, pick))
    if entry["kind"] in {"withdrawal", "restoration"}:
        del entry["number"], entry["digest"]
    else:
        entry["number"] = pick.choice([one["number"], one["number"] + 1])
        entry["digest"] = pick.choice([one["digest"], sha("else")])
    if pick.random() < 0.3 and entry["kind"] != "deletion":
        entry["imported"] = True
    if pick.random() < 0.2:
        entry["uuid"] = uuid_of(pick.randint(1, 12))
    if entry["kind"] == "correction":
        entry["item"] = "article"
    world.log.append(entry)


def change_entry(world, pick):
    """Change, remove, repeat, move or date anew an entry, and sign the log."""
    position = pick.randrange(len(world.log))
    entry = world.log[position]
    how = pick.choice(["remove", "repeat", "move", "date", "digest", "number", "kind", "item"])
    if how == "remove":
        del world.log[position]
    elif how == "repeat":
        world.log.append(dict(entry))
    elif how == "move":
        world.log.insert(pick.randrange(len(world.log)), world.log.pop(position))
    elif how == "date":
        entry["time"] = any_time(world, pick)
    elif how == "digest":
        entry["digest"] = sha("else")
    elif how == "number":
        entry["number"] = entry.get("number", 0) + 1
    elif how == "kind":
        entry["kind"] = pick.choice(KINDS)
    elif "item" in entry:
        entry["item"] = pick.choice(["page", "dossier", "article"])


def change_key(world, pick):
    """Use another key that was not handed over, or sign a new one with the wrong key."""
    signer = Signer(world.signers[0][0].name, KEYS[2])
    if pick.random() < 0.5:
        world.signers = [(signer, 0)]
        return
    wrong = signer.sign(f"{signer.name}\nkey {signer.verifier_key()}\n").encoded
    world.log.append(
        {"kind": "key", "time": format_time(world.now), "key": str(signer.verifier_key()), "signature": wrong}
    )
    world.signers.append((signer, len(world.log) + 1))


def change_page(world, pick):
    """Change what the page of an item shows, and nothing else."""
    path = pick.choice(
        [slug for uuid, slug in world.slugs.items() if uuid in world.items and uuid not in world.withdrawn]
    )
    changes = [
        ("says", "denies"), ("<h1", "<p>A lie.</p><h1"), ("2026", "2025"), ("A picture of", "A drawing of"),
        ("N. N.", "M. M."), ('href="/x"', 'href="/y"'), ("A. Name", "B. Name"), ("We had 41", "We had 40"),
        ("A source", "A rumour"), ('class="sidenote"><b>1</b>So', 'class="sidenote"><b>1</b>Not so'),
        (">1</a></sup>", ">2</a></sup>"), ("</figcaption>", " It was staged.</figcaption>"), ("Version 2", "Version 1"),
        ("went on", "went wrong"), ("S. Name", "T. Name"), ("<li>So", "<li>Not so"), ("About", "Around"),
    ]  # fmt: skip
    world.lies[path] = lambda text: text.replace(*pick.choice([one for one in changes if one[0] in text]), 1)


def change_list(world, pick):
    """Change what the site lists, or the evidence of an item."""

    def change(text):
        data = json.loads(text)
        row = pick.choice(data["versions"] if "versions" in data else data["history"])
        column = pick.choice(["digest", "number", "type", "uuid", "public_from", "created_at", "correction", "removed"])
        values = {
            "digest": sha("else"),
            "number": row["number"] + 7,
            "type": "essay",
            "uuid": uuid_of(99),
            "public_from": "2026-01-01T00:00:00Z",
            "created_at": "2027-01-01T00:00:00Z",
            "correction": sha("else"),
            "removed": not row.get("removed"),
        }
        if column == "correction" and "history" in data:
            row["note"] = "Else."
        elif pick.random() < 0.2 and "versions" in data:
            data["versions"].remove(row)
        elif column == "created_at" and row.get("imported", True) and "versions" in data:
            row["digest"] = sha("else")
        else:
            row[column] = values[column]
        return canonical(data)

    # Those of older versions and the copies are changed one by one in `mutations`.
    lists = [path for path in world.files() if path.startswith("/.well-known/record/")]
    paths = [*lists, *(path for path in world.files() if path.endswith("evidence.json") and "versions" not in path)]
    world.lies[pick.choice(sorted(paths))] = change


FORGERIES = (
    forge_version, forge_version, forge_version, delete_version, append_entry, append_entry, change_entry, change_entry,
    change_key, change_page, change_list,
)  # fmt: skip


# --- Who looks ------------------------------------------------------------------------------------------------------
def first_verifier(world, get, folder):
    """Return whether the script fails, and what it says."""
    said = io.StringIO()
    Path(folder, "newest").unlink(missing_ok=True)
    arguments = [SITE, "--since", f"{folder}/saved", "--save", f"{folder}/newest"]
    with redirect_stdout(said), redirect_stderr(said), mock.patch.object(verify.time, "time", world.now.timestamp):
        return bool(verify.main(arguments, get)), said.getvalue()


@cache
def fast_ed25519(public_key, signature, message):
    """The same answer in a fraction of the time. A test compares them."""
    return VerifierKey("", 1, public_key).has_signed(signature, message)


def try_seed(seed, folder):
    """Make a forgery. Returns its name, and what is not as it should be, or ""."""
    pick = random.Random(seed)
    world = honest()
    saved = world.save()
    Path(folder, "saved").write_text(saved)
    before = world.files()
    world.pass_time(HOUR)
    forgery = pick.choice(FORGERIES)
    forgery(world, pick)
    if world.files() == before:
        return "nothing changed", ""
    # What the owner adds later must not hide it.
    if pick.random() < 0.3:
        world.publish(30, "news of today")
    get = world.get()
    failed, said = first_verifier(world, get, folder)
    aloud = f"Added since {folder}/saved: " in said
    second = second_verifier.check(unreadable_is_wrong(get), SITE, [saved], world.now)
    if bool(second) != failed:
        return forgery.__name__, f"seed {seed}: the second verifier says “{second}”, the first says:\n{said}"
    return forgery.__name__, "" if failed or aloud else f"seed {seed}: not noticed.\n{said}"


def unreadable_is_wrong(get):
    def read(url):
        try:
            return get(url)
        except verify.Unreadable as error:
            raise second_verifier.Wrong("unreadable") from error

    return read


def try_seeds(first, count):
    """Return how often each forgery was tried, and what was not as it should be."""
    tried, wrong = Counter(), []
    with (
        tempfile.TemporaryDirectory() as folder,
        mock.patch.object(signatures, "ed25519_holds", fast_ed25519),
        mock.patch.object(rules, "ed25519_holds", fast_ed25519),
    ):
        for seed in range(first, first + count):
            name, problem = try_seed(seed, folder)
            tried[name] += 1
            wrong += [problem] if problem else []
    return tried, wrong


def main():
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("count", type=int)
    parser.add_argument("first", type=int, nargs="?", default=0)
    options = parser.parse_args()
    started = time.process_time()
    tried, wrong = try_seeds(options.first, options.count)
    for name, count in tried.most_common():
        print(f"{count:6}  {name}")
    print(f"{time.process_time() - started:.1f} s of CPU. Not noticed, or not by both: {len(wrong)}")
    print("\n".join(wrong[:5]))
    sys.exit(bool(wrong))


if __name__ == "__main__":
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "truthlytics.settings")
    os.environ.setdefault("DEBUG", "1")
    os.environ.setdefault("SECRET_KEY", "for-this-only")
    django.setup()
    main()
