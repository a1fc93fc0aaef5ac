"""When any page will next change by the clock alone."""

from datetime import datetime, timedelta
from typing import Any

from django.db.models import Min, Q
from django.utils import timezone

from articles.models import Article, Dossier, DossierVersion, HomepageEdition, Page, PageVersion
from comments.models import Thread
from truthlytics.cache.invalidation import site_generations
from truthlytics.web import generations

CLOCK = "clock"
STANDING: tuple[Any, ...] = (Dossier, Page)
_known: tuple[tuple[generations.Mark, ...], datetime] | None = None


def next_change(now: datetime) -> datetime:
    """The next moment after `now` at which something is published, changed, withdrawn or closed, or the day ends.

    Asked of the database once, and again when a plan has changed or that moment has come.
    """
    global _known
    known = _known
    changed = site_generations()
    if known is None or known[1] <= now or not changed.hold(known[0]):
        snapshot = changed.snapshot()
        known = changed.marks([CLOCK], snapshot), _ask(now)
        _known = known
    return known[1]


def _ask(now: datetime) -> datetime:
    planned = Article.objects.aggregate(
        change=Min("upcoming_at", filter=Q(upcoming_at__gt=now)),
        first=Min("published_at", filter=Q(published_at__gt=now)),
        end=Min("withdrawn_at", filter=Q(withdrawn_at__gt=now)),
    )
    closing = Thread.objects.filter(closes_at__gt=now).aggregate(closing=Min("closes_at"))
    edition = HomepageEdition.objects.scheduled(now).aggregate(edition=Min("public_from"))
    told = DossierVersion.objects.scheduled(now).aggregate(told=Min("public_from"))
    said = PageVersion.objects.scheduled(now).aggregate(said=Min("public_from"))
    ends = [kind.objects.filter(withdrawn_at__gt=now).aggregate(end=Min("withdrawn_at"))["end"] for kind in STANDING]
    # The front page says which day it is.
    tomorrow = timezone.localtime(now).replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)
    moments: list[datetime | None] = [*{**planned, **closing, **edition, **told, **said}.values(), *ends]
    return min([tomorrow, *(moment for moment in moments if moment is not None)])
