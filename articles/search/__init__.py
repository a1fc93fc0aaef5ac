"""Full-text search. `index` and its siblings maintain the index; `find` and `suggest` query it.

There is one backend per database. Results reflect what is served at the given time, without any scheduled job.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from difflib import get_close_matches

from django.db.models import Q
from django.db.models.functions import Length
from django.http import Http404
from django.utils import timezone

from articles.access import Level
from articles.models import SearchEntry, SearchWord
from articles.models.search import LAST_VERSION
from articles.search.documents import WORD, facet_term, level_term, parse_query, term_of
from articles.search.indexing import backend, clear, index, index_many, optimise, reindex
from articles.search.queries import SearchQuery, SearchTimeout

SIZE = 20
# "Best match" ranks the newest results only, which limits the cost of common words.
RANKING_WINDOW = 500
MAX_COMPLETIONS = 40
# A shorter word that is in the index is not completed: "war" should not match "warning".
MIN_COMPLETED_LENGTH = 5
MAX_CANDIDATES = 3000
MAX_CORRECTIONS = 2


@dataclass(frozen=True, slots=True)
class SearchFilters:
    """Slugs of a section and an author, a kind and a year. Empty values do not filter."""

    section: str = ""
    author: str = ""
    kind: str = ""
    year: int | None = None


@dataclass(frozen=True, slots=True)
class SearchResults:
    """`versions` are ids in order; `after` is the cursor of the next page, or "" on the last one.

    `terms` are the terms that matched; `unknown` are the words of the query that are not in the index.
    """

    versions: list[int]
    after: str
    terms: Collection[str] = ()
    unknown: Collection[str] = ()


def find(
    text: str, *, level: int, filters: SearchFilters | None = None, best: bool = False, after: str = "",
    now: datetime | None = None, size: int = SIZE,
) -> SearchResults:  # fmt: skip
    """Return one page of the versions served at `now` that contain every word of `text`, for a reader of `level`.

    Newest first, or with `best` the newest 500 by relevance. The last word matches as a prefix. There are no
    operators in `text`. Raises Http404 for an invalid cursor and SearchTimeout if the query takes too long.
    """
    with backend().query_limits():
        return _find(text, level, filters or SearchFilters(), best, after, now or timezone.now(), size)


def _find(
    text: str, level: int, filters: SearchFilters, best: bool, after: str, now: datetime, size: int
) -> SearchResults:
    words, last = parse_query(text)
    groups = _matching_terms(words, last, level, now)
    unknown = [word for word, terms in zip(words, groups, strict=True) if not terms]
    if not words or unknown:
        return SearchResults([], "", (), unknown)
    low, high = _key_range(filters.year, now)
    term_groups = [[level_term(*pair) for pair in group] for group in groups]
    query = SearchQuery(term_groups, _facet_terms(filters), low, high, now)
    matched = {term for group in groups for _, term in group}
    if best:
        start = _decode_offset(after)
        rows = backend().ranked(query, window=RANKING_WINDOW, start=start, size=size + 1)
        cursor = f"{start + size:x}"
    else:
        query.high = min(high, _decode_key(after)) if after else high
        rows = backend().newest(query, size=size + 1)
        cursor = f"{rows[size - 1][0] + 2**63:x}" if len(rows) > size else ""
    return SearchResults([version for _, version in rows[:size]], cursor if len(rows) > size else "", matched)


def suggest(text: str, unknown: Collection[str], *, now: datetime | None = None) -> str:
    """Return `text` with its `unknown` words corrected if that has results, else "".

    Suggests words of free text only, even to subscribers. Raises SearchTimeout.
    """
    now = now or timezone.now()
    misspelt = [word for word in unknown if len(word) > 2][:MAX_CORRECTIONS]
    if not misspelt or len(misspelt) < len(unknown):
        return ""
    similar = Q()
    for word in misspelt:
        similar |= _starts_with(word[0]) & Q(length__range=(len(word) - 1, len(word) + 1))
    candidates = SearchWord.objects.annotate(length=Length("term")).filter(
        similar, level=Level.EVERYONE, since__lte=now
    )
    with backend().query_limits():
        words = dict(candidates.values_list("term", "word")[:MAX_CANDIDATES])
    corrections = {word: words[term] for word in misspelt for term in get_close_matches(word, words, n=1, cutoff=0.75)}
    if len(corrections) < len(misspelt):
        return ""
    corrected = WORD.sub(lambda match: corrections.get(term_of(match[0]), match[0]), text)
    return corrected if find(corrected, level=Level.EVERYONE, now=now, size=1).versions else ""


def _matching_terms(words: Sequence[str], last: str, level: int, now: datetime) -> list[list[tuple[int, str]]]:
    """Return for each word the (level, term) pairs in the index that match it. One query."""
    if not words:
        return []
    known = _known_terms(words, last, [value for value in Level.values if value <= level], now)
    groups = [[pair for pair in known if pair[1] == word] for word in words]
    position = words.index(term_of(last)) if last else -1
    if last and (len(last) >= MIN_COMPLETED_LENGTH or not groups[position]):
        groups[position] = [pair for pair in known if pair[1] == words[position] or pair[1].startswith(last)]
    return groups


def _known_terms(words: Sequence[str], last: str, levels: list[int], now: datetime) -> list[tuple[int, str]]:
    """Return the terms in the index among `words`, and the shortest that start with `last`."""
    known = SearchWord.objects.filter(level__in=levels, since__lte=now).order_by()
    exact = known.filter(term__in=words).values("level", "term")
    if last:
        completions = known.filter(_starts_with(last)).order_by(Length("term"), "term").values("pk")[:MAX_COMPLETIONS]
        # A UNION, since an OR would scan all words. SQLite needs the subquery for the LIMIT.
        exact = exact.union(SearchWord.objects.filter(pk__in=completions).order_by().values("level", "term"))
    return sorted((row["level"], row["term"]) for row in exact)


def _starts_with(prefix: str) -> Q:
    """Filter by prefix with a range, which uses the index on every database."""
    return Q(term__gte=prefix, term__lt=prefix + "\U0010ffff")


def _facet_terms(filters: SearchFilters) -> list[str]:
    values = {"s": filters.section, "a": filters.author, "k": filters.kind}
    return [facet_term(kind, value) for kind, value in values.items() if value]


def _key_range(year: int | None, now: datetime) -> tuple[int, int]:
    """Return the lowest and highest key of results."""
    low, high = -(2**63), SearchEntry.key(now, LAST_VERSION)
    if year is not None:
        zone = timezone.get_current_timezone()
        low = SearchEntry.key(datetime(year, 1, 1, tzinfo=zone), 0)
        high = min(high, SearchEntry.key(datetime(year + 1, 1, 1, tzinfo=zone), 0) - 1)
    return low, high


def _decode_key(after: str) -> int:
    """Return the first key after the cursor, but at least the lowest possible key."""
    return max(_decode(after, 2**64) - 1, 0) - 2**63


def _decode_offset(after: str) -> int:
    return _decode(after, RANKING_WINDOW) if after else 0


def _decode(after: str, limit: int) -> int:
    try:
        number = int(after, 16) if after.isalnum() and len(after) <= 16 else limit
    except ValueError:
        number = limit
    if number >= limit:
        raise Http404("Invalid search cursor.")
    return number


__all__ = [
    "SearchFilters",
    "SearchResults",
    "SearchTimeout",
    "clear",
    "find",
    "index",
    "index_many",
    "optimise",
    "reindex",
    "suggest",
]
