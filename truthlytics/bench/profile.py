"""The time of a request by component, from a profile (which slows Python code more than C code)."""

import cProfile
import pstats
from collections import Counter
from collections.abc import Callable, Iterator

from truthlytics.bench.results import Row, figure

REPEAT = 100
MIN_SHARE = 2.0
# The first part that occurs in a file name determines the component.
COMPONENTS = {
    "django/db/models": "queries: building, compiling, model instances",
    "django/db": "queries: database driver",
    "sqlite3": "queries: database driver",
    "django/template": "templates",
    "django/forms": "forms",
    "django/urls": "URLs",
    "django/utils": "dates, escaping, lazy objects",
    "django/": "handler and middleware",
    "allauth/": "handler and middleware",
    "whitenoise/": "handler and middleware",
    "truthlytics/cache/": "page cache: compression, storage",
    "web/fragments": "fragments",
    "articles/": "articles",
    "comments/": "comments",
    "subscriptions/": "subscriptions",
}


def shares(name: str, call: Callable[[], None]) -> Iterator[Row]:
    """Yield the components in which a call spends at least 2 %, the largest first."""
    call()  # fills the fragment cache
    profile = cProfile.Profile()
    profile.enable()
    for _ in range(REPEAT):
        call()
    profile.disable()
    spent: Counter[str] = Counter()
    for (file, _line, function), (_calls, _total_calls, own, _cumulative, callers) in pstats.Stats(
        profile
    ).stats.items():  # type: ignore[attr-defined]
        if file == "~" and callers and "sqlite" not in function.lower() and "compress" not in function:
            for (caller, *_rest), (_c, _a, time, _t) in callers.items():
                spent[component(caller)] += time
        else:
            spent[component(file if file != "~" else function)] += own
    total = sum(spent.values())
    for label, time in spent.most_common():
        if (share := 100 * time / total) >= MIN_SHARE:
            yield figure(f"{name}: {label}", share, "%")


def component(file: str) -> str:
    if "compress" in file:
        return COMPONENTS["truthlytics/cache/"]
    return next((label for part, label in COMPONENTS.items() if part in file.lower()), "other")
