"""Sums that are kept for some minutes, because a year of them has a quarter of a million rows."""

from collections.abc import Callable
from typing import cast

from django.core.cache import cache

from truthlytics.newsroom.readership.periods import Period, Unit

SECONDS = 600


def kept[T](period: Period, *key: str | int, make: Callable[[], T]) -> T:
    """Return what `make` returns; for a year, what it returned in the last ten minutes.

    The key contains everything else that distinguishes this value from others. The value is pickled: numbers and dates,
    no rows.
    """
    if period.unit != Unit.YEAR:
        return make()
    # Another beginning than in former versions, which pickled classes of other modules.
    name = ":".join(map(str, ("figures", period.first, *key)))
    return cast("T", cache.get_or_set(name, make, SECONDS))
