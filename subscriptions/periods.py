"""Calendar arithmetic for billing periods: months and years counted from one anchor. Pure."""

import calendar
import re
from datetime import date, datetime, timedelta
from enum import StrEnum

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext


class Interval(StrEnum):
    MONTH = "month"
    YEAR = "year"


def add_intervals(anchor: datetime, interval: str, count: int) -> datetime:
    """Return the time `count` intervals after `anchor`, at the same time of day.

    Always counted from the anchor, not from the previous end: 31 January, 28 February, 31 March. A day the
    month doesn't have becomes its last day. Raises ValueError for an unknown interval or a year past 9999.
    """
    months = count * {Interval.MONTH: 1, Interval.YEAR: 12}[Interval(interval)]
    years, month = divmod(anchor.year * 12 + anchor.month - 1 + months, 12)
    last = calendar.monthrange(years, month + 1)[1]
    return anchor.replace(year=years, month=month + 1, day=min(anchor.day, last))


def per_interval(interval: str, count: int) -> str:
    """ "a month", "a year", "every 3 months"."""
    if interval == Interval.MONTH:
        return ngettext("a month", "every %(count)d months", count) % {"count": count}
    return ngettext("a year", "every %(count)d years", count) % {"count": count}


def duration(interval: str, count: int) -> str:
    """ "one month", "one year", "3 months"."""
    if interval == Interval.MONTH:
        return ngettext("one month", "%(count)d months", count) % {"count": count}
    return ngettext("one year", "%(count)d years", count) % {"count": count}


def as_adjective(interval: str, count: int) -> str:
    """Return an adjective for a plan: "monthly", "yearly", "every 3 months"."""
    if count > 1:
        return per_interval(interval, count)
    return _("monthly") if interval == Interval.MONTH else _("yearly")


def start_of(day: date) -> datetime:
    """Return the start of `day` in the publication's time zone."""
    return datetime.combine(day, datetime.min.time(), timezone.get_current_timezone())


def next_month(day: date) -> date:
    """Return the first day of the month after that of `day`."""
    return (day.replace(day=28) + timedelta(days=4)).replace(day=1)


def months_before(day: date, number: int) -> date:
    """Return the first day of the month `number` months before that of `day`."""
    year, month = divmod(day.year * 12 + day.month - 1 - number, 12)
    return date(year, month + 1, 1)


def month_of(text: str | None) -> date | None:
    """Return the first day of a month written as "2026-03", or None."""
    match = re.fullmatch(r"(\d{4})-(\d{2})", text or "")
    try:
        return date(int(match[1]), int(match[2]), 1) if match else None
    except ValueError:
        return None
