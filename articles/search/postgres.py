"""Search in a column of tsvector with a GIN index, made of our own terms.

Each question is bounded twice: the newest lines are looked through one by one, which is enough for a common word;
only where that finds too little the index is read, which is quick for any other.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from django.db import OperationalError, connection, transaction

from articles.search.documents import Document
from articles.search.queries import SERVED, Asked, TooLong, rows, run

TIMEOUT = "2000"  # ms
CANCELLED = "57014"
NEAR = 300
# Of the newest so many, nine in ten must hold a word before as many lines are looked through as are ranked.
PROBE = 100
# Of the words that begin as the last one does, so many count for the rank: each is looked for in every line.
RANKED_ENDINGS = 8
# Occurrences that count for the rank; positions are not asked for.
MOST = 8

# `id + 0`: never along the key, which would read every line's terms to find a rare word.
FOUND = f"""
    WITH probe AS MATERIALIZED (
        SELECT count(e.id) AS hits FROM (
            SELECT * FROM articles_searchentry WHERE id BETWEEN %(low)s AND %(high)s ORDER BY id DESC LIMIT %(probe)s
        ) e WHERE e.terms @@ %(match)s::tsquery
    ), near AS MATERIALIZED (
        SELECT e.id, e.version_id, e.terms FROM (
            SELECT * FROM articles_searchentry WHERE id BETWEEN %(low)s AND %(high)s ORDER BY id DESC LIMIT %(near)s
        ) e WHERE (SELECT hits FROM probe) >= %(common)s AND e.terms @@ %(match)s::tsquery AND {SERVED}
        ORDER BY e.id DESC LIMIT %(most)s
    ), far AS MATERIALIZED (
        SELECT e.id, e.version_id, e.terms FROM articles_searchentry e
        WHERE (SELECT count(*) FROM near) < %(most)s AND e.terms @@ %(match)s::tsquery
        AND e.id + 0 BETWEEN %(low)s AND %(high)s AND {SERVED} ORDER BY e.id + 0 DESC LIMIT %(most)s
    ), found AS (
        SELECT * FROM far UNION ALL SELECT * FROM near WHERE (SELECT count(*) FROM near) >= %(most)s
    )
"""  # noqa: S608
NEWEST = f"{FOUND} SELECT id, version_id FROM found ORDER BY id DESC"  # noqa: S608
RANKED = f"""
    {FOUND} SELECT id, version_id FROM found
    ORDER BY ts_rank('{{0, 0.1, 0.4, 1.0}}', terms, %(any)s::tsquery) DESC, id DESC LIMIT %(size)s OFFSET %(start)s
"""  # noqa: S608


@contextmanager
def limits() -> Iterator[None]:
    """Nothing within goes through a whole table, or takes longer than the limit (TooLong)."""
    settings = ("statement_timeout", TIMEOUT), ("enable_seqscan", "off"), ("jit", "off")
    try:
        with transaction.atomic():
            run(["SELECT " + ", ".join(f"set_config('{name}', '{value}', true)" for name, value in settings)])
            yield
    except OperationalError as error:
        if getattr(error.__cause__, "pgcode", "") == CANCELLED:
            raise TooLong from error
        raise


def write(made: Iterable[tuple[int, Document]]) -> None:
    made = list(made)
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE articles_searchentry e SET terms = made.terms::tsvector"
            " FROM unnest(%s::bigint[], %s::text[]) AS made (id, terms) WHERE e.id = made.id",
            [[key for key, _ in made], [vector(one) for _, one in made]],
        )


def clear() -> None:
    """The lines hold all."""


def newest(asked: Asked, *, size: int) -> list[tuple[int, int]]:
    return _rows(NEWEST, asked, probe=0, common=0, near=NEAR, most=size)


def ranked(asked: Asked, *, window: int, start: int, size: int) -> list[tuple[int, int]]:
    either = " | ".join(_quoted(term) for group in asked.groups for term in group[:RANKED_ENDINGS])
    limits = {"probe": PROBE, "common": PROBE * 9 // 10, "near": window + NEAR, "most": window}
    return _rows(RANKED, asked, **limits, any=either, start=start, size=size)


def wait_for_others() -> None:
    """One writer of words at a time: two that learn the same words in turn would wait for each other."""
    run(["SELECT pg_advisory_xact_lock(hashtext('articles_searchword'))"])


def tidy() -> None:
    run(["ANALYZE articles_searchentry", "ANALYZE articles_searchword"])


def _rows(statement: str, asked: Asked, **values: Any) -> list[tuple[int, int]]:
    return rows(statement, asked.values(match=asked.together(_quoted, " & ", " | "), **values))


def vector(made: Document) -> str:
    found: dict[str, list[str]] = defaultdict(list)
    for weight, column in (("A", made.head), ("B", made.names), ("C", made.body), ("D", made.facets)):
        for term in column:
            if len(found[term]) < MOST:
                found[term].append(f"{len(found[term]) + 1}{weight}")
    return " ".join(f"{_quoted(term)}:{','.join(places)}" for term, places in found.items())


def _quoted(term: str) -> str:
    return f"'{term}'"
