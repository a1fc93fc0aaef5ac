"""The archive by month, in the publication's time zone."""

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
from truthlytics.compat import sql_of


@dataclass(frozen=True, slots=True, order=True)
class ArchiveMonth:
    year: int
    number: int

    @classmethod
    def containing(cls, time: datetime) -> Self:
        local = timezone.localtime(time)
        return cls(local.year, local.month)

    @property
    def first_day(self) -> date:
        return date(self.year, self.number, 1)

    @property
    def next(self) -> "ArchiveMonth":
        return ArchiveMonth(self.year + self.number // 12, self.number % 12 + 1)

    @property
    def start(self) -> datetime:
        """Local midnight, in UTC. Where clocks go forward at midnight, the time of that change."""
        return datetime(self.year, self.number, 1, tzinfo=timezone.get_current_timezone()).astimezone(UTC)

    @property
    def end(self) -> datetime:
        return self.next.start

    def get_absolute_url(self) -> str:
        return reverse("articles:month", args=[self.year, self.number])


@dataclass(frozen=True, slots=True)
class ArchiveYear:
    """`months` holds all twelve: the first day, and the month or None if nothing was published in it."""

    number: int
    months: list[tuple[date, ArchiveMonth | None]]


def years(now: datetime) -> list[ArchiveYear]:
    """Return the years and months with public articles, newest first.

    Three queries. Their cost depends on the number of months, not of articles.
    """
    archive = []
    for year, group in groupby(reversed(_months_with_articles(now)), key=lambda month: month.year):
        months = {month.number: month for month in group}
        archive.append(ArchiveYear(year, [(date(year, number, 1), months.get(number)) for number in range(1, 13)]))
    return archive


def _months_with_articles(now: datetime) -> list[ArchiveMonth]:
    """Return the months with public articles, oldest first."""
    published = Article.objects.published(now).values_list("published_at", flat=True)
    oldest = published.order_by("published_at").first()
    newest = published.order_by("-published_at").first()
    if oldest is None or newest is None:
        return []
    months = [ArchiveMonth.containing(oldest)]
    while months[-1] < ArchiveMonth.containing(newest):
        months.append(months[-1].next)
    # Does not use `published`: SQLite would take its "published by now" as the index bound instead of the month's end,
    # and read everything since.
    in_month = Article.objects.filter(
        Q(withdrawn_at=None) | Q(withdrawn_at__gt=now),
        published_at__gte=RawSQL("month.starts", []),
        published_at__lt=RawSQL("month.ends", []),
    ).order_by()
    subquery, parameters = sql_of(in_month.values("pk")[:1])
    placeholders = ", ".join(["(%s, %s, %s)"] * len(months))
    adapt = connection.ops.adapt_datetimefield_value
    after_newest = newest + timedelta(microseconds=1)
    bounds = [
        value
        for index, month in enumerate(months)
        for value in (index, adapt(month.start), adapt(min(month.end, after_newest)))
    ]
    with connection.cursor() as cursor:
        cursor.execute(
            f"WITH month(number, starts, ends) AS (VALUES {placeholders})"  # noqa: S608 - no user input
            f" SELECT number FROM month WHERE EXISTS ({subquery}) ORDER BY number",
            [*bounds, *parameters],
        )
        return [months[index] for (index,) in cursor.fetchall()]


def adjacent_months(month: ArchiveMonth, now: datetime) -> tuple[ArchiveMonth | None, ArchiveMonth | None]:
    """Return the months with public articles before and after `month`."""
    # `published` comes last, because SQLite looks up the first of two limits in its index.
    earlier = Article.objects.filter(published_at__lt=month.start).published(now).order_by("-published_at")
    later = Article.objects.filter(published_at__gte=month.end).published(now).order_by("published_at")
    before, after = (rows.values_list("published_at", flat=True).first() for rows in (earlier, later))
    return (
        ArchiveMonth.containing(before) if before else None,
        ArchiveMonth.containing(after) if after else None,
    )


def archive_of(year: int, month: int, now: datetime) -> str:
    """Return the URL of the month, or of the archive if something else of its year is public, or ""; 0 is no month."""
    months = [ArchiveMonth(year, number) for number in range(1, 13)]
    if month and _has_articles(months[month - 1], months[month - 1], now):
        return months[month - 1].get_absolute_url()
    return reverse("articles:archive") if _has_articles(months[0], months[-1], now) else ""


def _has_articles(first: ArchiveMonth, last: ArchiveMonth, now: datetime) -> bool:
    return Article.objects.filter(published_at__gte=first.start, published_at__lt=last.end).published(now).exists()
