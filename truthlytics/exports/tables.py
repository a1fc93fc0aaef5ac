"""A table of the database as a file of JSON Lines: one row per line, with its columns under their names."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import batched
from typing import Any

from django.db import models

from truthlytics.exports.values import ExportError, Field, complete, default_of, from_json, missing_value, to_json
from truthlytics.web.types import AnyRows, Content, JsonObject

BATCH = 500
# The kinds of fields that are not columns, with the Python types of their values.
TEXT, FLAG, KEY_OR_NULL = "a text", "true or false", "a whole number or null"
EXTRA_KINDS: dict[str, set[type]] = {TEXT: {str}, FLAG: {bool}, KEY_OR_NULL: {int, type(None)}}
# What they are in entries that were exported before they existed.
EXTRA_DEFAULTS: dict[str, Any] = {TEXT: "", FLAG: False, KEY_OR_NULL: None}
Entry = JsonObject
Columns = dict[str, Any]


@dataclass(frozen=True)
class Context:
    """When the export is made, and whether it has readers."""

    now: datetime
    has_readers: bool = False


@dataclass(frozen=True)
class Children:
    """Rows of another table that an entry has as a list in its field `name`; with one column, a list of its values.

    `parent` is the foreign key to the row of the entry. Rows with a `position` get it from their place in the list.
    """

    name: str
    model: type[models.Model]
    parent: str
    columns: tuple[str, ...]
    order: tuple[str, ...] = ("position", "pk")
    has_position: bool = True

    @property
    def fields(self) -> list[Field]:
        return [concrete_field(self.model, name) for name in self.columns]

    def lists(self, keys: Sequence[int]) -> Mapping[int, list[object]]:
        """Return the lists by the primary key of the row that they belong to."""
        rows = self.model._default_manager.filter(**{f"{self.parent}__in": keys}).order_by(self.parent, *self.order)
        found: dict[int, list[object]] = defaultdict(list)
        for key, *values in rows.values_list(self.parent, *self.columns):
            json = [to_json(value) for value in values]
            found[key].append(json[0] if len(json) == 1 else dict(zip(self.columns, json, strict=True)))
        return found

    def rows(self, key: int, items: Any) -> Iterator[list[Any]]:
        """Yield the values of `inserted` for each item of the list. Raises ValueError with what is wrong."""
        if not isinstance(items, list):
            raise ValueError("is not a list")
        for position, item in enumerate(items):
            values = {self.columns[0]: item} if len(self.columns) == 1 else complete(item, self.columns, self._missing)
            row = [from_json(column, values[column.name]) for column in self.fields]
            yield [key, *row, *([position] if self.has_position else [])]

    def _missing(self, name: str) -> object:
        return missing_value(concrete_field(self.model, name))

    def unknown(self, items: list[Any]) -> Iterator[str]:
        """Yield the fields of `items`, such as `entries.date`, that `rows` does not read."""
        if len(self.columns) > 1:
            for item in items:
                yield from (f"{self.name}.{name}" for name in item.keys() - set(self.columns))

    @property
    def inserted(self) -> list[Field]:
        names = [self.parent, *self.columns, *(["position"] if self.has_position else [])]
        return [concrete_field(self.model, name) for name in names]


@dataclass(frozen=True)
class Table:
    """The rows of `model` in the file `name`.jsonl, ordered by primary key.

    `left_out` are the columns that are not exported, with the reason. Subclasses add fields of their own (`extra`, with
    their kinds), change entries before they are written, and set columns that the file does not have.
    """

    name: str
    model: type[models.Model]
    left_out: Mapping[str, str] = field(default_factory=dict)
    children: tuple[Children, ...] = ()
    extra: Mapping[str, str] = field(default_factory=dict)
    for_readers: bool = False
    # Whether it is imported again, or only for others to read.
    is_imported: bool = True

    @property
    def file(self) -> str:
        return f"{self.name}.jsonl"

    @property
    def columns(self) -> list[Field]:
        every = self.model._meta.concrete_fields
        return [column for column in every if not column.generated and column.name not in self.left_out]

    @property
    def names(self) -> list[str]:
        """The names of all fields of an entry, in their order."""
        lists = [children.name for children in self.children]
        return [column.name for column in self.columns] + [*self.extra] + lists

    # --- Writing ------------------------------------------------------------------------------------
    def rows(self, context: Context) -> AnyRows:
        """Return the rows that are exported."""
        return self.model._default_manager.all()

    def more_columns(self) -> tuple[str, ...]:
        """Return what `finish` needs beside the columns."""
        return ()

    def finish(self, entry: Entry, row: Content, context: Context) -> None:
        """Change `entry`, which is written for `row`."""

    def entries(self, context: Context) -> Iterator[Entry]:
        names = [column.name for column in self.columns]
        rows = self.rows(context).order_by("pk").values(*names, *self.more_columns()).iterator(BATCH)
        for batch in batched(rows, BATCH):
            keys = [row[self.key] for row in batch]
            lists = {children.name: children.lists(keys) for children in self.children}
            for row in batch:
                entry = {name: to_json(row[name]) for name in names}
                entry |= dict.fromkeys(self.extra)
                entry |= {name: found.get(row[self.key], []) for name, found in lists.items()}
                self.finish(entry, row, context)
                yield entry

    @property
    def key(self) -> str:
        return str(self.model._meta.pk.name)

    # --- Reading ------------------------------------------------------------------------------------
    @property
    def inserted(self) -> list[Field]:
        """The columns of a new row."""
        return [column for column in self.model._meta.concrete_fields if not column.generated]

    def unnamed_columns(self, entry: Entry) -> Columns:
        """Return the values of columns that the file has under other names, or not at all. Raises ValueError."""
        return {}

    def values(self, entry: Any, number: int) -> list[Any]:
        """Return the values of `inserted` for the entry in line `number`. Raises ExportError."""
        try:
            values = complete(entry, self.names, self.missing)
        except ValueError as error:
            raise ExportError(f"Line {number} of {self.file} {error}.") from error
        row: Columns = {}
        name = ""
        try:
            for column in self.columns:
                name = column.name
                row[name] = from_json(column, values[name])
            for name, kind in self.extra.items():
                if type(values[name]) not in EXTRA_KINDS[kind]:
                    raise ValueError(f"is not {kind}")
            row |= self.unnamed_columns(values)
        except ValueError as error:
            raise ExportError(f"“{name}” in line {number} of {self.file} {error}.") from error
        return [row[column.name] if column.name in row else default_of(column) for column in self.inserted]

    def missing(self, name: str) -> Any:
        """Return what the field `name` has in entries that were exported before it existed. Raises ValueError."""
        if name in self.extra:
            return EXTRA_DEFAULTS[self.extra[name]]
        if any(children.name == name for children in self.children):
            return []
        return missing_value(concrete_field(self.model, name))

    def unknown(self, entry: Entry) -> Iterator[str]:
        """Yield the fields of `entry`, and those of the items of its lists, that are not read."""
        yield from entry.keys() - set(self.names)
        for children in self.children:
            yield from children.unknown(entry.get(children.name, []))


def concrete_field(model: type[models.Model], name: str) -> Field:
    found = model._meta.get_field(name)
    assert isinstance(found, models.Field)  # noqa: S101
    return found
