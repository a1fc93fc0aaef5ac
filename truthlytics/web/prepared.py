"""QuerySets whose SQL is made once: the few that every request of a reader who is logged in asks.

Building and compiling a small query costs three times what the database needs for it; the rows are the same.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.db import connection
from django.db.models import Expression, QuerySet


class Slot(Expression):
    """Where a value will stand."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.name = name

    def as_sql(self, compiler: Any, connection: Any) -> Any:
        return "%s", [self]


class Prepared:
    """`make` builds the QuerySet from a `Slot` for each of its values; calling it gives rows, as tuples.

    Values are numbers, text and aware datetimes that fit the columns they are compared with.
    """

    def __init__(self, make: Callable[..., QuerySet[Any, Any]], *names: str) -> None:
        self.make = make
        self.names = names
        self._compiled: dict[str, tuple[str, tuple[Any, ...], dict[int, Any]]] = {}

    def __call__(self, *values: Any) -> list[tuple[Any, ...]]:
        sql, parameters, converters = self._compiled.get(connection.vendor) or self._compile()
        given = dict(zip(self.names, values, strict=True))
        with connection.cursor() as cursor:
            cursor.execute(sql, [_adapted(given[one.name]) if isinstance(one, Slot) else one for one in parameters])
            rows = cursor.fetchall()
        return [_converted(row, converters) for row in rows] if converters else rows

    def _compile(self) -> tuple[str, tuple[Any, ...], dict[int, Any]]:
        compiler = self.make(*(Slot(name) for name in self.names)).query.get_compiler(connection=connection)
        sql, parameters = compiler.as_sql()
        converters = compiler.get_converters([column for column, _, _ in compiler.select])
        self._compiled[connection.vendor] = made = sql, tuple(parameters), converters
        return made


def _adapted(value: Any) -> Any:
    return connection.ops.adapt_datetimefield_value(value) if isinstance(value, datetime) else value


def _converted(row: tuple[Any, ...], converters: dict[int, Any]) -> tuple[Any, ...]:
    made = list(row)
    for index, (functions, column) in converters.items():
        for convert in functions:
            made[index] = convert(made[index], column, connection)
    return tuple(made)
