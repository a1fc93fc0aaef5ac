"""The sums of requests that pages, emails and the API show. Each function makes a constant number of queries."""

from collections.abc import Iterable
from dataclasses import astuple, dataclass
from datetime import date, timedelta
from typing import Any, NamedTuple

from django.db.models import Q, QuerySet, Sum

from articles.models import Article, ReadCount
from articles.models.read_counts import DAYS_KEPT

# Rows counted the old way: programs that were not recognised are among their people.
OLD = Q(programs=None)
SUMS = {
    "all_people": Sum("count"),
    "all_halves": Sum("halves"),
    "all_assistants": Sum("assistants"),
    "all_programs": Sum("programs"),
    "all_not_counted": Sum("not_counted"),
    "all_old": Sum("count", filter=OLD),
    "all_subscribers": Sum("subscribers"),
}


@dataclass(frozen=True, slots=True)
class Figures:
    """Sums of requests. `old` are the people who were counted the old way, of which no half is known."""

    people: int = 0
    halves: int = 0
    assistants: int = 0
    programs: int = 0
    not_counted: int = 0
    old: int = 0
    subscribers: int = 0

    @classmethod
    def of(cls, values: Iterable[int | None]) -> "Figures":
        return cls(*(value or 0 for value in values))

    def __add__(self, other: "Figures") -> "Figures":
        return Figures.of(map(sum, zip(astuple(self), astuple(other), strict=True)))

    @property
    def half_share(self) -> int | None:
        """How many of the people read to the half, in percent; None if that is not known."""
        known = self.people - self.old
        return min(share(self.halves, known), 100) if known > 0 else None

    @property
    def only_people(self) -> bool:
        """Whether all was counted the old way, so that the other sums are unknown, not zero."""
        return 0 < self.people == self.old


NOTHING = Figures()


class ReadArticle(NamedTuple):
    article: Article
    figures: Figures


def share(part: int, whole: int) -> int:
    """Return `part` as a percentage of `whole`, at least 1 unless it is zero."""
    return max(1, round(100 * part / whole)) if part and whole else 0


def by_day(rows: QuerySet[ReadCount], first: date, last: date) -> dict[date, Figures]:
    """Return the figures by day, without days that have none. Months that were merged are on their first day."""
    days = rows.filter(day__gte=first, day__lte=last).order_by().values_list("day").annotate(**SUMS)
    return {day: Figures.of(values) for day, *values in days}


def by_month(days: dict[date, Figures]) -> dict[date, Figures]:
    months: dict[date, Figures] = {}
    for day, figures in days.items():
        first = day.replace(day=1)
        months[first] = months.get(first, NOTHING) + figures
    return months


def total(days: Iterable[Figures]) -> Figures:
    return sum(days, NOTHING)


def most_read(rows: QuerySet[ReadCount], first: date, last: date, number: int) -> list[tuple[int, Figures]]:
    """Return the ids of the articles with most people, and their figures."""
    sums: Any = rows.filter(day__gte=first, day__lte=last).order_by().values_list("article").annotate(**SUMS)
    return [(pk, Figures.of(values)) for pk, *values in sums.order_by("-all_people", "-article")[:number]]


def with_articles(found: list[tuple[int, Figures]]) -> list[ReadArticle]:
    """Return the articles of `most_read` in its order. One query."""
    articles = Article.objects.only("headline", "uuid", "slug").in_bulk([pk for pk, _figures in found])
    return [ReadArticle(articles[pk], figures) for pk, figures in found if pk in articles]


def first_single_day(today: date) -> date:
    """Return the first day that is not merged into its month."""
    return (today - DAYS_KEPT).replace(day=1)


def counted_since(rows: QuerySet[ReadCount]) -> date | None:
    """Return the first day that was counted as all later ones; None if there is none yet."""
    return rows.exclude(OLD).order_by("day").values_list("day", flat=True).first()


def days_between(first: date, last: date) -> list[date]:
    return [first + timedelta(days=number) for number in range((last - first).days + 1)]
