"""What both backends are asked, and what both say in SQL."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection


class TooLong(Exception):
    """The question was given up: it would have taken longer than anybody waits."""


@dataclass(slots=True)
class Asked:
    """Of each group one term, and every facet, between the keys `low` and `high`, served `now`."""

    groups: Sequence[Sequence[str]]
    facets: Sequence[str]
    low: int
    high: int
    now: datetime

    def values(self, **more: Any) -> dict[str, Any]:
        now = connection.ops.adapt_datetimefield_value(self.now)
        return {"low": self.low, "high": self.high, "now": now, **more}

    def together(self, quoted: Any, both: str, either: str) -> str:
        """The question in the words of a backend: `quoted` writes a term, `both` and `either` stand between them."""
        groups = [f"({either.join(map(quoted, group))})" for group in self.groups]
        return both.join([*groups, *map(quoted, self.facets)])


# As `EntryQuerySet.served`, for the line `e`.
SERVED = """
    e.published_at <= %(now)s AND e.served_from <= %(now)s AND (e.served_until IS NULL OR e.served_until > %(now)s)
    AND e.article_id NOT IN (SELECT id FROM articles_article WHERE withdrawn_at <= %(now)s)
"""


def rows(statement: str, values: dict[str, Any]) -> list[tuple[int, int]]:
    """(key, version) of each line found."""
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return [(row[0], row[1]) for row in cursor.fetchall()]


def run(statements: Iterable[str]) -> None:
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)
