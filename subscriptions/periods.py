"""Calendar arithmetic for what is paid: months and years, counted from one anchor. Pure."""

import calendar
from datetime import datetime
from enum import StrEnum


class Interval(StrEnum):
    MONTH = "month"
    YEAR = "year"


def add_intervals(anchor: datetime, interval: str, count: int) -> datetime:
    """The moment `count` intervals after `anchor`, at the same time of day.

    Always from the anchor, never from the end before: 31 January, 28 February, 31 March. A day that a
    month does not have becomes its last one. Raises ValueError for another interval or a year past 9999.
    """
    months = count * {Interval.MONTH: 1, Interval.YEAR: 12}[Interval(interval)]
    years, month = divmod(anchor.year * 12 + anchor.month - 1 + months, 12)
    last = calendar.monthrange(years, month + 1)[1]
    return anchor.replace(year=years, month=month + 1, day=min(anchor.day, last))


def in_words(interval: str, count: int) -> str:
    """ "a month", "a year", "every 3 months"."""
    return f"a {interval}" if count == 1 else f"every {count} {interval}s"


def as_adjective(interval: str, count: int) -> str:
    """How a plan is called: "monthly", "yearly", "every 3 months"."""
    return f"{interval}ly" if count == 1 else in_words(interval, count)
