"""Search in an FTS5 table without content. Its rowid is the key of the line: newest first is read, not sorted."""

import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from time import monotonic
from typing import Any

from django.db import OperationalError, connection

from articles.search.documents import Document
from articles.search.queries import SERVED, Asked, TooLong, rows, run

TIMEOUT = 2.0  # s
# Steps of the database’s machine between two looks at the clock: some tenths of a millisecond.
STEPS = 10_000

FOUND = f"""
    FROM articles_search CROSS JOIN articles_searchentry e ON e.id = articles_search.rowid
    WHERE articles_search MATCH %(match)s AND articles_search.rowid BETWEEN %(low)s AND %(high)s AND {SERVED}
    ORDER BY articles_search.rowid DESC
"""
NEWEST = f"SELECT e.id, e.version_id {FOUND} LIMIT %(size)s"
WEIGHTS = "bm25(articles_search, 10.0, 4.0, 1.0, 0.0)"
RANKED = f"""
    SELECT id, version_id FROM (
        SELECT e.id, e.version_id, {WEIGHTS} AS score {FOUND} LIMIT %(window)s
    ) ORDER BY score, id DESC LIMIT %(size)s OFFSET %(start)s
"""  # noqa: S608
# bm25 looks through all that hold a word to learn how many they are: dear for words that nearly all hold, and in vain.
RANKED_BY_SOME = f"""
    WITH found AS MATERIALIZED (SELECT e.id, e.version_id {FOUND} LIMIT %(window)s)
    SELECT found.id, found.version_id FROM articles_search CROSS JOIN found ON found.id = articles_search.rowid
    WHERE articles_search MATCH %(telling)s
    AND articles_search.rowid BETWEEN (SELECT min(id) FROM found) AND (SELECT max(id) FROM found)
    ORDER BY {WEIGHTS}, found.id DESC LIMIT %(size)s OFFSET %(start)s
"""  # noqa: S608
# How common a word is, is seen in so many of the newest pieces.
SAMPLE = 400
NEAR = """
    SELECT count(*), min(id) FROM (
        SELECT id FROM articles_searchentry WHERE id BETWEEN %s AND %s ORDER BY id DESC LIMIT %s
    )
"""
HOLDING = "SELECT count(*) FROM articles_search WHERE articles_search MATCH %s AND rowid BETWEEN %s AND %s"


@contextmanager
def limits() -> Iterator[None]:
    """Nothing within takes longer than the limit (TooLong): SQLite has none of its own, but asks now and then."""
    connection.ensure_connection()
    until = monotonic() + TIMEOUT
    connection.connection.set_progress_handler(lambda: monotonic() > until, STEPS)
    try:
        yield
    except OperationalError as error:
        if "interrupted" in str(error):
            raise TooLong from error
        raise
    finally:
        connection.connection.set_progress_handler(None, 0)


def write(made: Iterable[tuple[int, Document]]) -> None:
    rows: list[tuple[Any, ...]] = [
        (key, *(" ".join(column) for column in (one.head, one.names, one.body, one.facets))) for key, one in made
    ]
    with connection.cursor() as cursor:
        cursor.executemany("DELETE FROM articles_search WHERE rowid = %s", [row[:1] for row in rows])
        cursor.executemany(
            "INSERT INTO articles_search (rowid, head, names, body, facets) VALUES (%s, %s, %s, %s, %s)", rows
        )


def clear() -> None:
    """At once, not line by line."""
    if sqlite3.sqlite_version_info >= (3, 43):
        run(["INSERT INTO articles_search (articles_search) VALUES ('delete-all')"])


def newest(asked: Asked, *, size: int) -> list[tuple[int, int]]:
    return rows(NEWEST, asked.values(match=_match(asked), size=size))


def ranked(asked: Asked, *, window: int, start: int, size: int) -> list[tuple[int, int]]:
    values = asked.values(match=_match(asked), window=window, start=start, size=size)
    if telling := _telling(asked):
        return rows(RANKED_BY_SOME, values | {"telling": _match(telling)})
    return rows(RANKED, values)


def _telling(asked: Asked) -> Asked | None:
    """The words that tell which piece is best; None where that is all of them, or none.

    What more than half of all pieces hold counts for nothing in bm25. A narrowed list reaches too far back for this.
    """
    if len(asked.groups) < 2 or asked.facets:
        return None
    with connection.cursor() as cursor:
        size, first = cursor.execute(NEAR, [asked.low, asked.high, SAMPLE]).fetchone()
        telling = []
        for group in asked.groups:
            match = _match(replace(asked, groups=[group]))
            (count,) = cursor.execute(HOLDING, [match, first, asked.high]).fetchone()
            if 2 * count <= size:
                telling.append(group)
    return replace(asked, groups=telling) if 0 < len(telling) < len(asked.groups) else None


def wait_for_others() -> None:
    """A writer has the database to itself."""


def tidy() -> None:
    run(["INSERT INTO articles_search (articles_search) VALUES ('optimize')", "PRAGMA optimize=0x10002"])


def _match(asked: Asked) -> str:
    return asked.together(lambda term: f'"{term}"', " AND ", " OR ")
