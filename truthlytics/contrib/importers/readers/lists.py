"""Read lists of readers: of Ghost, Substack, WooCommerce, Memberful, a newsletter, or any other table."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import tzinfo
from functools import cached_property
from pathlib import Path
from typing import NamedTuple

from django.utils import timezone

from truthlytics.contrib.importers.ghost.files import Part, find_parts
from truthlytics.contrib.importers.readers.columns import fields_of
from truthlytics.contrib.importers.readers.ghost_members import has_members, read_members
from truthlytics.contrib.importers.readers.records import ListedReader
from truthlytics.contrib.importers.readers.rows import Cells, Format, address_problem, reader_of
from truthlytics.contrib.importers.readers.tables import SAMPLE_ROWS, Table, open_table
from truthlytics.contrib.importers.readers.values import is_nothing
from truthlytics.contrib.importers.readers.vocabulary import Vocabulary, orders_of
from truthlytics.contrib.importers.sources import UnreadableFile

# By the name in the command.
KINDS = {
    "ghost": "Ghost",
    "substack": "Substack",
    "woocommerce": "WooCommerce",
    "memberful": "Memberful",
    "newsletter": "newsletter",
    "csv": "CSV",
}
TABLE_SUFFIXES = (".csv", ".tsv", ".txt", ".csv.gz", ".tsv.gz", ".txt.gz")
_NO_LIST = re.compile(r"(^|/)posts(/|\.csv$)|\.(opens|delivers)\.csv$")
_DATES = {"joined", "consent", "left", "until", "renews_on"}


class Problem(NamedTuple):
    """Something about a row that was not read. `what` is one or more sentences."""

    code: str
    file: str
    row: int
    what: str


Report = Callable[[Problem], None]


class Column(NamedTuple):
    """A column of a table, for an editor: its heading, some of its values, and what it has."""

    heading: str
    samples: list[str]
    field: str


def read_lists(
    paths: Sequence[Path],
    kind: str,
    *,
    columns: Mapping[str, str] | None = None,
    words: Mapping[str, Mapping[str, str]] | None = None,
    report: Report | None = None,
    zone: tzinfo | None = None,
) -> Iterator[ListedReader]:
    """Yield the reader of each row; one can be in several, with a contract in each.

    Rows with problems are skipped, or read without the value, and reported.

    `columns` has what an editor said about them: fields by heading, and `words` what words of the list mean. `zone` is
    that of times without one, by default the publication's. Raises OSError and UnreadableFile.
    """
    lists = Lists(paths, kind, columns=columns or {}, words=words or {}, zone=zone)
    yield from lists.read(report or (lambda problem: None))


@dataclass
class Lists:
    """The lists in some files."""

    paths: Sequence[Path]
    kind: str
    columns: Mapping[str, str] = field(default_factory=dict)
    words: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    zone: tzinfo | None = None

    @cached_property
    def vocabulary(self) -> Vocabulary:
        return Vocabulary(self.kind, self.words)

    @cached_property
    def exports(self) -> list[Part]:
        """The exports of Ghost with members."""
        parts = [part for part in find_parts(self.paths) if _is_json(part) and part.kind == "export"]
        return [part for part in parts if has_members(part)]

    @cached_property
    def tables(self) -> list["ListedTable"]:
        """The tables, those with payments first. In an archive of Substack, others say who got and opened an email."""
        zone = self.zone or timezone.get_default_timezone()
        parts = [part for part in find_parts(self.paths, suffixes=TABLE_SUFFIXES) if not _is_json(part)]
        lists = [part for part in parts if not _NO_LIST.search(part.member)]
        tables = [ListedTable(open_table(part), self.vocabulary, self.columns, zone) for part in lists]
        tables = [table for table in tables if "email" in table.fields or len(tables) == 1]
        return sorted(tables, key=lambda table: "customer" not in table.fields)

    def read(self, report: Report) -> Iterator[ListedReader]:
        """Yield the readers of all files. Raises OSError and UnreadableFile."""
        if not self.exports and not self.tables:
            names = ", ".join(path.name for path in self.paths)
            raise UnreadableFile(f"{names} contains no list of readers. Save spreadsheets as CSV.")
        for part in self.exports:
            for number, email, reader in read_members(part, self.vocabulary):
                if reader is not None:
                    yield reader
                else:
                    report(Problem("email", part.name, number, address_problem(email)))
        paying: set[str] = set()
        for table in self.tables:
            for reader in table.read(report):
                if self.kind == "substack" and table.fields.count("access"):
                    paying.add(reader.email)
                elif reader.email in paying:
                    # The list of all readers names the same subscription as that of the paying ones.
                    reader = _without_contracts(reader)
                yield reader


def _without_contracts(reader: ListedReader) -> ListedReader:
    return replace(reader, contracts=(), free_access="", free_until=None)


def _is_json(part: Part) -> bool:
    return part.name.lower().removesuffix(".gz").endswith(".json")


class ListedTable:
    """A table of readers with what its columns have."""

    def __init__(self, table: Table, vocabulary: Vocabulary, chosen: Mapping[str, str], zone: tzinfo) -> None:
        self.table, self.vocabulary, self.zone = table, vocabulary, zone
        self.samples = table.samples(SAMPLE_ROWS)
        self.fields = fields_of(table.headings, self.samples, vocabulary.kind, chosen)

    def format(self) -> Format:
        """Find out what comes first in the dates of all rows. Raises OSError and UnreadableFile."""
        columns = [column for column, field in enumerate(self.fields) if field in _DATES]
        rows = (row.cells for row in self.table.rows() if columns and not row.problem)
        dates = {cells[column] for cells in rows for column in columns if not is_nothing(cells[column])}
        return Format(self.vocabulary.kind, self.zone, self.vocabulary, orders_of(dates, self.vocabulary))

    @property
    def columns(self) -> list[Column]:
        """The columns with up to three different values of each."""
        shown = []
        for number, heading in enumerate(self.table.headings):
            values = dict.fromkeys(row[number][:80] for row in self.samples if row[number])
            shown.append(Column(heading, list(values)[:3], self.fields[number]))
        return shown

    def read(self, report: Report) -> Iterator[ListedReader]:
        """Yield the readers. Raises OSError and UnreadableFile."""
        if "email" not in self.fields:
            raise UnreadableFile(f"{self.table.name} has no column of email addresses. Say which one has them.")
        name, form = self.table.name, self.format()
        for row in self.table.rows():
            if row.problem:
                report(Problem("ragged", name, row.number, row.problem))
                continue
            problems: list[str] = []
            cells = Cells(self.fields, row.cells, form, problems.append)
            if problem := address_problem(cells["email"]):
                report(Problem("email", name, row.number, problem))
                continue
            reader = reader_of(row.number, name, cells)
            for problem in dict.fromkeys(problems):
                report(Problem("value", name, row.number, problem))
            yield reader
