"""Read the table of posts, `posts.csv`."""

import codecs
import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass

from truthlytics.contrib.importers.records import Loss
from truthlytics.contrib.importers.sources import UnreadableFile
from truthlytics.web.text import strip_control_characters


@dataclass(frozen=True, slots=True)
class Row:
    """A row of the table: the texts by column. Columns that are missing are not in it. `line` counts from 1."""

    line: int
    values: dict[str, str]

    def __getitem__(self, column: str) -> str:
        return self.values.get(column, "")


def read_rows(data: bytes, name: str) -> Iterator[Row | Loss]:
    """Yield the rows of the table, and a Loss for each damage. Raises UnreadableFile."""
    text, damaged = _decode(data)
    if damaged:
        yield Loss("repair", f"{name}: invalid UTF-8 replaced ({damaged})")
    head = text.partition("\n")[0]
    delimiter = max(",;\t", key=head.count)
    reader = csv.reader(io.StringIO(text.replace("\0", ""), newline=""), delimiter=delimiter)
    columns: list[str] = []
    while True:
        line = reader.line_num + 1
        try:
            cells = next(reader)
        except StopIteration:
            break
        except csv.Error as error:
            yield Loss("line", f"{name} is damaged here ({error}).", line)
            continue
        if not any(cell.strip() for cell in cells):
            continue
        if not columns:
            columns = [cell.strip().lower() for cell in cells]
            if "post_id" not in columns:
                raise UnreadableFile(f"{name} is not the table of an export of Substack: it has no column “post_id”.")
            continue
        if len(cells) > len(columns):
            yield Loss("repair", f"{name}: the row has more cells than there are columns", line)
        values = (strip_control_characters(cell).strip() for cell in cells)
        yield Row(line, dict(zip(columns, values, strict=False)))
    if not columns:
        raise UnreadableFile(f"{name} is empty.")


def _decode(data: bytes) -> tuple[str, int]:
    """Return the text, and how many characters could not be read. Spreadsheets write other encodings."""
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        text = data.decode("utf-16", errors="replace")
    else:
        text = data.decode("utf-8-sig", errors="replace")
    return text, text.count("\ufffd") - data.count("\ufffd".encode())
