"""CSV files for spreadsheets, sent as they are written."""

import csv
import re
from collections.abc import Iterable, Iterator

from django.http import StreamingHttpResponse

# A spreadsheet would run text that begins so as a formula. Where decimals have a comma, it begins another cell at each
# semicolon.
FORMULA_START = re.compile(r'(^|[;\t\r\n]"*)(?=[=+@\t\r＝＋－＠-])')


class _Echo:
    """A file that returns what is written to it."""

    def write(self, line: str) -> str:
        return line


def cell(value: object) -> object:
    """Return `value` for a cell: what a spreadsheet would take for a formula gets an apostrophe before it."""
    return FORMULA_START.sub(r"\1'", value) if isinstance(value, str) else value


def lines(rows: Iterable[Iterable[object]]) -> Iterator[str]:
    """Return each row as a line of CSV. Numbers stay numbers, None is empty."""
    write = csv.writer(_Echo()).writerow
    for row in rows:
        yield str(write([cell(value) for value in row]))


def csv_response(name: str, rows: Iterable[Iterable[object]]) -> StreamingHttpResponse:
    """Return `rows`, the first of which has the names of the columns, as the file `name`, row by row."""
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return StreamingHttpResponse(lines(rows), content_type="text/csv; charset=utf-8", headers=headers)
