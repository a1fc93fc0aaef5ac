"""The next time at which a page changes on schedule."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db import models
from django.db.models import Min, QuerySet
from django.utils import timezone

from articles.models import Article, Dossier, DossierVersion, HomepageEdition, Page, PageVersion
from comments.models import Thread
from truthlytics.cache.invalidation import site_generations
from truthlytics.publication import get_publication
from truthlytics.web.generations import Stamp
from truthlytics.web.types import AnyRows

CLOCK = "clock"
PUBLISHABLES: tuple[Any, ...] = (Dossier, Page)
VERSIONS: tuple[Any, ...] = (HomepageEdition, DossierVersion, PageVersion)
_cached: tuple[tuple[Stamp, ...], datetime] | None = None


def next_change(now: datetime) -> datetime:
    """Return when something is next published, updated, withdrawn or closed, or the day ends.

    The database is queried once, and again after that time or when a schedule has changed.
    """
    global _cached
    cached = _cached
    generations = site_generations()
    if cached is None or cached[1] <= now or not generations.are_current(cached[0]):
        snapshot = generations.snapshot()
        _cached = cached = generations.stamps([CLOCK], snapshot), _query(now)
    return cached[1]


def _query(now: datetime) -> datetime:
    days = timedelta(days=get_publication().comments_close_after_days or 0)
    # The front page shows the date.
    tomorrow = timezone.localtime(now).replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)
    next_times = [_next(rows, column, now) for rows, column in schedules()]
    last_open = _next(Article.objects.all(), "published_at", now - days) if days else None
    times = [tomorrow, *next_times, last_open + days if last_open else None]
    return min(time for time in times if time is not None)


def schedules() -> Sequence[tuple[AnyRows, str]]:
    """Return the rows that change on schedule, each with the column of the time. All large tables have an index."""
    return [
        (Article.objects.all(), "upcoming_at"),
        (Article.objects.all(), "published_at"),
        (Article.objects.all(), "withdrawn_at"),
        (Thread.objects.all(), "closes_at"),
        *((model.objects.filter(superseded_at=None), "public_from") for model in VERSIONS),
        *((model.objects.all(), "withdrawn_at") for model in PUBLISHABLES),
    ]


def _next(rows: QuerySet[models.Model], column: str, now: datetime) -> datetime | None:
    """Return the first time after `now`. One aggregate per query, because databases use an index only for that."""
    time: datetime | None = rows.filter(**{f"{column}__gt": now}).aggregate(time=Min(column))["time"]
    return time
