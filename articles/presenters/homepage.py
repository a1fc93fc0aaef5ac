"""Template context of the front page."""

from datetime import date, datetime
from functools import partial
from typing import NamedTuple

from django.db.models import Count, F, Q
from django.urls import reverse
from django.utils import timezone

from articles.homepage.layout import Layout
from articles.homepage.placement import Candidates, arrange
from articles.models import ErrorReport, Version
from articles.models.corrections import LISTED
from articles.models.publishable import not_withdrawn
from articles.seo.jsonld import organisation, website
from articles.seo.meta import absolute_url
from truthlytics.web.fragments import fragment


class MonthRecord(NamedTuple):
    """The numbers of corrections, answered error reports and versions in the month that begins on `month`.

    What was superseded or withdrawn later still counts.
    """

    month: date
    corrections: int
    reports: int
    versions: int


def homepage_context(candidates: Candidates, layout: Layout) -> dict[str, object]:
    """Return the context of `articles/front.html`."""
    return {
        "front": arrange(candidates, layout),
        "published": " ".join(_seconds(version.article.published_at) for version in candidates.latest),
        "shows_record": layout.record,
        "canonical": absolute_url(reverse("articles:front")),
        "structure": [organisation(), website()],
    }


def _seconds(published: datetime | None) -> str:
    """Return a time in seconds since 1970, for scripts; "0" for an article that the preview shows before its time."""
    return str(int(published.timestamp())) if published else "0"


def month_record(now: datetime) -> MonthRecord | None:
    """Return the figures of the current month; None if there are none. Two queries."""
    start = timezone.localtime(now).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    make = partial(_count, start, now)
    record = fragment("month record", start.isoformat(), make=make, tags=("listing", "record"))
    return record if any(record[1:]) else None


def _count(start: datetime, now: datetime) -> MonthRecord:
    seen = not_withdrawn(now, "article__") | Q(article__withdrawn_at__gte=F("public_from"))
    versions = Version.objects.was_public(now).filter(seen, public_from__gte=start)
    corrected = Q(correction__kind__in=LISTED)
    counts = versions.aggregate(all=Count("pk"), corrected=Count("pk", filter=corrected))
    reports = ErrorReport.objects.settled().filter(closed_at__gte=start, closed_at__lte=now)
    answered = fragment("month reports", start.isoformat(), make=reports.count, tags=["record"])
    return MonthRecord(start.date(), counts["corrected"], answered, counts["all"])
