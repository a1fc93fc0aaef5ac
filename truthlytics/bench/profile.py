"""Where the time of a request goes, by who wrote the code: shares of a profile, which slows Python more than C."""

import cProfile
import pstats
from collections import Counter
from collections.abc import Callable, Iterator

from truthlytics.bench.results import Row, plain

TIMES = 100
LEAST = 2.0
# The first that stands in a file's name says whose it is.
ROOMS = {
    "django/db/models": "queries: built, compiled, made into objects",
    "django/db": "queries: the way to the database",
    "sqlite3": "queries: the way to the database",
    "django/template": "templates",
    "django/forms": "forms",
    "django/urls": "addresses",
    "django/utils": "dates, escaping, lazy objects",
    "django/": "handler and middleware",
    "allauth/": "handler and middleware",
    "whitenoise/": "handler and middleware",
    "pagecache/": "page cache: compressing, keeping",
    "web/fragments": "fragments",
    "articles/": "articles",
    "comments/": "comments",
    "subscriptions/": "subscriptions",
}


def shares(name: str, call: Callable[[], None]) -> Iterator[Row]:
    """The rooms in which a call spends at least 2 %, in per cent, the largest first."""
    call()  # Where fragments shall be warm, they are.
    profile = cProfile.Profile()
    profile.enable()
    for _ in range(TIMES):
        call()
    profile.disable()
    spent: Counter[str] = Counter()
    for (file, _line, function), (_calls, _all, own, _cumulated, callers) in pstats.Stats(profile).stats.items():  # type: ignore[attr-defined]
        if file == "~" and callers and "sqlite" not in function.lower() and "compress" not in function:
            for (caller, *_rest), (_c, _a, time, _t) in callers.items():
                spent[room(caller)] += time
        else:
            spent[room(file if file != "~" else function)] += own
    total = sum(spent.values())
    for where, time in spent.most_common():
        if (share := 100 * time / total) >= LEAST:
            yield plain(f"{name}: {where}", share, "%")


def room(file: str) -> str:
    if "compress" in file:
        return ROOMS["pagecache/"]
    return next((whose for part, whose in ROOMS.items() if part in file.lower()), "the rest")
