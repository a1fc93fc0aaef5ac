"""The open exchange format: one JSON object a line, plain or gzipped. A pure reader; it touches no database."""

import gzip
import json
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import IO, cast

from truthlytics.importers.fields import Unreadable, record_of
from truthlytics.importers.records import Loss, Record

# The longest line, in bytes: no article is longer, and memory stays bounded.
LONGEST_LINE = 8 * 1024 * 1024


def read(path: Path) -> Iterator[Record | Loss]:
    """The articles of `path` in their order; a line that holds none is a Loss. Raises OSError."""
    with _open(path) as file:
        number = 0
        try:
            for number, line in _lines(file):
                if line is None:
                    yield Loss("line", f"It is longer than {LONGEST_LINE // 1024 // 1024} MB.", number)
                elif line.strip():
                    yield _read_line(line, number)
        except (EOFError, zlib.error, gzip.BadGzipFile) as error:
            yield Loss("line", f"The file is damaged from here on ({error}).", number + 1)


def _open(path: Path) -> IO[bytes]:
    """By its first bytes, not by its name."""
    with path.open("rb") as file:
        zipped = file.read(2) == b"\x1f\x8b"
    return cast(IO[bytes], gzip.open(path, "rb")) if zipped else path.open("rb")


def _lines(file: IO[bytes]) -> Iterator[tuple[int, bytes | None]]:
    """(number, line), None for one that is too long: its rest is passed over without being kept."""
    number = 0
    while line := file.readline(LONGEST_LINE + 1):
        number += 1
        too_long = len(line) > LONGEST_LINE
        while too_long and line and not line.endswith(b"\n"):
            line = file.readline(LONGEST_LINE)
        yield number, None if too_long else line


def _read_line(line: bytes, number: int) -> Record | Loss:
    try:
        raw = json.loads(line.decode("utf-8-sig"))
    except UnicodeDecodeError:
        return Loss("line", "It is not UTF-8.", number)
    except (ValueError, RecursionError):
        return Loss("line", "It is not JSON.", number)
    if not isinstance(raw, dict):
        return Loss("line", "It is not a JSON object.", number)
    try:
        return record_of(raw, number)
    except Unreadable as error:
        return Loss("line", str(error), number)
    except RecursionError:
        return Loss("line", "It is nested too deeply.", number)
