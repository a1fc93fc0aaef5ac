"""What the page of corrections and its feeds show: corrections, withdrawals, counts a year and reports of errors."""

from collections.abc import Collection, Iterable
from datetime import date, datetime, timedelta
from itertools import groupby
from typing import Any, NamedTuple
from uuid import uuid5

from django.db.models import Count, F, OuterRef, Q, Subquery
from django.db.models.functions import ExtractYear
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from articles.models import Article, ChangeKind, Correction, ErrorReport, Version, Withdrawal
from articles.models.corrections import LISTED, PROMINENT
from truthlytics.web.cursor_pagination import Page, encode, page

WITHDRAWAL = "withdrawal"
# What is counted for each year: minor edits only if a fact changed in them.
COUNTED = (*LISTED, WITHDRAWAL, ChangeKind.MINOR)


class LogEntry(NamedTuple):
    """A correction or withdrawal as the page and the feeds show it, without any text of the article but its headline.

    `headline` is the current one, or the last that readers saw of a withdrawn article; "" if it was removed.
    `changes_url` is "" for withdrawals and withdrawn articles, and `restored_at` says when a withdrawal ended.
    """

    id: str
    kind_label: str
    sentence: str
    at: datetime
    headline: str
    language: str
    url: str
    article_id: int
    tie: int
    changes_url: str = ""
    superseded_at: datetime | None = None
    withdrawn_at: datetime | None = None
    restored_at: datetime | None = None

    @property
    def is_withdrawal(self) -> bool:
        """Whether it says that the article was withdrawn, and not what was corrected before."""
        return self.withdrawn_at == self.at


class YearCount(NamedTuple):
    """What was published in a year: a count for each of `count_names`. It never falls."""

    year: int
    counts: tuple[int, ...]


def log_page(now: datetime, *, after: str, size: int) -> Page[LogEntry]:
    """Return a page of corrections and withdrawals together, newest first. Three queries.

    `after` is a cursor, as in `cursor_pagination.page`.
    """
    corrections = page(
        Correction.objects.all(), after=after, size=size, time="version__public_from", tie="id",
        then=lambda rows: rows.listed(now),
    )  # fmt: skip
    withdrawals = page(
        Withdrawal.objects.all(), after=after, size=size, time="at", tie="id", then=lambda rows: rows.listed(now)
    )
    entries = entries_of(corrections.items, withdrawals.items, now)
    end = size
    while end < len(entries) and _key(entries[end]) == _key(entries[end - 1]):
        end += 1  # the cursor could not tell them apart
    more = end < len(entries) or corrections.after or withdrawals.after
    return Page(entries[:end], encode(*_key(entries[end - 1])) if more and entries else "")


def newest_entries(now: datetime, size: int) -> list[LogEntry]:
    """Return the newest corrections and withdrawals. Three queries."""
    return log_page(now, after="", size=size).items


def entries_of(corrections: Iterable[Any], withdrawals: Iterable[Any], now: datetime) -> list[LogEntry]:
    """Return rows of `Correction.objects.listed` and `Withdrawal.objects.listed` as they are shown, newest first.

    One query.
    """
    corrections, withdrawals = list(corrections), list(withdrawals)
    articles = [*(row.version.article for row in corrections), *(row.article for row in withdrawals)]
    versions = _last_seen({article.pk for article in articles}, now)
    entries = [_correction(row, versions[row.version.article_id], now) for row in corrections]
    entries += [_withdrawal(row, versions[row.article_id], now) for row in withdrawals]
    return sorted(entries, key=_key, reverse=True)


def _key(entry: LogEntry) -> tuple[datetime, int]:
    return entry.at, entry.tie


def _last_seen(article_ids: Collection[int], now: datetime) -> dict[int, Version]:
    """Return the version of each article that readers get, or got last before it was withdrawn. One query."""
    seen = Version.objects.was_public(now).filter(
        Q(article__withdrawn_at=None)
        | Q(article__withdrawn_at__gt=now)
        | Q(public_from__lte=F("article__withdrawn_at")),
        article=OuterRef("pk"),
    )
    newest = Article.objects.filter(pk__in=article_ids).values(
        version=Subquery(seen.order_by("-number").values("pk")[:1])
    )
    versions = Version.objects.filter(pk__in=newest).only("article", "headline", "head")
    return {version.article_id: version for version in versions}


