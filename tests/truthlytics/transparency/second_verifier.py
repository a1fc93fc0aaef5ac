"""A second verifier of the record, written from docs/record.md. It shares no code with the first.

It answers only whether something is wrong. Where the first one reads HTML with a tree of its own and computes
signatures and roots itself, this one uses lxml, the package cryptography, and recursion.
"""

import base64
import json
import re
from datetime import UTC, datetime, timedelta
from urllib.parse import urljoin

from tests.truthlytics.transparency.second_verifier_pages import check_item
from tests.truthlytics.transparency.second_verifier_story import (
    HOUR,
    Story,
    Wrong,
    check_row,
    merkle,
    require,
    sha,
    signed,
    time_of,
)


def leaves_of(get, address, size):
    leaves = []
    while len(leaves) < size:
        number, width = len(leaves) // 256, min(256, size - len(leaves))
        name = f"{number:03}" if number < 1000 else f"x{number // 1000:03}/{number % 1000:03}"
        data = get(f"{address}/tile/entries/{name}{'' if width == 256 else f'.p/{width}'}")
        for _number in range(width):
            length = int.from_bytes(data[:2])
            leaves.append(data[2 : 2 + length])
            data = data[2 + length :]
        require(not data, "bundle")
    return leaves


def check(get, site, saved=(), now=None):
    """Return what is wrong with the record of a site, or "". `saved` are checkpoints that were kept."""
    try:
        _check(get, site, saved, now or datetime.now(UTC))
    except Wrong as wrong:
        return str(wrong)
    except (KeyError, ValueError, TypeError, IndexError) as error:
        return f"unreadable: {error!r}"
    return ""


def _check(get, site, saved, now):
    record = json.loads(get(f"{site}/.well-known/record.json"))
    story, logs = None, {}
    for described in [*record["log"]["earlier"], record["log"]]:
        note, before = get(f"{described['address']}/checkpoint").decode(), story
        size = int(note.split("\n")[1])
        story = Story(described["origin"], described["keys"][0]["key"], before)
        leaves = leaves_of(get, described["address"], size)
        story.tell(leaves)
        origin, size, root = signed(note, story.key_at(size))
        require((origin, root) == (described["origin"], merkle(leaves)), "root")
        require([(k["from_size"], k["key"]) for k in described["keys"]] == story.keys, "keys")
        if before is not None:
            former, said = logs[before.origin][1], story.events[0]
            require(said["size"] >= len(former), "former")
            require(said["size"] > len(former) or base64.b64decode(said["root"]) == merkle(former), "former")
        logs[origin] = story, leaves
    for text in saved:
        kept(text, logs)
    require(all(time_of(event["time"]) <= now + HOUR for event in story.events), "ahead")
    rows = rows_of(get, site, record)
    compare(rows, story, now)
    for row in {row["uuid"]: row for row in sorted(rows, key=lambda row: row["number"]) if "url" in row}.values():
        check_item(get, urljoin(site, row["url"]), row, story)


def kept(text, logs):
    origin = text.split("\n")[0]
    require(origin in logs, "since")
    story, leaves = logs[origin]
    _origin, size, root = signed(text, story.key_at(int(text.split("\n")[1])))
    require(size <= len(leaves) and merkle(leaves[:size]) == root, "since")
    if match := re.search(r"— verify\.py/saved (\S+)", text):
        when = datetime.fromtimestamp(int.from_bytes(base64.b64decode(match[1])[4:]), UTC)
        for event in story.events[size:]:
            require("imported" in event or time_of(event["time"]) >= when - HOUR, "late")
        require(all(time_of(event["time"]) <= when + HOUR for event in story.events[:size]), "late")


def rows_of(get, site, record):
    rows = []
    for month in record["months"]:
        own = []
        for part in range(month["parts"]):
            own += json.loads(get(f"{site}/.well-known/record/{month['month']}/{part + 1}.json"))["versions"]
        require(len(own) == month["versions"], "month")
        require(sha("".join(sorted(row["digest"] for row in own)).encode()).hex() == month["digest"], "month")
        require(all(max(row["public_from"], row["created_at"])[:7] == month["month"] for row in own), "month")
        rows += own
    return rows


def compare(rows, story, now):
    listed = {(row["uuid"], row["number"]): row for row in rows}
    require(len(listed) == len(rows), "twice")
    require(story.versions.keys() - story.gone <= listed.keys(), "missing")
    for key, row in listed.items():
        if key not in story.versions:
            require(now - max(time_of(row["public_from"]), time_of(row["created_at"])) < timedelta(minutes=10), "row")
            continue
        check_row(row, key, story)
        require(("url" in row) != story.withdrawn(row["uuid"]), "withdrawn")
