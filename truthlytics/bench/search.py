"""The cost of searching an archive: many kinds of queries, for two kinds of readers, in both orders."""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import timedelta
from pathlib import Path
from random import Random
from typing import Any

from django.core.handlers.wsgi import WSGIHandler
from django.db import connection
from django.http import HttpRequest
from django.utils import timezone

from articles.models import SearchEntry, Section
from articles.search import RANKING_WINDOW
from articles.search.form import SearchForm
from articles.views.search import results_context
from subscriptions.access import NOBODY, Access
from truthlytics.bench.corpus import Corpus
from truthlytics.bench.language import Language
from truthlytics.bench.measure import MeasurementError, fetch, make_environ
from truthlytics.bench.results import Options, Row, at_most, figure
from truthlytics.bench.site import own_site

GOALS = {"sqlite": 20, "postgresql": 60}
# Words per kind of query, and repetitions, of which the best counts, so that load on the machine matters less.
WORDS, REPEAT = 8, 2
RANDOM_QUERIES = 40
READERS = (NOBODY, Access(10, may_comment=True, reason=""))
DEEP = timedelta(days=10)


@dataclass(frozen=True, slots=True)
class Query:
    q: str
    section: str = ""
    author: str = ""
    kind: str = ""
    year: str = ""
    sort: str = ""
    # "second" for the second page of results, "deep" for one near the end.
    page: str = ""


def search(options: Options) -> Iterator[Row]:
    """CPU ms of a query including results and snippets: p50 and p95 over many words."""
    with own_site("search", options):
        corpus = Corpus()
        corpus.fill(options.articles, options.progress)
        goal = GOALS[connection.vendor]
        all_times: list[float] = []
        for name, queries in queries_by_kind(corpus.language).items():
            for order, label in (("newest", "newest"), ("", "best match")):
                options.progress(f"{name}, {label}")
                times = [ms for query in queries for ms in measure(replace(query, sort=order), options)]
                all_times += times
                yield figure(f"{name}, {label}: p50", percentile(times, 0.5), "ms")
                yield at_most(goal, f"{name}, {label}: p95", percentile(times, 0.95), "ms")
        yield at_most(goal, "all queries: p95", percentile(all_times, 0.95), "ms")
        yield figure("all queries: maximum", max(all_times), "ms")
        yield from pages(corpus.language, options)


def queries_by_kind(language: Language) -> Mapping[str, list[Query]]:
    """Return queries by kind. A word "in 9 %" is in about so many of the articles."""
    now = timezone.now()
    common, usual, uncommon, rare = (words(language, share) for share in (0.99, 0.09, 0.005, 0.0002))
    pairs = zip(usual, usual[1:] + usual[:1], strict=True)
    random = Random(7)  # noqa: S311
    pairs_of_words = [random.choices(language.words, cum_weights=language.weights, k=2) for _ in range(RANDOM_QUERIES)]
    return {
        "word in 99 %": [Query(word) for word in common],
        "word in 9 %": [Query(word) for word in usual],
        "word in 0.5 %": [Query(word) for word in uncommon],
        "word in 0.02 %": [Query(word) for word in rare],
        "two words in 9 %": [Query(f"{first} {second}") for first, second in pairs],
        "99 % and 0.5 %": [Query(f"{first} {second}") for first, second in zip(common, uncommon, strict=True)],
        "any word": [Query(first) for first, _ in pairs_of_words],
        "any two words": [Query(f"{first} {second}") for first, second in pairs_of_words],
        "three words": [Query(" ".join(three)) for three in zip(common, usual, uncommon, strict=True)],
        "first three letters of a word": [Query(word[:3]) for word in uncommon],
        "first five letters of a word": [Query(word[:5]) for word in uncommon],
        "a word and three letters of another": [Query(f"{a} {b[:3]}") for a, b in zip(usual, uncommon, strict=True)],
        "misspelt": [Query(word[:2] + word[3] + word[2] + word[4:] + "q") for word in uncommon],
        "9 %, one section": [Query(word, section="section-1") for word in usual],
        "9 %, one author": [Query(word, author="author-3") for word in usual],
        "99 %, rare kind": [Query(word, kind="review") for word in common],
        "0.5 %, rare kind": [Query(word, kind="review") for word in uncommon],
        "99 %, three years back": [Query(word, year=str(now.year - 3)) for word in common],
        "0.5 %, three years back": [Query(word, year=str(now.year - 3)) for word in uncommon],
        "99 %, near the end": [Query(word, sort="newest", page="deep") for word in common],
        "0.5 %, second page": [Query(word, sort="newest", page="second") for word in uncommon],
    }


def words(language: Language, share: float) -> list[str]:
    """Return words that are each in about `share` of all articles."""
    first = language.words.index(language.word_in(share))
    return language.words[first : first + WORDS]


def measure(query: Query, options: Options) -> Iterator[float]:
    """Yield the CPU ms for each reader, the best of several repetitions."""
    for access in READERS:
        request, data = request_for(query, access)
        yield min(elapsed(lambda: results_context(request, data)) for _ in range(1 if options.quick else REPEAT))  # noqa: B023


def request_for(query: Query, access: Access) -> tuple[Any, Mapping[str, Any]]:
    """Return the request of the search page, and the cleaned data of its form."""
    request: Any = HttpRequest()
    request.access = access
    data = {name: value for name, value in asdict(query).items() if value and name != "page"}
    form = SearchForm(data, sections=Section.objects.all())
    if not form.is_valid():
        raise MeasurementError(f"The form rejects {data}.")
    if query.page == "deep":
        newest_cursor = SearchEntry.key(timezone.now() - DEEP, 0) + 2**63
        request.GET = {"after": f"{RANKING_WINDOW * 9 // 10 if not query.sort else newest_cursor:x}"}
    elif query.page == "second":
        request.GET = {"after": results_context(request, form.cleaned_data)["page"].after}
    return request, form.cleaned_data


def pages(language: Language, options: Options) -> Iterator[Row]:
    """The whole page, through the WSGI handler."""
    django = WSGIHandler()
    for share in (0.99, 0.09, 0.005):
        word = words(language, share)[0]
        environ = make_environ(f"/search/?q={word}")
        fetch(django, environ)
        ms = min(elapsed(lambda: fetch(django, environ)) for _ in range(1 if options.quick else REPEAT))  # noqa: B023
        yield figure(f"whole page, word in {share:.1%}", ms, "ms")


def elapsed(call: Callable[[], Any]) -> float:
    """Return the CPU milliseconds of a call: of this process, and of a database process on this machine."""
    started = cpu_seconds()
    call()
    return (cpu_seconds() - started) * 1000


def cpu_seconds() -> float:
    """Return CPU seconds, or wall time if PostgreSQL runs on another machine."""
    if connection.vendor != "postgresql":
        return time.process_time()
    connection.ensure_connection()
    try:
        schedstat = Path(f"/proc/{connection.connection.info.backend_pid}/schedstat").read_text(encoding="ascii")
    except OSError:
        return time.perf_counter()
    return time.process_time() + int(schedstat.split()[0]) / 1e9


def percentile(values: Sequence[float], share: float) -> float:
    """Return the value that `share` of `values` do not exceed."""
    return sorted(values)[min(len(values) - 1, int(len(values) * share))]
