"""What a statistics page shows of a period: sums, a line for each hour, day or month, charts and a comparison."""

from dataclasses import dataclass
from datetime import date, datetime
from functools import partial
from typing import NamedTuple

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from articles.models import ReadCount
from truthlytics.newsroom.charts import Stack
from truthlytics.newsroom.readership import usual
from truthlytics.newsroom.readership.kept import kept
from truthlytics.newsroom.readership.periods import Period, Unit
from truthlytics.statistics import figures as sums
from truthlytics.statistics.figures import NOTHING, Figures
from truthlytics.web.dates import local_date


class Line(NamedTuple):
    """The figures of an hour, a day or a month. `key` is its ISO 8601 time, date or month."""

    name: str
    key: str
    figures: Figures

    def has_begun(self, now: datetime) -> bool:
        return self.key[:16] <= timezone.localtime(now).isoformat()


class Chart(NamedTuple):
    """A picture of lines. `legend` has the names of the parts of a bar, from the bottom up."""

    id: str
    name: str
    summary: str
    legend: tuple[str, ...]
    stack: Stack
    first: str
    last: str


@dataclass(frozen=True, slots=True)
class Report:
    """The figures of a period. `table` has the lines that have begun.

    Without `is_kept`, only the month of these days is still known.
    """

    period: Period
    total: Figures
    lines: list[Line]
    table: list[Line]
    sentence: str
    since: date | None
    is_kept: bool

    @property
    def has_halves(self) -> bool:
        """Whether the lines know who read to the half: hours do not."""
        return self.period.unit != Unit.DAY


@dataclass(frozen=True, slots=True)
class Life:
    """The figures of an article since its `first` day: single days, and all months if older days are merged."""

    first: date
    total: Figures
    days: list[Line]
    months: list[Line]
    since: date | None


def report(
    rows: QuerySet[ReadCount], period: Period, now: datetime, lines: list[Line] | None = None, key: int = 0
) -> Report:
    """Return the figures of `rows` in `period`, with `lines` or those of its days or months.

    `key` tells these rows from others (see `kept`). One query, and another one if some were counted the old way.
    """
    today = timezone.localdate(now)
    single = sums.first_single_day(today)
    by_days = period.unit in (Unit.DAY, Unit.WEEK)
    needed = usual.needed_since(period, today)
    since = max(needed, single) if by_days else needed
    days = kept(period, "days", key, make=partial(sums.by_day, rows, since, period.last))
    shown = {day: figures for day, figures in days.items() if day >= period.first}
    total = sums.total(shown.values())
    lines = _lines(period, shown, single) if lines is None else lines
    return Report(
        period=period,
        total=total,
        lines=lines,
        table=[line for line in lines if line.has_begun(now)],
        sentence=usual.compared(period, days, today),
        since=sums.counted_since(rows) if total.old else None,
        is_kept=not by_days or period.first >= single,
    )


def _lines(period: Period, days: dict[date, Figures], single: date) -> list[Line]:
    if period.unit == Unit.YEAR:
        months = sums.by_month(days)
        return [month_line(month, months.get(month, NOTHING)) for month in period.months]
    if period.unit == Unit.DAY or period.first < single:
        return []
    return [day_line(day, days.get(day, NOTHING)) for day in period.days]


def day_line(day: date, figures: Figures) -> Line:
    return Line(local_date(day, "D j M"), day.isoformat(), figures)


def month_line(month: date, figures: Figures) -> Line:
    return Line(date_format(month, "M Y"), f"{month:%Y-%m}", figures)


def hour_line(at: datetime, figures: Figures, format: str = "H:i") -> Line:
    return Line(local_date(at, format), at.isoformat(timespec="minutes"), figures)


def charts(lines: list[Line], id: str = "") -> list[Chart]:
    """Return the charts of `lines`: people, and what else made requests. None for less than two lines."""
    if len(lines) < 2:
        return []
    found = [line.figures for line in lines]
    halves = any(figures.halves for figures in found)
    people = [(min(one.halves, one.people), one.people - min(one.halves, one.people)) for one in found]
    others = [(one.assistants, one.programs, one.not_counted) for one in found]
    made = [
        (
            "people",
            _("People"),
            (_("read to the half"), _("read less")) if halves else (),
            Stack(tuple(people if halves else ((one.people,) for one in found))),
        ),
        (
            "programs",
            _("Assistants, programs and not counted"),
            (_("Assistants"), _("Programs"), _("Not counted")),
            Stack(tuple(others)),
        ),
    ]
    return [
        Chart(f"{name}{id}", title, _summary(stack, lines), legend, stack, lines[0].name, lines[-1].name)
        for name, title, legend, stack in made
        if name == "people" or stack.highest
    ]


def _summary(stack: Stack, lines: list[Line]) -> str:
    """Say what a chart shows, for those who do not see it."""
    highest = max(range(len(lines)), key=lambda index: sum(stack.bars[index]))
    values = {"first": lines[0].name, "last": lines[-1].name, "name": lines[highest].name, "number": stack.highest}
    return _("From %(first)s to %(last)s; most at %(name)s: %(number)s. The table has all numbers.") % values


def life(rows: QuerySet[ReadCount], first: date, today: date) -> Life:
    """Return the figures of an article from its `first` day. One query, and another one if some were counted before."""
    days = sums.by_day(rows, date.min, today)
    single = sums.first_single_day(today)
    first = min([first, *days])
    total = sums.total(days.values())
    months = sums.by_month(days)
    between = sorted({day.replace(day=1) for day in sums.days_between(first, today)})
    return Life(
        first=first,
        total=total,
        days=[day_line(day, days.get(day, NOTHING)) for day in sums.days_between(max(first, single), today)],
        months=[month_line(month, months.get(month, NOTHING)) for month in between] if first < single else [],
        since=sums.counted_since(rows) if total.old else None,
    )
