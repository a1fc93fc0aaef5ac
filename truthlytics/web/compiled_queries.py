"""QuerySets compiled to SQL once per process, for the queries that every page view repeats.

Building and compiling a small QuerySet takes Django three to ten times as long as the database takes to answer it.
`CompiledQuery` and `CompiledObjectQuery` keep the SQL and bind new values on each call:

    published = CompiledObjectQuery(lambda slug, now: Article.objects.published(now).filter(slug=slug), "slug", "now")
    articles = published("a-slug", timezone.now())

This relies on details of the ORM that a Django release may change. The first call therefore compares the SQL with what
the ORM generates for the same values. If they differ, or compiling fails, the query logs a warning and runs through the
ORM from then on: slower, with the same rows.
"""

import logging
from collections.abc import Callable, Collection, Iterable
from copy import copy
from datetime import datetime
from types import SimpleNamespace
from typing import Any
from weakref import WeakSet

from django.db import DEFAULT_DB_ALIAS, Error, connections
from django.db.models import Expression, Model, QuerySet
from django.db.models.query import ModelIterable

logger = logging.getLogger(__name__)


class QueryParameter(Expression):
    """A placeholder for a value that is passed to each call."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.name = name

    def as_sql(self, compiler: Any, connection: Any) -> Any:
        return "%s", [self]


class _Statement:
    """The SQL of a QuerySet for one database vendor."""

    def __init__(self, queryset: QuerySet[Any, Any], connection: Any) -> None:
        self.queryset = queryset
        self.compiler = queryset.query.get_compiler(connection=connection)
        self.sql, self.params = self.compiler.as_sql()
        self.converters = self.compiler.get_converters([column for column, _, _ in self.compiler.select])

    def bind(self, values: dict[str, Any], connection: Any) -> tuple[Any, ...]:
        """Return the parameters with each placeholder replaced by its value."""
        adapt = connection.ops.adapt_datetimefield_value
        adapted = {name: adapt(value) if isinstance(value, datetime) else value for name, value in values.items()}
        return tuple([adapted[param.name] if isinstance(param, QueryParameter) else param for param in self.params])


class _Compiled[Row]:
    """`build` returns the QuerySet for the values called `names`; it is called with a placeholder for each.

    Values are numbers, strings and aware datetimes that fit the columns they are compared with.
    """

    instances: "WeakSet[_Compiled[Any]]" = WeakSet()

    def __init__(self, build: Callable[..., QuerySet[Any, Any]], *names: str) -> None:
        self.build = build
        self.names = names
        # By database vendor; None where the query runs through the ORM.
        self.statements: dict[str, _Statement | None] = {}
        self.instances.add(self)

    def __call__(self, *values: Any) -> list[Row]:
        connection = connections[DEFAULT_DB_ALIAS]
        try:
            statement = self.statements[connection.vendor]
        except KeyError:
            return self._compile_and_fetch(values, connection)
        if statement is None:
            return list(self.build(*values))
        return self._fetch(statement, self._bind(statement, values, connection), connection)

    def _compile_and_fetch(self, values: tuple[Any, ...], connection: Any) -> list[Row]:
        statement: _Statement | None
        try:
            statement = _Statement(self.build(*map(QueryParameter, self.names)), connection)
            self._check(statement, _without_duplicates(values), connection)
            rows = self._fetch(statement, self._bind(statement, values, connection), connection)
        except Error:
            raise
        except Exception:
            logger.warning("A query cannot be compiled and runs through the ORM: %s", self.build, exc_info=True)
            statement, rows = None, list(self.build(*values))
        self.statements[connection.vendor] = statement
        return rows

    def _check(self, statement: _Statement, values: tuple[Any, ...], connection: Any) -> None:
        """Raise ValueError unless the ORM generates the same SQL and parameters for `values`."""
        sql, params = self.build(*values).query.get_compiler(connection=connection).as_sql()
        compiled = _normalise(statement.sql), self._bind(statement, values, connection)
        if compiled != (_normalise(sql), tuple(params)):
            raise ValueError(f"{compiled} differs from what the ORM generates: {sql} {tuple(params)}")

    def _bind(self, statement: _Statement, values: tuple[Any, ...], connection: Any) -> tuple[Any, ...]:
        return statement.bind(dict(zip(self.names, values, strict=True)), connection)

    def _fetch(self, statement: _Statement, params: tuple[Any, ...], connection: Any) -> list[Row]:
        raise NotImplementedError


class CompiledQuery(_Compiled[tuple[Any, ...]]):
    """For a `values_list` QuerySet: calling it returns rows as tuples."""

    def _fetch(self, statement: _Statement, params: tuple[Any, ...], connection: Any) -> list[tuple[Any, ...]]:
        with connection.cursor() as cursor:
            cursor.execute(statement.sql, params)
            rows: list[tuple[Any, ...]] = cursor.fetchall()
        return list(_convert(rows, statement.converters, connection)) if statement.converters else rows


class CompiledObjectQuery[Row: Model](_Compiled[Row]):
    """For a QuerySet of model objects, with its `select_related`, `only` and annotations."""

    def _fetch(self, statement: _Statement, params: tuple[Any, ...], connection: Any) -> list[Row]:
        compiler = copy(statement.compiler)
        compiler.connection = connection
        compiler.as_sql = lambda *args, **kwargs: (statement.sql, params)
        compiler.get_converters = lambda expressions: statement.converters
        queryset = SimpleNamespace(
            db=connection.alias,
            model=statement.queryset.model,
            query=SimpleNamespace(get_compiler=lambda using: compiler),
            _known_related_objects={},
            _fetch_mode=statement.queryset._fetch_mode,  # type: ignore[attr-defined]
        )
        return list(ModelIterable(queryset))  # type: ignore[arg-type]


def pad_ids(ids: Collection[int]) -> list[int]:
    """Return `ids` with the last one repeated up to a power of two, so that few lengths need a query of their own."""
    padded = list(ids)
    return padded + padded[-1:] * ((1 << (len(padded) - 1).bit_length()) - len(padded)) if padded else []


def id_names(count: int) -> list[str]:
    return [f"id {number}" for number in range(count)]


def _normalise(sql: str) -> str:
    """The ORM adds parentheses around expressions, and so around parameters."""
    return sql.replace("(%s)", "%s")


def _without_duplicates(values: tuple[Any, ...]) -> tuple[Any, ...]:
    """Replace repeated ids and slugs by others, because the ORM removes duplicates from IN lists."""
    unique: list[Any] = []
    for value in values:
        if isinstance(value, int) and value in unique:
            value = max(other for other in unique if isinstance(other, int)) + 1
        elif isinstance(value, str) and value in unique:
            value = max((other for other in unique if isinstance(other, str)), key=len) + "x"
        unique.append(value)
    return tuple(unique)


def _convert(rows: Iterable[tuple[Any, ...]], converters: dict[int, Any], connection: Any) -> Iterable[tuple[Any, ...]]:
    for row in rows:
        converted = list(row)
        for index, (functions, expression) in converters.items():
            for convert in functions:
                converted[index] = convert(converted[index], expression, connection)
        yield tuple(converted)
