"""Statistics of the dashboard: reads, new subscribers and comments, depending on the user's permissions."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any

from django.utils.translation import gettext as _

from articles.models import Article, ReadCount
from truthlytics.newsroom.charts import Chart
from truthlytics.statistics.days import (
    COMMENTS,
    MAX_MOST_READ,
    READS,
    SUBSCRIBERS,
    WEEK,
    comments,
    days_until,
    new_subscribers,
)
from truthlytics.statistics.figures import share
from truthlytics.web.users import User


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


def reads(days: list[date]) -> Mapping[date, int]:
    return ReadCount.objects.by_day(days[0], days[-1])


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
