"""The SQLite search backend: a contentless FTS5 table.

Its rowid is the key of the search entry, so the newest results are read in order instead of being sorted.
"""

import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from time import monotonic

from django.db import OperationalError, connection

from articles.search.documents import SearchDocument
from articles.search.queries import SERVED, SearchQuery, SearchTimeout, execute, fetch

TIMEOUT = 2.0  # s
# SQLite virtual machine instructions between two checks of the timeout: some tenths of a millisecond.
PROGRESS_STEPS = 10_000

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
# bm25 reads every row with a term to count them, which is slow for very common terms and does not affect the ranking.
RANKED_BY_RARE_TERMS = f"""
    WITH found AS MATERIALIZED (SELECT e.id, e.version_id {FOUND} LIMIT %(window)s)
    SELECT found.id, found.version_id FROM articles_search CROSS JOIN found ON found.id = articles_search.rowid
    WHERE articles_search MATCH %(rare_terms)s
    AND articles_search.rowid BETWEEN (SELECT min(id) FROM found) AND (SELECT max(id) FROM found)
    ORDER BY {WEIGHTS}, found.id DESC LIMIT %(size)s OFFSET %(start)s
"""  # noqa: S608
# The number of newest entries in which the frequency of a term is measured.
SAMPLE_SIZE = 400
SAMPLE = """
    SELECT count(*), min(id) FROM (
        SELECT id FROM articles_searchentry WHERE id BETWEEN %s AND %s ORDER BY id DESC LIMIT %s
    )
"""
COUNT_IN_SAMPLE = "SELECT count(*) FROM articles_search WHERE articles_search MATCH %s AND rowid BETWEEN %s AND %s"


@contextmanager
def query_limits() -> Iterator[None]:
    """Raise SearchTimeout if queries take longer than TIMEOUT. SQLite has no timeout, but a progress handler."""
    with connection.cursor() as cursor:
        database = cursor.connection
    deadline = monotonic() + TIMEOUT
    database.set_progress_handler(lambda: monotonic() > deadline, PROGRESS_STEPS)
    try:
        yield
    except OperationalError as error:
        if "interrupted" in str(error):
            raise SearchTimeout from error
        raise
    finally:
        database.set_progress_handler(None, 0)


def write(documents: Iterable[tuple[int, SearchDocument]]) -> None:
    rows: list[tuple[int | str, ...]] = [
        (key, *(" ".join(terms) for terms in (document.head, document.names, document.body, document.facets)))
        for key, document in documents
    ]
    with connection.cursor() as cursor:
        cursor.executemany("DELETE FROM articles_search WHERE rowid = %s", [row[:1] for row in rows])
        cursor.executemany(
            "INSERT INTO articles_search (rowid, head, names, body, facets) VALUES (%s, %s, %s, %s, %s)", rows
        )


def clear() -> None:
    """Delete all rows at once. Older SQLite versions leave it to the trigger on the search entries."""
    if sqlite3.sqlite_version_info >= (3, 43):
        execute(["INSERT INTO articles_search (articles_search) VALUES ('delete-all')"])


def newest(query: SearchQuery, *, size: int) -> list[tuple[int, int]]:
    return fetch(NEWEST, query.parameters(match=_match(query), size=size))


def ranked(query: SearchQuery, *, window: int, start: int, size: int) -> list[tuple[int, int]]:
    parameters = query.parameters(match=_match(query), window=window, start=start, size=size)
    if rare_terms := _rare_terms(query):
        return fetch(RANKED_BY_RARE_TERMS, parameters | {"rare_terms": _match(rare_terms)})
    return fetch(RANKED, parameters)


def _rare_terms(query: SearchQuery) -> SearchQuery | None:
    """Return `query` without terms in more than half of all articles, which bm25 does not weigh.

    None if that would leave all of its terms, or none. Also None for filtered queries: their results may be much
    older than the sample.
    """
    if len(query.groups) < 2 or query.facets:
        return None
    with connection.cursor() as cursor:
        size, first = cursor.execute(SAMPLE, [query.low, query.high, SAMPLE_SIZE]).fetchone()
        rare = []
        for group in query.groups:
            match = _match(replace(query, groups=[group]))
            (count,) = cursor.execute(COUNT_IN_SAMPLE, [match, first, query.high]).fetchone()
            if 2 * count <= size:
                rare.append(group)
    return replace(query, groups=rare) if 0 < len(rare) < len(query.groups) else None


def lock_words() -> None:
    """SQLite has a single writer: nothing to lock."""


def optimise() -> None:
    execute(["INSERT INTO articles_search (articles_search) VALUES ('optimize')", "PRAGMA optimize=0x10002"])


def _match(query: SearchQuery) -> str:
    return query.expression(lambda term: f'"{term}"', " AND ", " OR ")
