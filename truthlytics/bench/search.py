"""What it costs to search an archive: every sort of question, for a stranger and a subscriber, in both orders."""

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
from truthlytics.bench.measure import NotMeasured, ask, environ_of
from truthlytics.bench.results import Options, Row, at_most, plain
from truthlytics.bench.site import own_site

GOALS = {"sqlite": 20, "postgresql": 60}
# Different words of a sort, and how often each is asked: the best counts, so that a busy machine spoils nothing.
WORDS, TRIES = 8, 2
DRAWN = 40
READERS = (NOBODY, Access(10, may_comment=True, reason=""))
FAR = timedelta(days=10)


@dataclass(frozen=True, slots=True)
class Question:
    q: str
    section: str = ""
    author: str = ""
    kind: str = ""
    year: str = ""
    sort: str = ""
    # From where on: "second" is the page behind the first, "deep" one far down.
    page: str = ""


def searching(options: Options) -> Iterator[Row]:
    """CPU ms of a question with its hits and snippets, as the page asks it: p50 and p95 over many words."""
    with own_site("search", options):
        corpus = Corpus()
        corpus.fill(options.articles, options.say)
        goal = GOALS[connection.vendor]
        everything: list[float] = []
        for name, questions in sorts(corpus.language).items():
            for order, how in (("", "newest"), ("best", "best match")):
                options.say(f"{name}, {how}")
                taken = [ms for question in questions for ms in each(replace(question, sort=order), options)]
                everything += taken
                yield plain(f"{name}, {how}: p50", part(taken, 0.5), "ms")
                yield at_most(goal, f"{name}, {how}: p95", part(taken, 0.95), "ms")
        yield at_most(goal, "all of them: p95", part(everything, 0.95), "ms")
        yield plain("all of them: the slowest", max(everything), "ms")
        yield from pages(corpus.language, options)


def sorts(language: Language) -> Mapping[str, list[Question]]:
    """Questions by their sort. A word of so many per cent stands in about so many pieces."""
    now = timezone.now()
    common, usual, seldom, rare = (words(language, share) for share in (0.99, 0.09, 0.005, 0.0002))
    pairs = zip(usual, usual[1:] + usual[:1], strict=True)
    random = Random(7)  # noqa: S311
    drawn = [random.choices(language.words, cum_weights=language.weights, k=2) for _ in range(DRAWN)]
    return {
        "word in 99 %": [Question(word) for word in common],
        "word in 9 %": [Question(word) for word in usual],
        "word in 0.5 %": [Question(word) for word in seldom],
        "word in 0.02 %": [Question(word) for word in rare],
        "two words in 9 %": [Question(f"{one} {other}") for one, other in pairs],
        "99 % and 0.5 %": [Question(f"{one} {other}") for one, other in zip(common, seldom, strict=True)],
        "any word": [Question(one) for one, _ in drawn],
        "any two words": [Question(f"{one} {other}") for one, other in drawn],
        "three words": [Question(" ".join(three)) for three in zip(common, usual, seldom, strict=True)],
        "three letters of a word": [Question(word[:3]) for word in seldom],
        "five letters of a word": [Question(word[:5]) for word in seldom],
        "a word and three letters": [Question(f"{a} {b[:3]}") for a, b in zip(usual, seldom, strict=True)],
        "misspelt": [Question(word[:2] + word[3] + word[2] + word[4:] + "q") for word in seldom],
        "9 %, one section": [Question(word, section="section-1") for word in usual],
        "9 %, one author": [Question(word, author="author-3") for word in usual],
        "99 %, rare kind": [Question(word, kind="review") for word in common],
        "0.5 %, rare kind": [Question(word, kind="review") for word in seldom],
        "99 %, three years back": [Question(word, year=str(now.year - 3)) for word in common],
        "0.5 %, three years back": [Question(word, year=str(now.year - 3)) for word in seldom],
        "99 %, far down": [Question(word, page="deep") for word in common],
        "0.5 %, second page": [Question(word, page="second") for word in seldom],
    }


def words(language: Language, share: float) -> list[str]:
    """Some words that each stand in about `share` of all pieces."""
    first = language.words.index(language.standing_in(share))
    return language.words[first : first + WORDS]


def each(question: Question, options: Options) -> Iterator[float]:
    """CPU ms for each reader, hits and snippets included: the best of several tries."""
    for access in READERS:
        request, asked = request_for(question, access)
        yield min(taken(lambda: results_context(request, asked)) for _ in range(1 if options.quick else TRIES))  # noqa: B023


def request_for(question: Question, access: Access) -> tuple[Any, Mapping[str, Any]]:
    """The request that the page would get, and what its form makes of it."""
    request: Any = HttpRequest()
    request.access = access
    given = {name: value for name, value in asdict(question).items() if value and name != "page"}
    form = SearchForm(given, sections=Section.objects.all())
    if not form.is_valid():
        raise NotMeasured(f"The form refuses {given}.")
    if question.page == "deep":
        far = SearchEntry.key(timezone.now() - FAR, 0) + 2**63
        request.GET = {"after": f"{RANKING_WINDOW * 9 // 10 if question.sort else far:x}"}
    elif question.page == "second":
        request.GET = {"after": results_context(request, form.cleaned_data)["page"].after}
    return request, form.cleaned_data


def pages(language: Language, options: Options) -> Iterator[Row]:
    """The whole page, as a server asks for it."""
    django = WSGIHandler()
    for share in (0.99, 0.09, 0.005):
        word = words(language, share)[0]
        environ = environ_of(f"/search/?q={word}")
        ask(django, environ)
        ms = min(taken(lambda: ask(django, environ)) for _ in range(1 if options.quick else TRIES))  # noqa: B023
        yield plain(f"the whole page, word in {share:.1%}", ms, "ms")


def taken(call: Callable[[], Any]) -> float:
    """CPU milliseconds of a call: of this process, and of the database's where it is one on this machine."""
    begun = cpu_time()
    call()
    return (cpu_time() - begun) * 1000


def cpu_time() -> float:
    """Seconds. Of a PostgreSQL elsewhere nothing is seen: there the clock on the wall is what is left."""
    if connection.vendor != "postgresql":
        return time.process_time()
    connection.ensure_connection()
    try:
        spent = Path(f"/proc/{connection.connection.info.backend_pid}/schedstat").read_text(encoding="ascii")
    except OSError:
        return time.perf_counter()
    return time.process_time() + int(spent.split()[0]) / 1e9


def part(values: Sequence[float], share: float) -> float:
    """The value below which `share` of `values` lie."""
    return sorted(values)[min(len(values) - 1, int(len(values) * share))]
