"""The periods that the statistics pages show: a day, week, month or year in the publication's time zone."""

from dataclasses import dataclass
from datetime import date, timedelta

from django.db import models
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from truthlytics.web.dates import local_date


class Unit(models.TextChoices):
    DAY = "day", gettext_lazy("Day")
    WEEK = "week", gettext_lazy("Week")
    MONTH = "month", gettext_lazy("Month")
    YEAR = "year", gettext_lazy("Year")


@dataclass(frozen=True, slots=True)
class Period:
    """The days from `first` to `last`, both included. Weeks begin on Monday."""

    unit: Unit
    first: date

    @classmethod
    def around(cls, day: date, unit: Unit) -> "Period":
        """Return the period of this length with `day` in it."""
        starts = {
            Unit.DAY: day,
            Unit.WEEK: day - timedelta(days=day.weekday()),
            Unit.MONTH: day.replace(day=1),
            Unit.YEAR: day.replace(month=1, day=1),
        }
        return cls(unit, starts[unit])

    @property
    def last(self) -> date:
        """The last day. A week or more after any day of the year 2200 is still a date."""
        lengths = {Unit.DAY: 1, Unit.WEEK: 7, Unit.MONTH: 31, Unit.YEAR: 366}
        after = self.first + timedelta(days=lengths[self.unit])
        return Period.around(after, self.unit).first - timedelta(days=1)

    @property
    def before(self) -> "Period":
        return Period.around(self.first - timedelta(days=1), self.unit)

    @property
    def after(self) -> "Period":
        return Period.around(self.last + timedelta(days=1), self.unit)

    @property
    def days(self) -> list[date]:
        return [self.first + timedelta(days=number) for number in range((self.last - self.first).days + 1)]

    @property
    def months(self) -> list[date]:
        """The first days of the months in it."""
        return sorted({day.replace(day=1) for day in self.days})

    @property
    def name(self) -> str:
        if self.unit == Unit.DAY:
            return date_format(self.first, _("l, j F Y"))
        if self.unit == Unit.WEEK:
            names = {
                "number": self.first.isocalendar().week,
                "first": local_date(self.first, "j M"),
                "last": local_date(self.last, "j M Y"),
            }
            return _("Week %(number)s, %(first)s to %(last)s") % names
        return date_format(self.first, "F Y" if self.unit == Unit.MONTH else "Y")

    @property
    def query(self) -> str:
        """The parameters with which the pages show this period."""
        return f"period={self.unit.value}&on={self.first.isoformat()}"

    @property
    def file_name(self) -> str:
        return f"{self.unit.value}-{self.first.isoformat()}"
