"""What the checkers cannot show."""

from typing import NamedTuple


class Limit(NamedTuple):
    sentence: str
    fits: object


LIMITS = {}


def limit_of(mutation):
    return next((name for name, limit in LIMITS.items() if limit.fits(mutation)), None)
