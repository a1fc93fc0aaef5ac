"""New subscribers and comments by day, and what a user needs to see each figure."""

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta

from django.db import models
from django.db.models import Count, QuerySet
from django.db.models.functions import TruncDate
from django.utils import timezone

from comments.models import Comment
from subscriptions.models import Subscription

DAYS, WEEK, MAX_MOST_READ = 14, 7, 5
# What each figure needs.
READS, SUBSCRIBERS, COMMENTS = "articles.publish_article", "subscriptions.view_subscription", "comments.view_comment"


def days_until(now: datetime) -> list[date]:
    """Return the 14 days up to yesterday, oldest first."""
    yesterday = timezone.localdate(now) - timedelta(days=1)
    return [yesterday - timedelta(days=offset) for offset in range(DAYS - 1, -1, -1)]


def new_subscribers(days: list[date]) -> Mapping[date, int]:
    return _count_by_day(Subscription.objects.started_between(*_period(days)), "anchor")


def comments(days: list[date]) -> Mapping[date, int]:
    start_at, end_at = _period(days)
    # Listing every status lets the database use the index on status and time.
    rows = Comment.objects.filter(status__in=Comment.Status.values)
    return _count_by_day(rows.filter(created_at__gte=start_at, created_at__lt=end_at), "created_at")


def _period(days: list[date]) -> tuple[datetime, datetime]:
    """Return the start of the first day and the end of the last day, in the publication's time zone."""
    zone = timezone.get_current_timezone()
    first, end = days[0], days[-1] + timedelta(days=1)
    return datetime.combine(first, time.min, zone), datetime.combine(end, time.min, zone)


def _count_by_day(rows: QuerySet[models.Model], field: str) -> dict[date, int]:
    return dict(rows.order_by().annotate(day=TruncDate(field)).values_list("day").annotate(Count("pk")))
