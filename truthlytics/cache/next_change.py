"""The next time at which a page changes on schedule."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db import models
from django.db.models import Min, QuerySet
from django.utils import timezone

from articles.models import Article, Dossier, DossierVersion, HomepageEdition, Page, PageVersion
from comments.models import Thread
from truthlytics.cache.invalidation import site_generations
from truthlytics.publication import get_publication
from truthlytics.web.fragments import EVERY_PAGE
from truthlytics.web.generations import Stamp
from truthlytics.web.types import AnyRows

# Tags of what is scheduled: a publication, which is frequent, asks for the times of articles only.
ARTICLES, OTHERS = "articles-clock", "clock"
VERSIONS: tuple[Any, ...] = (HomepageEdition, DossierVersion, PageVersion)
_cached: dict[str, tuple[tuple[Stamp, ...], datetime]] = {}


def next_change(now: datetime) -> datetime:
    """Return when something is next published, updated, withdrawn or closed, or the day ends.

    The database is queried once, and again after that time or when a schedule has changed.
    """
    return min(_next_of(tag, now) for tag in (ARTICLES, OTHERS))


def _next_of(tag: str, now: datetime) -> datetime:
    cached = _cached.get(tag)
    generations = site_generations()
    if cached is None or cached[1] <= now or not generations.are_current(cached[0]):
        snapshot = generations.snapshot()
        _cached[tag] = cached = generations.stamps([tag, EVERY_PAGE], snapshot), _query(tag, now)
    return cached[1]


def _query(tag: str, now: datetime) -> datetime:
    # The front page shows the date.
    tomorrow = timezone.localtime(now).replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)
    times = [tomorrow, *(_next(rows, column, now) for rows, column in schedules()[tag])]
    days = timedelta(days=get_publication().comments_close_after_days or 0)
    if days and tag == ARTICLES and (last_open := _next(Article.objects.all(), "published_at", now - days)):
        times.append(last_open + days)
    return min(time for time in times if time is not None)


def schedules() -> Mapping[str, Sequence[tuple[AnyRows, str]]]:
    """Return the rows that change on schedule, each with the column of the time. All large tables have an index."""
    return {
        ARTICLES: [(Article.objects.all(), column) for column in ("upcoming_at", "published_at", "withdrawn_at")],
        OTHERS: [
            (Thread.objects.all(), "closes_at"),
            *((model.objects.filter(superseded_at=None), "public_from") for model in VERSIONS),
            *((model.objects.all(), "withdrawn_at") for model in (Dossier, Page)),
        ],
    }


def _next(rows: QuerySet[models.Model], column: str, now: datetime) -> datetime | None:
    """Return the first time after `now`. One aggregate per query, because databases use an index only for that."""
    time: datetime | None = rows.filter(**{f"{column}__gt": now}).aggregate(time=Min(column))["time"]
    return time
