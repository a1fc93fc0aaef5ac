"""Search, whole: `keeping` keeps it right, `find` and `suggest` ask it. The database decides which backend answers.

What is found is true at `now` without any job, as every list is.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from difflib import get_close_matches

from django.db import connection
from django.db.models import Q
from django.db.models.functions import Length
from django.http import Http404
from django.utils import timezone

from articles.access import Level
from articles.models import SearchEntry, SearchWord
from articles.models.search import LAST_VERSION
from articles.search.documents import facet, marked
from articles.search.indexing import again, backend, clear, index, index_many, tidy
from articles.search.queries import Asked, TooLong
from articles.search.terms import WORD, asked, term_of

SIZE = 20
# “Best match” ranks the newest of what is found, so that no word costs more than this.
WINDOW = 2000
ENDINGS = 40
# A shorter word that is known stands for itself: “war” is not “warning”.
WHOLE_BELOW = 5
CANDIDATES = 3000
CORRECTED = 2


@dataclass(frozen=True, slots=True)
class Filters:
    """What narrows a search: slugs of a section and an author, a kind, a year; empty where it does not."""

    section: str = ""
    author: str = ""
    kind: str = ""
    year: int | None = None


@dataclass(frozen=True, slots=True)
class Found:
    """Ids of versions, in order; `after` leads to the next page, "" on the last. `terms` are what matched."""

    versions: list[int]
    after: str
    terms: Collection[str] = ()
    unknown: Collection[str] = ()


def find(
    text: str, *, level: int, filters: Filters | None = None, best: bool = False, after: str = "",
    now: datetime | None = None, size: int = SIZE,
) -> Found:  # fmt: skip
    """One page of the versions that are served `now` and hold every word of `text`, for a reader of `level`.

    Newest first; `best` ranks the newest 2,000. The last word may be a beginning. No sign in `text` is an operator.
    Raises Http404 for a cursor that this function did not make, TooLong where it would take seconds.
    """
    with backend().limits():
        return _find(text, level, filters or Filters(), best, after, now or timezone.now(), size)


def _find(text: str, level: int, filters: Filters, best: bool, after: str, now: datetime, size: int) -> Found:
    words, last = asked(text)
    groups = _groups(words, last, level, now)
    unknown = [word for word, known in zip(words, groups, strict=True) if not known]
    if not words or unknown:
        return Found([], "", (), unknown)
    low, high = _span(filters.year, now)
    question = Asked([[marked(*known) for known in group] for group in groups], _facets(filters), low, high, now)
    matched = {term for group in groups for _, term in group}
    if best:
        start = _position(after)
        rows = backend().ranked(question, window=WINDOW, start=start, size=size + 1)
        more = f"{start + size:x}"
    else:
        question.high = min(high, _key(after)) if after else high
        rows = backend().newest(question, size=size + 1)
        more = f"{rows[size - 1][0] + 2**63:x}" if len(rows) > size else ""
    return Found([version for _, version in rows[:size]], more if len(rows) > size else "", matched)


def suggest(text: str, unknown: Collection[str], *, now: datetime | None = None) -> str:
    """`text` with words of free texts in place of those that nobody wrote, if that finds something; else "".

    It looks at the words of free texts only, whoever asks, and at a bounded number of them. Raises TooLong.
    """
    now = now or timezone.now()
    wrong = [word for word in unknown if len(word) > 2][:CORRECTED]
    if not wrong or len(wrong) < len(unknown):
        return ""
    near = Q()
    for word in wrong:
        near |= _beginning(word[0]) & Q(length__range=(len(word) - 1, len(word) + 1))
    known = SearchWord.objects.annotate(length=Length("term")).filter(near, level=Level.EVERYBODY, since__lte=now)
    with backend().limits():
        written = dict(known.values_list("term", "word")[:CANDIDATES])
    better = {word: written[term] for word in wrong for term in get_close_matches(word, written, n=1, cutoff=0.75)}
    if len(better) < len(wrong):
        return ""
    corrected = WORD.sub(lambda word: better.get(term_of(word[0]), word[0]), text)
    return corrected if find(corrected, level=Level.EVERYBODY, now=now, size=1).versions else ""


def _groups(words: Sequence[str], last: str, level: int, now: datetime) -> list[list[tuple[int, str]]]:
    """For each word the (level, term) pairs that stand for it in the index, in one query; none: nobody wrote it."""
    if not words:
        return []
    known = _known(words, last, [each for each in Level.values if each <= level], now)
    groups = [[pair for pair in known if pair[1] == word] for word in words]
    place = words.index(term_of(last)) if last else -1
    if last and (len(last) >= WHOLE_BELOW or not groups[place]):
        groups[place] = [pair for pair in known if pair[1] == words[place] or pair[1].startswith(last)]
    return groups


def _known(words: Sequence[str], last: str, levels: list[int], now: datetime) -> list[tuple[int, str]]:
    """Those of `words` that somebody wrote, and the shortest that begin with `last`: each a range of one index."""
    now_known = SearchWord.objects.filter(level__in=levels, since__lte=now).order_by()
    exact = now_known.filter(term__in=words).values("level", "term")
    statement, values = exact.query.sql_with_params()
    if last:
        endings = now_known.filter(_beginning(last)).order_by(Length("term"), "term").values("level", "term")[:ENDINGS]
        # Two halves: an OR of them would walk through every word. SQLite wants the limit within brackets of its own.
        inner, more = endings.query.sql_with_params()
        statement, values = f"{statement} UNION SELECT * FROM ({inner}) AS endings", (*values, *more)  # noqa: S608
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return sorted((level, term) for level, term in cursor.fetchall())


def _beginning(letters: str) -> Q:
    """A range, which the index of words serves on every database."""
    return Q(term__gte=letters, term__lt=letters + "\U0010ffff")


def _facets(filters: Filters) -> list[str]:
    given = {"s": filters.section, "a": filters.author, "k": filters.kind}
    return [facet(kind, value) for kind, value in given.items() if value]


def _span(year: int | None, now: datetime) -> tuple[int, int]:
    """The keys between which what is found must lie."""
    low, high = -(2**63), SearchEntry.key(now, LAST_VERSION)
    if year is not None:
        zone = timezone.get_current_timezone()
        low = SearchEntry.key(datetime(year, 1, 1, tzinfo=zone), 0)
        high = min(high, SearchEntry.key(datetime(year + 1, 1, 1, tzinfo=zone), 0) - 1)
    return low, high


def _key(after: str) -> int:
    """The first key behind the cursor; no lower than a key can be."""
    return max(_number(after, 2**64) - 1, 0) - 2**63


def _position(after: str) -> int:
    return _number(after, WINDOW) if after else 0


def _number(after: str, limit: int) -> int:
    try:
        number = int(after, 16) if after.isalnum() and len(after) <= 16 else limit
    except ValueError:
        number = limit
    if number >= limit:
        raise Http404("This list has no such page.")
    return number


__all__ = ["Filters", "Found", "TooLong", "again", "clear", "find", "index", "index_many", "suggest", "tidy"]
