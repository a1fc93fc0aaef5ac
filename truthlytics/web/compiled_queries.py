"""QuerySets whose SQL is made once: those that pages ask again and again.

Building and compiling a small query costs three times what the database needs for it, a large one ten times; the rows
are the same.
"""

from collections.abc import Callable, Collection
from copy import copy
from datetime import datetime
from types import SimpleNamespace
from typing import Any

from django.db import DEFAULT_DB_ALIAS, connections
from django.db.models import Expression, Model, QuerySet
from django.db.models.query import ModelIterable


class QueryParameter(Expression):
    """Where a value will stand."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.name = name

    def as_sql(self, compiler: Any, connection: Any) -> Any:
        return "%s", [self]


class _Compiled:
    """A QuerySet's SQL for one kind of database. `connection` is the one of the thread that asks first."""

    def __init__(self, queryset: QuerySet[Any, Any], connection: Any) -> None:
        self.queryset = queryset
        self.compiler = queryset.query.get_compiler(connection=connection)
        self.sql, self.parameters = self.compiler.as_sql()
        self.converters = self.compiler.get_converters([column for column, _, _ in self.compiler.select])

    def values(self, given: dict[str, Any], connection: Any) -> tuple[Any, ...]:
        """What the database is given: each value where its slot stands."""
        adapt = connection.ops.adapt_datetimefield_value
        adapted = {name: adapt(one) if isinstance(one, datetime) else one for name, one in given.items()}
        return tuple([adapted[one.name] if isinstance(one, QueryParameter) else one for one in self.parameters])


class _Preparing:
    def __init__(self, make: Callable[..., QuerySet[Any, Any]], *names: str) -> None:
        self.make = make
        self.names = names
        self._compiled: dict[str, _Compiled] = {}

    def _bind(self, values: tuple[Any, ...]) -> tuple[_Compiled, tuple[Any, ...], Any]:
        # Asked for once: the name `connection` looks it up with each use.
        connection = connections[DEFAULT_DB_ALIAS]
        compiled = self._compiled.get(connection.vendor)
        if compiled is None:
            queryset = self.make(*(QueryParameter(name) for name in self.names))
            self._compiled[connection.vendor] = compiled = _Compiled(queryset, connection)
        return compiled, compiled.values(dict(zip(self.names, values, strict=True)), connection), connection


class CompiledQuery(_Preparing):
    """`make` builds the QuerySet from a `QueryParameter` for each of its values; calling it gives rows, as tuples.

    Values are numbers, text and aware datetimes that fit the columns they are compared with.
    """

    def __call__(self, *values: Any) -> list[tuple[Any, ...]]:
        compiled, given, connection = self._bind(values)
        with connection.cursor() as cursor:
            cursor.execute(compiled.sql, given)
            rows: list[tuple[Any, ...]] = cursor.fetchall()
        converters = compiled.converters
        return [_converted(row, converters, connection) for row in rows] if converters else rows


class CompiledObjectQuery[Row: Model](_Preparing):
    """As `CompiledQuery`, of a QuerySet of objects: with what it joins (`select_related`) and defers (`only`)."""

    def __call__(self, *values: Any) -> list[Row]:
        compiled, given, connection = self._bind(values)
        compiler = copy(compiled.compiler)
        compiler.connection = connection
        compiler.as_sql = lambda *_args, **_named: (compiled.sql, given)
        compiler.get_converters = lambda _columns: compiled.converters
        asked = SimpleNamespace(
            db=connection.alias,
            model=compiled.queryset.model,
            query=SimpleNamespace(get_compiler=lambda using: compiler),
            _known_related_objects={},
            _fetch_mode=compiled.queryset._fetch_mode,  # type: ignore[attr-defined]
        )
        return list(ModelIterable(asked))  # type: ignore[arg-type]


def filled_up(ids: Collection[int]) -> list[int]:
    """`ids`, one of them repeated until they are a power of two: so many is what a query for any number is made for."""
    given = list(ids)
    return given + given[-1:] * ((1 << (len(given) - 1).bit_length()) - len(given)) if given else []


def id_names(count: int) -> list[str]:
    """A name for each of so many ids."""
    return [f"id {number}" for number in range(count)]


def _converted(row: tuple[Any, ...], converters: dict[int, Any], connection: Any) -> tuple[Any, ...]:
    made = list(row)
    for index, (functions, column) in converters.items():
        for convert in functions:
            made[index] = convert(made[index], column, connection)
    return tuple(made)
