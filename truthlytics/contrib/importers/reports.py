"""The report of a run, a file with a loss on each line: read a page of it, filtered, and count shortcodes."""

import json
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import fields
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple

from truthlytics.contrib.importers.findings import shortcode_name
from truthlytics.contrib.importers.records import Loss
from truthlytics.web.types import JsonObject

_MEMBERS = re.compile(r"(\d+) members$")
COLUMNS = [field.name for field in fields(Loss)]


class ReportPage(NamedTuple):
    """The losses of one page, and how many match on all pages."""

    losses: list[JsonObject]
    total: int


def read_page(path: Path, *, code: str, text: str, number: int, size: int) -> ReportPage:
    """Return page `number`, from 1, of the losses with this `code` and `text`; "" matches all."""
    first, total, losses = (number - 1) * size, 0, []
    for line in matching_lines(path, code, text):
        if first <= total < first + size:
            losses.append(json.loads(line))
        total += 1
    return ReportPage(losses, total)


def examples(path: Path, code: str, count: int) -> list[dict[str, object]]:
    """Return the first losses with this `code`."""
    return [json.loads(line) for line in islice(matching_lines(path, code, ""), count)]


def rows(path: Path) -> Iterator[list[Any]]:
    """Yield the names of the columns, and then the values of each loss."""
    yield COLUMNS
    for line in matching_lines(path, "", ""):
        loss = json.loads(line)
        yield [loss.get(name, "") for name in COLUMNS]


def count_shortcodes(path: Path) -> Counter[str]:
    """Return how often each shortcode without a counterpart was found."""
    return Counter(shortcode_name(json.loads(line)["what"]) for line in matching_lines(path, "shortcode", ""))


def count_members(path: Path) -> int:
    """Return how many members of Ghost were left out."""
    found = (_MEMBERS.match(json.loads(line)["what"]) for line in matching_lines(path, "left out", " members"))
    return sum(int(match[1]) for match in found if match)


def matching_lines(path: Path, code: str, text: str) -> Iterator[str]:
    """Yield the lines of the losses with this `code` and `text`. A report that does not exist is empty."""
    # As `Report.add` writes them: the code comes first.
    start, wanted = f'{{"code": "{code}"' if code else "{", text.casefold()
    try:
        with path.open(encoding="utf-8") as file:
            for line in file:
                # A run that was killed may have left half a line.
                if line.startswith(start) and line.endswith("}\n") and (not wanted or _has(line, wanted)):
                    yield line
    except FileNotFoundError:
        return


def _has(line: str, wanted: str) -> bool:
    """Return whether a value that the page shows has the `wanted` text."""
    if wanted not in line.casefold() and "\\" not in line:
        return False
    loss = json.loads(line)
    return any(wanted in str(loss.get(name, "")).casefold() for name in ("what", "title", "source_id"))