def _withdrawn_at(article: Article, now: datetime) -> datetime | None:
    """Return since when `article` is withdrawn, or None if readers can see it."""
    return article.withdrawn_at if article.withdrawn_at is not None and article.withdrawn_at <= now else None


def _correction(correction: Any, shown: Version, now: datetime) -> LogEntry:
    version, number = correction.version, correction.number
    article, withdrawn_at = version.article, _withdrawn_at(version.article, now)
    place = "corrections" if correction.kind in PROMINENT else "record"
    changes_url = reverse("articles:article_comparison", args=[article.slug, number - 1, number])
    return LogEntry(
        id=f"urn:uuid:{uuid5(article.uuid, str(version.number))}",
        kind_label=correction.kind_label,
        sentence=version.note,
        at=version.public_from,
        headline=shown.headline,
        language=shown.language,
        url=article.get_absolute_url() if withdrawn_at else f"{article.get_absolute_url()}#{place}",
        article_id=article.pk,
        tie=correction.pk,
        changes_url="" if withdrawn_at else changes_url,
        superseded_at=correction.superseded_by.made_at if correction.is_superseded else None,
        withdrawn_at=withdrawn_at,
    )


def _withdrawal(withdrawal: Withdrawal, shown: Version, now: datetime) -> LogEntry:
    article = withdrawal.article
    return LogEntry(
        id=f"urn:uuid:{uuid5(article.uuid, f'withdrawal {withdrawal.pk}')}",
        kind_label=_("Withdrawal"),
        sentence=withdrawal.note,
        at=withdrawal.at,
        headline=shown.headline,
        language=shown.language,
        url=article.get_absolute_url(),
        article_id=article.pk,
        tie=withdrawal.pk,
        withdrawn_at=withdrawal.at,
        restored_at=withdrawal.ended_at,
    )


def by_month(entries: Iterable[LogEntry]) -> list[tuple[date, list[LogEntry]]]:
    """Group entries, newest first, by the first day of their month."""
    months = groupby(entries, key=lambda entry: timezone.localdate(entry.at).replace(day=1))
    return [(month, list(group)) for month, group in months]


def year_counts(now: datetime) -> list[YearCount]:
    """Return the counts of each year with an entry, newest first. Two queries.

    Superseded corrections and those of withdrawn articles count too, so that no count ever falls.
    """
    shown = Correction.objects.appeared(now).filter(Q(kind__in=LISTED) | ~Q(changed_facts=""))
    rows = shown.values("kind", year=ExtractYear("version__public_from")).annotate(count=Count("pk"))
    counts = {(row["year"], row["kind"]): row["count"] for row in rows.order_by()}
    withdrawals = Withdrawal.objects.begun(now).values(year=ExtractYear("at")).annotate(count=Count("pk"))
    counts |= {(row["year"], WITHDRAWAL): row["count"] for row in withdrawals.order_by()}
    return [
        YearCount(year, tuple(counts.get((year, column), 0) for column in COUNTED))
        for year in sorted({year for year, _column in counts}, reverse=True)
    ]


def count_names() -> list[str]:
    """Return the column headings of `YearCount.counts`."""
    return [*(kind.plural for kind in LISTED), _("Withdrawals"), _("Labelled minor")]


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
    time, settled = median
    answer = ngettext(
        "The median time to an answer or a correction was %(time)s (%(count)d settled report).",
        "The median time to an answer or a correction was %(time)s (%(count)d settled reports).",
        settled,
    )
    return f"{text} {answer % {'time': _rounded(time), 'count': settled}}"


def _rounded(duration: timedelta) -> str:
    """Return `duration` in words: in hours, or from two days on in days."""
    hours = round(duration / timedelta(hours=1))
    if hours < 1:
        return _("less than an hour")
    if hours < 48:
        return ngettext("%(count)d hour", "%(count)d hours", hours) % {"count": hours}
    days = round(duration / timedelta(days=1))
    return ngettext("%(count)d day", "%(count)d days", days) % {"count": days}
