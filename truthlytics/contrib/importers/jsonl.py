"""Read the exchange format: one JSON object per line, plain or gzipped. Doesn't use the database."""

import gzip
import json
import zlib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import IO, cast

from truthlytics.contrib.importers.fields import InvalidRecord, record_from
from truthlytics.contrib.importers.records import Loss, Record
from truthlytics.contrib.importers.sources import Options, Source

# In bytes, to limit memory use.
MAX_LINE_LENGTH = 8 * 1024 * 1024


class JsonLines(Source):
    def __init__(self, files: Sequence[Path], options: Options) -> None:
        self.files, self.harmless = files, options.harmless

    def read(self) -> Iterator[Record | Loss]:
        for path in self.files:
            yield from read(path, self.harmless)


def read(path: Path, harmless: frozenset[str] = frozenset()) -> Iterator[Record | Loss]:
    """Yield the articles in `path` in their order, and a Loss for each line without one. Raises OSError."""
    with _open(path) as file:
        number = 0
        try:
            for number, line in _lines(file):
                if line is None:
                    yield Loss("line", f"It is longer than {MAX_LINE_LENGTH // 1024 // 1024} MB.", number)
                elif line.strip():
                    yield _read_line(line, number, harmless)
        except (EOFError, zlib.error, gzip.BadGzipFile) as error:
            yield Loss("line", f"The file is damaged from here on ({error}).", number + 1)


def _open(path: Path) -> IO[bytes]:
    """Open `path`, decompressing it if it starts like a gzip file."""
    with path.open("rb") as file:
        gzipped = file.read(2) == b"\x1f\x8b"
    return cast(IO[bytes], gzip.open(path, "rb")) if gzipped else path.open("rb")


def _lines(file: IO[bytes]) -> Iterator[tuple[int, bytes | None]]:
    """Yield (number, line), with None for a line that is too long."""
    number = 0
    while line := file.readline(MAX_LINE_LENGTH + 1):
        number += 1
        too_long = len(line) > MAX_LINE_LENGTH
        while too_long and line and not line.endswith(b"\n"):
            line = file.readline(MAX_LINE_LENGTH)
        yield number, None if too_long else line


def _read_line(line: bytes, number: int, harmless: frozenset[str]) -> Record | Loss:
    try:
        raw = json.loads(line.decode("utf-8-sig"))
    except UnicodeDecodeError:
        return Loss("line", "It is not UTF-8.", number)
    except (ValueError, RecursionError):
        return Loss("line", "It is not JSON.", number)
    if not isinstance(raw, dict):
        return Loss("line", "It is not a JSON object.", number)
    try:
        return record_from(raw, number, harmless)
    except InvalidRecord as error:
        return Loss("line", str(error), number)
    except RecursionError:
        return Loss("line", "It is nested too deeply.", number)
