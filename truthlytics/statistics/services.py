"""Saving what was counted, and merging old days into months."""

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from datetime import date, datetime

from django.db import transaction
from django.utils import timezone

from articles.models import Counts, ReadCount
from articles.models.read_counts import SUMS
from truthlytics.statistics.article_hours import ArticleHour, ArticleHourKey
from truthlytics.statistics.models import (
    AgentDay,
    Hour,
    HourCounts,
    NameKey,
    NotCounted,
    NotCountedKey,
    ReadSource,
    RecentRead,
    SourceDay,
    SourceKey,
)


@dataclass
class Totals:
    """Sums that wait to be saved. Those of articles and hours have the name of a sum, such as "people", too."""

    articles: Counter[tuple[date, int, str]] = field(default_factory=Counter)
    hours: Counter[tuple[datetime, str]] = field(default_factory=Counter)
    article_hours: Counter[ArticleHourKey] = field(default_factory=Counter)
    sources: Counter[SourceKey] = field(default_factory=Counter)
    agents: Counter[NameKey] = field(default_factory=Counter)
    not_counted: Counter[NotCountedKey] = field(default_factory=Counter)

    def __len__(self) -> int:
        return len(self.articles)


@transaction.atomic
def save(totals: Totals) -> None:
    """Add `totals` to what the database has: all of them, or none if it raises. Safe to run concurrently."""
    articles: defaultdict[tuple[date, int], dict[str, int]] = defaultdict(lambda: dict.fromkeys(("people", *SUMS), 0))
    for (day, article, name), number in totals.articles.items():
        articles[day, article][name] = number
    hours: defaultdict[datetime, dict[str, int]] = defaultdict(dict)
    for (at, name), number in totals.hours.items():
        hours[at][name] = number
    # Always in this order, so that concurrent transactions cannot deadlock.
    ReadCount.objects.add({key: Counts(**counts) for key, counts in articles.items()})
    ArticleHour.objects.add(totals.article_hours)
    Hour.objects.add({at: HourCounts(**counts) for at, counts in hours.items()})
    ReadSource.objects.add(totals.sources)
    sources: Counter[NameKey] = Counter()
    for (day, _article, kind, name), number in totals.sources.items():
        sources[day, name, kind] += number
    SourceDay.objects.add(sources)
    AgentDay.objects.add(totals.agents)
    NotCounted.objects.add(totals.not_counted)
    # What could not be saved on another day is not recent.
    now = timezone.now()
    today = timezone.localdate(now)
    people = {
        article: counts["people"] for (day, article), counts in articles.items() if day == today and counts["people"]
    }
    RecentRead.objects.add(people, now)


def merge_old(now: datetime) -> int:
    """Merge the days of old months and delete old hours; return how many rows were merged or deleted."""
    today = timezone.localdate(now)
    merged = sum(
        objects.merge_months(today)
        for objects in (ReadCount.objects, SourceDay.objects, AgentDay.objects, NotCounted.objects)
    )
    return merged + sum(model.objects.delete_old(now) for model in (Hour, ArticleHour, RecentRead))
