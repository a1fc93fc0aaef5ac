"""Read the tables of an export row by row: a file of 200 MB takes no more memory than its largest row."""

import codecs
import json
import re
from collections.abc import Iterator
from typing import IO, Any, NamedTuple

from truthlytics.contrib.importers.sources import UnreadableFile

CHUNK = 1024 * 1024
# In characters. Rows are articles with up to four copies of their text.
MAX_VALUE = 64 * CHUNK
MAX_DEPTH = 6
# Objects that contain tables. Of others only the end is looked for.
_CONTAINERS = {"data", "result", "db"}
_NO_SPACE = re.compile(r"[^ \t\r\n]")
_BYTE_ORDER_MARKS = {codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF16_BE: "utf-16"}


class Row(NamedTuple):
    """A row of a table. `line` counts from 1."""

    table: str
    value: object
    line: int


def read_rows(stream: IO[bytes], name: str) -> Iterator[Row]:
    """Yield the rows of all arrays. Those of an array that is the whole file are of the table "". `name` is for errors.

    Raises UnreadableFile as soon as the file turns out not to be JSON.
    """
    yield from _Parser(stream, name).rows()


class _Parser:
    def __init__(self, stream: IO[bytes], name: str) -> None:
        self.stream, self.name = stream, name
        start = stream.read(CHUNK)
        encoding = _BYTE_ORDER_MARKS.get(start[:2], "utf-8-sig")
        self._decoder = codecs.getincrementaldecoder(encoding)(errors="replace")
        self._json = json.JSONDecoder(parse_constant=lambda text: None)
        self._at_end = not start
        self._buffer, self._position = self._decoder.decode(start, not start), 0
        self._lines, self._counted = 1, 0

    def rows(self) -> Iterator[Row]:
        opening = self._peek()
        if opening == "{":
            yield from self._object(0)
        elif opening == "[":
            yield from self._array("")
        else:
            raise UnreadableFile(f"{self.name} is not JSON.")
        if self._peek():
            raise self._damaged()

    def _object(self, depth: int) -> Iterator[Row]:
        if depth > MAX_DEPTH:
            raise UnreadableFile(f"{self.name} is nested too deeply.")
        self._expect("{")
        while self._peek() != "}":
            key = self._value()
            if not isinstance(key, str):
                raise self._damaged()
            self._expect(":")
            opening = self._peek()
            if opening == "{" and key in _CONTAINERS:
                yield from self._object(depth + 1)
            elif opening == "[" and key == "db":
                yield from self._databases(depth)
            elif opening == "[":
                yield from self._array(key)
            else:
                self._value()
            if self._peek() != "}":
                self._expect(",")
        self._expect("}")

    def _databases(self, depth: int) -> Iterator[Row]:
        self._expect("[")
        while self._peek() != "]":
            if self._peek() == "{":
                yield from self._object(depth + 1)
            else:
                self._value()
            if self._peek() != "]":
                self._expect(",")
        self._expect("]")

    def _array(self, table: str) -> Iterator[Row]:
        self._expect("[")
        while self._peek() != "]":
            line = self._line()
            yield Row(table, self._value(), line)
            if self._peek() != "]":
                self._expect(",")
        self._expect("]")

    def _value(self) -> Any:
        """Return the next value, which is read as a whole."""
        self._peek()
        while True:
            try:
                value, end = self._json.raw_decode(self._buffer, self._position)
            except RecursionError as error:
                raise UnreadableFile(f"{self.name} is nested too deeply.") from error
            except ValueError as error:
                if not self._more():
                    raise self._damaged() from error
                continue
            # A number may go on in the next part of the file.
            if end < len(self._buffer) or not self._more():
                self._position = end
                return value

    def _peek(self) -> str:
        """Return the next character that is no space; "" at the end."""
        while True:
            if match := _NO_SPACE.search(self._buffer, self._position):
                self._position = match.start()
                return match[0]
            self._position = len(self._buffer)
            if not self._more():
                return ""

    def _expect(self, character: str) -> None:
        if self._peek() != character:
            raise self._damaged()
        self._position += 1

    def _more(self) -> bool:
        """Add the next part of the file to the buffer, at least as much as it holds. Return False at the end."""
        if self._at_end:
            return False
        rest = len(self._buffer) - self._position
        if rest > MAX_VALUE:
            raise UnreadableFile(f"{self.name} contains a value that is too large, at line {self._line()}.")
        data = self.stream.read(max(CHUNK, rest))
        self._at_end = not data
        self._line()
        self._buffer = self._buffer[self._position :] + self._decoder.decode(data, not data)
        self._position = self._counted = 0
        return True

    def _line(self) -> int:
        """Return the number of the line that is read now."""
        self._lines += self._buffer.count("\n", self._counted, self._position)
        self._counted = self._position
        return self._lines

    def _damaged(self) -> UnreadableFile:
        return UnreadableFile(
            f"{self.name} is not valid JSON at line {self._line()}. It may be incomplete: export it again."
        )
