"""The PostgreSQL search backend: a tsvector column of our own terms with a GIN index.

Each query is bounded in two ways: it first filters the newest entries one by one, which is enough for a common word;
only if that finds too little does it use the index, which is fast for any other word.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from django.db import OperationalError, connection, transaction

from articles.search.documents import SearchDocument
from articles.search.queries import SERVED, SearchQuery, SearchTimeout, execute, fetch

TIMEOUT = "2000"  # ms
QUERY_CANCELED = "57014"
NEAR = 300
# If one in COMMON of the PROBE newest entries matches, so many times as many entries are filtered as are ranked: at
# most 13 ms. The index of 200,000 entries then returns at most 33,000, which takes as long.
PROBE, COMMON = 100, 6
# How many completions of the last word affect the ranking: each is looked up in every entry.
MAX_RANKED_COMPLETIONS = 8
# How many occurrences affect the ranking. Positions are not used.
MAX_OCCURRENCES = 8

# `id + 0` prevents an index scan by key, which would read the terms of every entry to find a rare word.
FOUND = f"""
    WITH probe AS MATERIALIZED (
        SELECT count(e.id) AS hits FROM (
            SELECT * FROM articles_searchentry WHERE id BETWEEN %(low)s AND %(high)s ORDER BY id DESC LIMIT %(probe)s
        ) e WHERE e.terms @@ %(match)s::tsquery
    ), near AS MATERIALIZED (
        SELECT e.id, e.version_id, e.terms FROM (
            SELECT * FROM articles_searchentry WHERE id BETWEEN %(low)s AND %(high)s ORDER BY id DESC LIMIT %(near)s
        ) e WHERE (SELECT hits FROM probe) >= %(common)s AND e.terms @@ %(match)s::tsquery AND {SERVED}
        ORDER BY e.id DESC LIMIT %(limit)s
    ), far AS MATERIALIZED (
        SELECT e.id, e.version_id, e.terms FROM articles_searchentry e
        WHERE (SELECT count(*) FROM near) < %(limit)s AND e.terms @@ %(match)s::tsquery
        AND e.id + 0 BETWEEN %(low)s AND %(high)s AND {SERVED} ORDER BY e.id + 0 DESC LIMIT %(limit)s
    ), found AS (
        SELECT * FROM far UNION ALL SELECT * FROM near WHERE (SELECT count(*) FROM near) >= %(limit)s
    )
"""  # noqa: S608
NEWEST = f"{FOUND} SELECT id, version_id FROM found ORDER BY id DESC"  # noqa: S608
RANKED = f"""
    {FOUND} SELECT id, version_id FROM found
    ORDER BY ts_rank('{{0, 0.1, 0.4, 1.0}}', terms, %(any)s::tsquery) DESC, id DESC LIMIT %(size)s OFFSET %(start)s
"""  # noqa: S608


@contextmanager
def query_limits() -> Iterator[None]:
    """Prevent sequential scans, and raise SearchTimeout if queries take longer than TIMEOUT."""
    settings = ("statement_timeout", TIMEOUT), ("enable_seqscan", "off"), ("jit", "off")
    try:
        with transaction.atomic():
            execute(["SELECT " + ", ".join(f"set_config('{name}', '{value}', true)" for name, value in settings)])
            yield
    except OperationalError as error:
        if getattr(error.__cause__, "pgcode", "") == QUERY_CANCELED:
            raise SearchTimeout from error
        raise


def write(documents: Iterable[tuple[int, SearchDocument]]) -> None:
    documents = list(documents)
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE articles_searchentry e SET terms = made.terms::tsvector"
            " FROM unnest(%s::bigint[], %s::text[]) AS made (id, terms) WHERE e.id = made.id",
            [[key for key, _ in documents], [to_tsvector(document) for _, document in documents]],
        )


def clear() -> None:
    """Nothing to do: the terms are deleted with the search entries."""


def newest(query: SearchQuery, *, size: int) -> list[tuple[int, int]]:
    return _fetch(NEWEST, query, probe=0, common=0, near=NEAR, limit=size)


def ranked(query: SearchQuery, *, window: int, start: int, size: int) -> list[tuple[int, int]]:
    any_term = " | ".join(_quote(term) for group in query.groups for term in group[:MAX_RANKED_COMPLETIONS])
    bounds = {"probe": PROBE, "common": PROBE // COMMON, "near": COMMON * window + NEAR, "limit": window}
    return _fetch(RANKED, query, **bounds, any=any_term, start=start, size=size)


def lock_words() -> None:
    """Allow one writer of words at a time: two that write the same words in a different order would deadlock."""
    execute(["SELECT pg_advisory_xact_lock(hashtext('articles_searchword'))"])


def optimise() -> None:
    execute(["ANALYZE articles_searchentry", "ANALYZE articles_searchword"])


def _fetch(sql: str, query: SearchQuery, **parameters: object) -> list[tuple[int, int]]:
    return fetch(sql, query.parameters(match=query.expression(_quote, " & ", " | "), **parameters))


def to_tsvector(document: SearchDocument) -> str:
    occurrences: dict[str, list[str]] = defaultdict(list)
    weighted = (("A", document.head), ("B", document.names), ("C", document.body), ("D", document.facets))
    for weight, terms in weighted:
        for term in terms:
            if len(occurrences[term]) < MAX_OCCURRENCES:
                occurrences[term].append(f"{len(occurrences[term]) + 1}{weight}")
    return " ".join(f"{_quote(term)}:{','.join(places)}" for term, places in occurrences.items())


def _quote(term: str) -> str:
    return f"'{term}'"
