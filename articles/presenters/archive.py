"""The archive by month, as the calendar of the publication's own time zone has it."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import groupby
from typing import Self

from django.db import connection
from django.db.models import Q
from django.db.models.expressions import RawSQL
from django.urls import reverse
from django.utils import timezone

from articles.models import Article
from truthlytics.web.cursor_pagination import first_of_all


@dataclass(frozen=True, slots=True, order=True)
class Month:
    year: int
    number: int

    @classmethod
    def of(cls, moment: datetime) -> Self:
        local = timezone.localtime(moment)
        return cls(local.year, local.month)

    @property
    def first(self) -> date:
        return date(self.year, self.number, 1)

    @property
    def following(self) -> "Month":
        return Month(self.year + self.number // 12, self.number % 12 + 1)

    @property
    def begins(self) -> datetime:
        """Midnight there, in UTC; where the clocks go forward at midnight, the moment at which they do."""
        return datetime(self.year, self.number, 1, tzinfo=timezone.get_current_timezone()).astimezone(UTC)

    @property
    def ends(self) -> datetime:
        return self.following.begins

    def get_absolute_url(self) -> str:
        return reverse("articles:month", args=[self.year, self.number])


@dataclass(frozen=True, slots=True)
class Year:
    """`months` of the year, each with what it is, or None where nothing appeared."""

    number: int
    months: list[tuple[date, Month | None]]


def years(now: datetime) -> list[Year]:
    """The years and months in which something appeared that can be read, newest first.

    Two look-ups and one probe of the index a month: it costs what the number of months costs, not that of pieces.
    """
    filled = _filled(now)
    found = []
    for number, months in groupby(reversed(filled), key=lambda month: month.year):
        there = {month.number: month for month in months}
        found.append(Year(number, [(date(number, each, 1), there.get(each)) for each in range(1, 13)]))
    return found


def _filled(now: datetime) -> list[Month]:
    """The months with something in them, oldest first."""
    published = Article.objects.published(now).select_related(None).values_list("published_at", flat=True)
    oldest = published.order_by("published_at").first()
    newest = published.order_by("-published_at").first()
    if oldest is None or newest is None:
        return []
    months = [Month.of(oldest)]
    while months[-1] < Month.of(newest):
        months.append(months[-1].following)
    # Not `published`: beside the end of the month SQLite would take “by now” for where to begin, and read all since.
    within = Article.objects.filter(
        Q(withdrawn_at=None) | Q(withdrawn_at__gt=now),
        published_at__gte=RawSQL("month.begins", []),
        published_at__lt=RawSQL("month.ends", []),
    ).order_by()
    probe, values = within.values("pk")[:1].query.sql_with_params()
    rows = ", ".join(["(%s, %s, %s)"] * len(months))
    adapt = connection.ops.adapt_datetimefield_value
    served = newest + timedelta(microseconds=1)
    bounds = [
        each
        for place, month in enumerate(months)
        for each in (place, adapt(month.begins), adapt(min(month.ends, served)))
    ]
    with connection.cursor() as cursor:
        cursor.execute(
            f"WITH month(place, begins, ends) AS (VALUES {rows})"  # noqa: S608 - built of our own parts
            f" SELECT place FROM month WHERE EXISTS ({probe}) ORDER BY place",
            [*bounds, *values],
        )
        return [months[place] for (place,) in cursor.fetchall()]


def around(month: Month, now: datetime) -> tuple[Month | None, Month | None]:
    """The months with something in them next to `month`: the one before and the one after."""
    published = Article.objects.published(now).select_related(None).values_list("published_at", flat=True)
    before = first_of_all(published, published_at__lt=month.begins).order_by("-published_at").first()
    after = published.filter(published_at__gte=month.ends).order_by("published_at").first()
    return (Month.of(before) if before else None, Month.of(after) if after else None)
