"""Tables of text, as programs and spreadsheets write them: any usual encoding and delimiter, maybe no headings."""

import codecs
import csv
import io
import re
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from typing import IO, cast

from truthlytics.contrib.importers.ghost.files import Part
from truthlytics.contrib.importers.sources import UnreadableFile

# What looks like an address, also if email can't be sent to it.
EMAIL = re.compile(r"[^@\s<>\",;]+@[^@\s<>\",;.]+(?:\.[^@\s<>\",;.]+)+")
DELIMITERS = ",;\t|"
SAMPLE_ROWS = 50
CHUNK = 256 * 1024
# In characters.
MAX_LINE = 1024 * 1024
# A cell with more lines, or with addresses on several, has a quotation mark that is not closed.
MAX_LINES = 100
_SEPARATOR_LINE = re.compile(r"sep=(.)\r?\n?", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Row:
    """A row with its number, as a spreadsheet counts it. `problem` says why its cells can't be used."""

    number: int
    cells: list[str]
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Table:
    """A file with its headings. Without headings in the file, they are "Column 1", "Column 2"…"""

    part: Part
    encoding: str
    delimiter: str
    headings: tuple[str, ...]
    # How many rows come before the first reader.
    skipped: int

    @property
    def name(self) -> str:
        return self.part.name

    def rows(self) -> Iterator[Row]:
        """Yield the rows that are not empty. Raises OSError and UnreadableFile."""
        width = len(self.headings)
        for number, cells in self._numbered():
            cells = [cell.strip() for cell in cells]
            if number <= self.skipped or not any(cells):
                continue
            if any(cells[width:]):
                yield Row(number, cells, f"It has {len(cells)} cells, but there are {width} columns.")
            else:
                yield Row(number, cells[:width] + [""] * (width - len(cells)))

    def samples(self, count: int) -> list[list[str]]:
        """Return the cells of the first rows."""
        return [row.cells for row in islice((row for row in self.rows() if not row.problem), count)]

    def _numbered(self) -> Iterator[tuple[int, list[str]]]:
        with _open(self.part, self.encoding) as text:
            yield from _records(text, self.delimiter, self.name)


def open_table(part: Part) -> Table:
    """Find out how `part` is written, and what its columns are called. Raises OSError and UnreadableFile."""
    encoding = _encoding(part)
    with _open(part, encoding) as text:
        head = "".join(islice(_lines(text, part.name), 4 * SAMPLE_ROWS))
    stated = _SEPARATOR_LINE.match(head)
    delimiter = stated[1] if stated else _delimiter(head)
    records = _records(io.StringIO(head, newline=""), delimiter, part.name)
    for number, cells in records:
        cells = [" ".join(cell.split()) for cell in cells]
        if not any(cells) or (stated and number == 1):
            continue
        if any(EMAIL.fullmatch(cell) for cell in cells):
            headings = [""] * len(cells)
            return Table(part, encoding, delimiter, _unique(headings), number - 1)
        return Table(part, encoding, delimiter, _unique(cells), number)
    raise UnreadableFile(f"{part.name} is empty.")


def _unique(cells: list[str]) -> tuple[str, ...]:
    """Return headings that differ from each other. Empty ones at the end have no column."""
    while len(cells) > 1 and not cells[-1] and any(cells):
        cells = cells[:-1]
    headings: list[str] = []
    for number, cell in enumerate(cells, start=1):
        heading, copy = cell[:200] or f"Column {number}", 2
        while heading in headings:
            heading, copy = f"{cell[:200]} ({copy})", copy + 1
        headings.append(heading)
    return tuple(headings)


def _records(text: IO[str], delimiter: str, name: str) -> Iterator[tuple[int, list[str]]]:
    """Yield the cells of each row with its number. Raises UnreadableFile if a quotation mark is not closed."""
    number = 0
    reader = csv.reader(_lines(text, name), delimiter=delimiter)
    while True:
        number, line = number + 1, reader.line_num
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            raise UnreadableFile(f"{name} cannot be read at row {number}: {error}.") from error
        if reader.line_num - line > 1 and any(_is_unclosed(cell) for cell in cells):
            raise UnreadableFile(f"{name} cannot be read after row {number}: a quotation mark there is not closed.")
        yield number, cells


def _lines(text: IO[str], name: str) -> Iterator[str]:
    while line := text.readline(MAX_LINE):
        if len(line) == MAX_LINE:
            raise UnreadableFile(f"{name} is not a table: it has a line of more than a million characters.")
        yield line.replace("\0", "")


def _is_unclosed(cell: str) -> bool:
    lines = cell.splitlines()
    return len(lines) > MAX_LINES or sum(bool(EMAIL.search(line)) for line in lines) > 1


def _delimiter(head: str) -> str:
    """Return the delimiter that divides most rows into the same number of columns."""
    best, best_score = ",", (0.0, 0)
    for delimiter in DELIMITERS:
        widths = Counter(len(cells) for cells in _sample(head, delimiter) if any(cells))
        if not widths:
            continue
        width, count = widths.most_common(1)[0]
        score = (round(count / widths.total(), 1) if width > 1 else 0.0, width)
        if score > best_score:
            best, best_score = delimiter, score
    # Rows of different length: what the first row has most of.
    first = head.lstrip().partition("\n")[0]
    return best if best_score[0] > 0.5 else max(DELIMITERS, key=first.count)


def _sample(head: str, delimiter: str) -> list[list[str]]:
    try:
        return list(islice(csv.reader(io.StringIO(head, newline=""), delimiter=delimiter), SAMPLE_ROWS))
    except csv.Error:
        return []


def _encoding(part: Part) -> str:
    """Return how the text is encoded. What is not UTF-8 comes from a spreadsheet on Windows."""
    with part.open() as stream:
        start = stream.read(CHUNK)
        if start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
            return "utf-16"
        if (zeros := start[:1000].count(0)) and zeros * 3 > len(start[:1000]):
            return "utf-16-le" if start[1:2] == b"\0" else "utf-16-be"
        decoder = codecs.getincrementaldecoder("utf-8")("strict")
        try:
            while start:
                decoder.decode(start)
                start = stream.read(CHUNK)
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            return "cp1252"
    return "utf-8-sig"


@contextmanager
def _open(part: Part, encoding: str) -> Iterator[IO[str]]:
    with part.open() as stream:
        raw = io.BufferedReader(cast(io.RawIOBase, stream), CHUNK)
        yield io.TextIOWrapper(raw, encoding, errors="replace", newline="")
