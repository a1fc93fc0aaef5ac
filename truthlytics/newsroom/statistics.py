"""Statistics of the dashboard: reads, new subscribers and comments, depending on the user's permissions."""

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from typing import Any

from django.db import models
from django.db.models import Count, QuerySet
from django.db.models.functions import TruncDate
from django.utils import timezone
from django.utils.translation import gettext as _

from articles.models import Article, ReadCount
from comments.models import Comment
from subscriptions.models import Subscription
from truthlytics.newsroom.charts import Chart, share
from truthlytics.web.users import User

DAYS, WEEK, MAX_MOST_READ = 14, 7, 5
# What each figure needs.
READS, SUBSCRIBERS, COMMENTS = "articles.publish_article", "subscriptions.view_subscription", "comments.view_comment"


def statistics_for(user: User, now: datetime) -> dict[str, object]:
    """Return charts of the 14 days up to yesterday, and the articles most read in the last seven days.

    Days are in the publication's time zone.
    """
    days = days_until(now)
    charts: list[Chart] = []
    statistics: dict[str, object] = {"charts": charts}
    if user.has_perm(READS):
        charts.append(_chart(_("People"), days, reads(days)))
        statistics["most_read"] = most_read(days[-1])
    if user.has_perm(SUBSCRIBERS):
        charts.append(_chart(_("New subscribers"), days, new_subscribers(days)))
    if user.has_perm(COMMENTS):
        charts.append(_chart(_("Comments"), days, comments(days)))
    # The same numbers as a table, newest day first.
    statistics["days"] = [(day, [chart.days[index][1] for chart in charts]) for index, day in enumerate(days)][::-1]
    return statistics


def days_until(now: datetime) -> list[date]:
    """Return the 14 days up to yesterday, oldest first."""
    yesterday = timezone.localdate(now) - timedelta(days=1)
    return [yesterday - timedelta(days=offset) for offset in range(DAYS - 1, -1, -1)]


def reads(days: list[date]) -> Mapping[date, int]:
    return ReadCount.objects.by_day(days[0], days[-1])


def new_subscribers(days: list[date]) -> Mapping[date, int]:
    return _count_by_day(Subscription.objects.started_between(*_period(days)), "anchor")


def comments(days: list[date]) -> Mapping[date, int]:
    start_at, end_at = _period(days)
    # Listing every status lets the database use the index on status and time.
    rows = Comment.objects.filter(status__in=Comment.Status.values)
    return _count_by_day(rows.filter(created_at__gte=start_at, created_at__lt=end_at), "created_at")


def most_read(last: date) -> list[dict[str, Any]]:
    """Return the articles most read in the seven days up to `last`, with their share of the first, in percent."""
    counts = ReadCount.objects.most_read(last - timedelta(days=WEEK - 1), last, MAX_MOST_READ)
    articles = Article.objects.only("headline", "uuid").in_bulk([pk for pk, _ in counts])
    highest = max((reads for _, reads in counts), default=0)
    return [
        {"article": articles[pk], "reads": reads, "share": share(reads, highest)}
        for pk, reads in counts
        if pk in articles
    ]


def _chart(name: str, days: list[date], counts: Mapping[date, int]) -> Chart:
    return Chart(name, tuple((day, counts.get(day, 0)) for day in days))


def _period(days: list[date]) -> tuple[datetime, datetime]:
    """Return the start of the first day and the end of the last day, in the publication's time zone."""
    zone = timezone.get_current_timezone()
    first, end = days[0], days[-1] + timedelta(days=1)
    return datetime.combine(first, time.min, zone), datetime.combine(end, time.min, zone)


def _count_by_day(rows: QuerySet[models.Model], field: str) -> dict[date, int]:
    return dict(rows.order_by().annotate(day=TruncDate(field)).values_list("day").annotate(Count("pk")))
