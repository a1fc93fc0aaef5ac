"""Comparing the people of a period with what is usual, in words."""

from collections.abc import Mapping
from datetime import date, timedelta
from statistics import median

from django.utils.dates import WEEKDAYS
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from subscriptions.money import percentage
from truthlytics.newsroom.readership.periods import Period, Unit
from truthlytics.statistics.figures import NOTHING, Figures, total

WEEKS, ENOUGH = 6, 3
WEEK = timedelta(days=7)
Days = Mapping[date, Figures]


def needed_since(period: Period, today: date) -> date:
    """Return the first day of which `compared` needs the figures."""
    if period.unit in (Unit.DAY, Unit.WEEK):
        return period.first - WEEKS * WEEK
    return period.first if period.last >= today else period.before.first


def compared(period: Period, days: Days, today: date) -> str:
    """Return a sentence about the people of `period`; "" if it cannot be compared.

    Days and weeks are compared with the median of the same weekdays of the six weeks before, months and years that are
    over with the one before. Only whole days count, and none that was counted the old way.
    """
    if period.unit in (Unit.DAY, Unit.WEEK):
        whole = [day for day in period.days if day < today]
        return _against_weeks(period, whole, days) if whole else ""
    if period.last >= today:
        return ""
    return _against_period_before(period, days)


def _against_weeks(period: Period, whole: list[date], days: Days) -> str:
    now = [days.get(day, NOTHING) for day in whole]
    weeks = [[days.get(day - number * WEEK, NOTHING) for day in whole] for number in range(1, WEEKS + 1)]
    sums = [total(week).people for week in weeks if total(week).people and not total(week).old]
    if len(sums) < ENOUGH or total(now).old:
        return ""
    percent = _percent(total(now).people, median(sums))
    if period.unit == Unit.DAY:
        return _day_sentence(percent, str(WEEKDAYS[period.first.weekday()]))
    if len(whole) == len(period.days):
        return _week_sentence(percent)
    return _begun_week_sentence(percent, str(WEEKDAYS[whole[-1].weekday()]))


def _against_period_before(period: Period, days: Days) -> str:
    now, before = (
        total(figures for day, figures in days.items() if one.first <= day <= one.last)
        for one in (period, period.before)
    )
    if not before.people or now.old or before.old:
        return ""
    return _period_sentence(_percent(now.people, before.people), period.before)


def _percent(people: int, usual: float) -> int:
    return round(100 * (people - usual) / usual)


def _day_sentence(percent: int, weekday: str) -> str:
    values = {"percent": percentage(abs(percent)), "weekday": weekday}
    if percent > 0:
        return _("%(percent)s more than usual on a %(weekday)s.") % values
    if percent < 0:
        return _("%(percent)s less than usual on a %(weekday)s.") % values
    return _("As usual on a %(weekday)s.") % values


def _week_sentence(percent: int) -> str:
    values = {"percent": percentage(abs(percent))}
    if percent > 0:
        return _("%(percent)s more than in a usual week.") % values
    if percent < 0:
        return _("%(percent)s less than in a usual week.") % values
    return _("As in a usual week.")


def _begun_week_sentence(percent: int, weekday: str) -> str:
    values = {"percent": percentage(abs(percent)), "weekday": weekday}
    if percent > 0:
        return _("Up to and including %(weekday)s, %(percent)s more than in a usual week.") % values
    if percent < 0:
        return _("Up to and including %(weekday)s, %(percent)s less than in a usual week.") % values
    return _("Up to and including %(weekday)s, as in a usual week.") % values


def _period_sentence(percent: int, before: Period) -> str:
    name = date_format(before.first, "F Y" if before.unit == Unit.MONTH else "Y")
    values = {"percent": percentage(abs(percent)), "period": name}
    if percent > 0:
        return _("%(percent)s more than in %(period)s.") % values
    if percent < 0:
        return _("%(percent)s less than in %(period)s.") % values
    return _("As many as in %(period)s.") % values
