"""The last days in numbers: reads, new subscribers, comments; each for those who work with it."""

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from typing import Any

from django.contrib.auth.models import AbstractUser
from django.db.models import Count, QuerySet
from django.db.models.functions import TruncDate
from django.utils import timezone

from articles.models import Article, ReadCount
from comments.models import Comment
from subscriptions.models import Subscription
from truthlytics.newsroom.charts import Chart, share

DAYS, WEEK, MOST_READ = 14, 7, 5


def numbers_for(user: AbstractUser, now: datetime) -> dict[str, Any]:
    """Charts of the 14 days up to yesterday, and what was read most in the last seven. Days are the newsroom's."""
    yesterday = timezone.localdate(now) - timedelta(days=1)
    days = [yesterday - timedelta(days=back) for back in range(DAYS - 1, -1, -1)]
    charts: list[Chart] = []
    numbers: dict[str, Any] = {"charts": charts}
    if user.has_perm("articles.publish_article"):
        charts.append(_chart("Reads", days, ReadCount.objects.by_day(days[0], days[-1])))
        numbers["most_read"] = most_read(yesterday)
    if user.has_perm("subscriptions.view_subscription"):
        begun = Subscription.objects.started_between(*_span(days))
        charts.append(_chart("New subscribers", days, _by_day(begun, "anchor")))
    if user.has_perm("comments.view_comment"):
        # By status, for that is how they are indexed.
        written = Comment.objects.filter(status__in=Comment.Status.values)
        first, end = _span(days)
        said = written.filter(created_at__gte=first, created_at__lt=end)
        charts.append(_chart("Comments", days, _by_day(said, "created_at")))
    # The same once more by the day, for who reads a table rather than a curve.
    numbers["days"] = [(day, [chart.days[place][1] for chart in charts]) for place, day in enumerate(days)][::-1]
    return numbers


def most_read(last: date) -> list[dict[str, Any]]:
    """The articles most read in the seven days up to `last`, each with its share of the first, in hundredths."""
    found = ReadCount.objects.most_read(last - timedelta(days=WEEK - 1), last, MOST_READ)
    articles = Article.objects.only("headline").in_bulk([article for article, _ in found])
    most = max((reads for _, reads in found), default=0)
    return [
        {"article": articles[pk], "reads": reads, "share": share(reads, most)} for pk, reads in found if pk in articles
    ]


def _chart(name: str, days: list[date], counted: Mapping[date, int]) -> Chart:
    return Chart(name, tuple((day, counted.get(day, 0)) for day in days))


def _span(days: list[date]) -> tuple[datetime, datetime]:
    """From the first moment of the first day to that of the day after the last, by the newsroom's clocks."""
    zone = timezone.get_current_timezone()
    first, end = days[0], days[-1] + timedelta(days=1)
    return datetime.combine(first, time.min, zone), datetime.combine(end, time.min, zone)


def _by_day(rows: QuerySet[Any], moment: str) -> dict[date, int]:
    return dict(rows.order_by().annotate(day=TruncDate(moment)).values_list("day").annotate(Count("pk")))
