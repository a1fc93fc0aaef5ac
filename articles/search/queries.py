"""Search queries and the SQL that both backends share."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection


class SearchTimeout(Exception):
    """The query was cancelled because it took too long."""


@dataclass(slots=True)
class SearchQuery:
    """Matches entries with one term of each group and every facet, between the keys `low` and `high`, served `now`."""

    groups: Sequence[Sequence[str]]
    facets: Sequence[str]
    low: int
    high: int
    now: datetime

    def parameters(self, **extra: object) -> dict[str, object]:
        now = connection.ops.adapt_datetimefield_value(self.now)
        return {"low": self.low, "high": self.high, "now": now, **extra}

    def expression(self, quote: Any, all_of: str, any_of: str) -> str:
        """Write the query in a backend's syntax: `quote` quotes a term, `all_of` and `any_of` are operators."""
        groups = [f"({any_of.join(map(quote, group))})" for group in self.groups]
        return all_of.join([*groups, *map(quote, self.facets)])


# The same condition as `EntryQuerySet.served`, for the entry `e`.
SERVED = """
    e.published_at <= %(now)s AND e.served_from <= %(now)s AND (e.served_until IS NULL OR e.served_until > %(now)s)
    AND e.article_id NOT IN (SELECT id FROM articles_article WHERE withdrawn_at <= %(now)s)
"""


def fetch(sql: str, parameters: dict[str, Any]) -> list[tuple[int, int]]:
    """Return the (key, version) pairs of the entries found."""
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        return [(row[0], row[1]) for row in cursor.fetchall()]


def execute(statements: Iterable[str]) -> None:
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)
