"""The next time at which a page changes on schedule."""

from datetime import datetime, timedelta
from typing import Any

from django.db.models import Min, Q
from django.utils import timezone

from articles.models import Article, Dossier, DossierVersion, HomepageEdition, Page, PageVersion
from comments.models import Thread
from truthlytics.cache.invalidation import site_generations
from truthlytics.publication import get_publication
from truthlytics.web.generations import Stamp

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
    articles = Article.objects.aggregate(
        update=Min("upcoming_at", filter=Q(upcoming_at__gt=now)),
        publication=Min("published_at", filter=Q(published_at__gt=now)),
        removal=Min("withdrawn_at", filter=Q(withdrawn_at__gt=now)),
        last_open=Min("published_at", filter=Q(published_at__gt=now - days)),
    )
    last_open = articles.pop("last_open")
    # The front page shows the date.
    tomorrow = timezone.localtime(now).replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)
    times: list[datetime | None] = [
        tomorrow,
        *articles.values(),
        last_open + days if last_open else None,
        Thread.objects.filter(closes_at__gt=now).aggregate(time=Min("closes_at"))["time"],
        *(model.objects.scheduled(now).aggregate(time=Min("public_from"))["time"] for model in VERSIONS),
        *(
            model.objects.filter(withdrawn_at__gt=now).aggregate(time=Min("withdrawn_at"))["time"]
            for model in PUBLISHABLES
        ),
    ]
    return min(time for time in times if time is not None)
