"""What the page of corrections and its feeds show: corrections by month, counts a year, and reports of errors."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from itertools import groupby
from typing import Any, NamedTuple
from uuid import uuid5

from django.db.models import Count, IntegerField, OuterRef, Subquery
from django.db.models.functions import Coalesce, ExtractYear
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from articles.models import ChangeKind, Correction, ErrorReport, Version
from articles.models.corrections import LISTED, PROMINENT, CorrectionQuerySet


class ListedCorrection(NamedTuple):
    """A correction as the page and the feeds show it. `headline` is the article’s current one."""

    id: str
    kind_label: str
    sentence: str
    at: datetime
    superseded_at: datetime | None
    headline: str
    language: str
    url: str
    changes_url: str


class YearCount(NamedTuple):
    """How many of each kind in `LISTED` were published in a year, without superseded ones."""

    year: int
    counts: tuple[int, ...]


def numbered(corrections: CorrectionQuerySet) -> CorrectionQuerySet:
    """Annotate each with `number`, that of its version as readers count."""
    earlier = Version.objects.filter(
        article=OuterRef("version__article"), number__lte=OuterRef("version__number"), superseded_at=None
    )
    count = earlier.order_by().values("article").annotate(count=Count("pk")).values("count")
    return corrections.annotate(number=Coalesce(Subquery(count, output_field=IntegerField()), 1))


def listed(corrections: Iterable[Any], now: datetime) -> list[ListedCorrection]:
    """Return rows of `numbered` as they are shown."""
    return [_listed(correction, now) for correction in corrections]


def _listed(correction: Any, now: datetime) -> ListedCorrection:
    version, article = correction.version, correction.version.article
    served, number = article.served(now), correction.number
    return ListedCorrection(
        id=f"urn:uuid:{uuid5(article.uuid, str(version.number))}",
        kind_label=correction.kind_label,
        sentence=version.note,
        at=version.public_from,
        superseded_at=correction.superseded_by.made_at if correction.is_superseded else None,
        headline=served.headline,
        language=served.language,
        url=f"{article.get_absolute_url()}#{'corrections' if correction.kind in PROMINENT else 'record'}",
        changes_url=reverse("articles:article_comparison", args=[article.slug, number - 1, number]),
    )


def by_month(corrections: Iterable[ListedCorrection]) -> list[tuple[date, list[ListedCorrection]]]:
    """Group corrections, newest first, by the first day of their month."""
    months = groupby(corrections, key=lambda correction: timezone.localdate(correction.at).replace(day=1))
    return [(month, list(group)) for month, group in months]


def year_counts(now: datetime) -> list[YearCount]:
    """Return the counts of each year with a correction, newest first. One query."""
    years = Correction.objects.public(now).in_effect().filter(kind__in=LISTED)
    rows = years.values("kind", year=ExtractYear("version__public_from")).annotate(count=Count("pk"))
    counts = {(row["year"], row["kind"]): row["count"] for row in rows.order_by()}
    return [
        YearCount(year, tuple(counts.get((year, kind.value), 0) for kind in LISTED))
        for year in sorted({year for year, _kind in counts}, reverse=True)
    ]


def kind_names() -> list[str]:
    """Return the column headings of `YearCount.counts`."""
    names = {
        ChangeKind.CORRECTION: _("Corrections"),
        ChangeKind.CLARIFICATION: _("Clarifications"),
        ChangeKind.NOTE: _("Editor’s notes"),
        ChangeKind.RETRACTION: _("Retractions"),
    }
    return [names[kind] for kind in LISTED]


def report_figures(now: datetime) -> str:
    """Return a text with the number of error reports in the last year and the median time to an answer.

    Three queries.
    """
    reports = ErrorReport.objects.filter(created_at__gt=now - timedelta(days=365), created_at__lte=now)
    count = reports.count()
    if not count:
        return _("Readers have reported no errors in the last twelve months.")
    text = ngettext(
        "In the last twelve months, readers sent us %(count)d report of an error.",
        "In the last twelve months, readers sent us %(count)d reports of errors.",
        count,
    ) % {"count": count}
    median = reports.median_time()
    if median is None:
        return text
    answer = _("The median time to an answer or a correction was %(time)s.") % {"time": _rounded(median)}
    return f"{text} {answer}"


def _rounded(duration: timedelta) -> str:
    """Return `duration` in words: in hours, or from two days on in days."""
    hours = round(duration / timedelta(hours=1))
    if hours < 1:
        return _("less than an hour")
    if hours < 48:
        return ngettext("%(count)d hour", "%(count)d hours", hours) % {"count": hours}
    days = round(duration / timedelta(days=1))
    return ngettext("%(count)d day", "%(count)d days", days) % {"count": days}
