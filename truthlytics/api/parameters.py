"""Parameters of queries: what each allows, and how it is documented."""

import re
from collections.abc import Callable
from dataclasses import dataclass

from truthlytics.web.types import JsonObject

SIZE, MAX_SIZE, MAX_QUERY_LENGTH = 20, 100, 200
_SLUG = re.compile(r"[-a-zA-Z0-9_]{1,120}")
_CURSOR = re.compile(r"[-a-zA-Z0-9_.]{0,64}")


@dataclass(frozen=True, slots=True)
class Parameter:
    """`read` returns the value of what was sent, and raises ValueError for what `schema` does not allow."""

    name: str
    description: str
    schema: JsonObject
    read: Callable[[str], object]
    default: object = ""
    required: bool = False

    def as_document(self) -> JsonObject:
        document = {"name": self.name, "in": "query", "description": self.description, "schema": self.schema}
        return document | ({"required": True} if self.required else {})


def _matching(pattern: re.Pattern[str]) -> Callable[[str], str]:
    def read(text: str) -> str:
        if not pattern.fullmatch(text):
            raise ValueError
        return text

    return read


def _number(low: int, high: int) -> Callable[[str], int]:
    def read(text: str) -> int:
        if not (text.isascii() and text.isdigit() and len(text) < 10 and low <= int(text) <= high):
            raise ValueError
        return int(text)

    return read


def _query(text: str) -> str:
    if not 1 <= len(text) <= MAX_QUERY_LENGTH or "\x00" in text:
        raise ValueError
    return text


def one_of(name: str, description: str, *values: str) -> Parameter:
    """Return a parameter with the first of `values` as its default."""

    def read(text: str) -> str:
        return values[values.index(text)]

    schema = {"type": "string", "enum": list(values), "default": values[0]}
    return Parameter(name, description, schema, read, values[0])


def slug(name: str, description: str) -> Parameter:
    return Parameter(name, description, {"type": "string", "pattern": "^[-a-zA-Z0-9_]{1,120}$"}, _matching(_SLUG))


def number(name: str, description: str, low: int, high: int, default: object) -> Parameter:
    schema: JsonObject = {"type": "integer", "minimum": low, "maximum": high}
    if default is not None:
        schema["default"] = default
    return Parameter(name, description, schema, _number(low, high), default)


AFTER = Parameter(
    "after",
    "The cursor of the next page, from the address “next” of the page before.",
    {"type": "string", "pattern": "^[-a-zA-Z0-9_.]{0,64}$"},
    _matching(_CURSOR),
)
LIMIT = number("limit", "How many items a page has at most.", 1, MAX_SIZE, SIZE)
QUERY = Parameter(
    "q",
    "The words that a text must contain. The last one may be the beginning of a word.",
    {"type": "string", "minLength": 1, "maxLength": MAX_QUERY_LENGTH},
    _query,
)
