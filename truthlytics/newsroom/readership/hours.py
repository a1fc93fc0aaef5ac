"""Hours, which are stored for a month only: those of all articles together, and the first ones of each article."""

from datetime import UTC, date, datetime, time, timedelta

from django.utils import timezone

from articles.models import Article
from truthlytics.newsroom.readership.report import Line, hour_line
from truthlytics.statistics.article_hours import FIRST_HOURS, HOUR, first_hour
from truthlytics.statistics.figures import NOTHING, Figures
from truthlytics.statistics.models import Hour


def hour_lines(day: date) -> list[Line]:
    """Return a line for each hour of `day` in the publication's time zone; none if its hours are not stored."""
    start, end = (timezone.make_aware(datetime.combine(one, time())) for one in (day, day + timedelta(days=1)))
    columns = ("at", "people", "assistants", "programs", "not_counted")
    found = {
        at: Figures(people, 0, *others)
        for at, people, *others in Hour.objects.filter(at__gte=start, at__lt=end).values_list(*columns)
    }
    if not found:
        return []
    # Counted in UTC: days on which the clocks change have 23 or 25 hours.
    first, last = start.astimezone(UTC), end.astimezone(UTC)
    hours = [first + HOUR * count for count in range(round((last - first) / HOUR))]
    return [hour_line(timezone.localtime(at), found.get(at, NOTHING)) for at in hours]


def first_hour_lines(article: Article, now: datetime) -> list[Line]:
    """Return a line for each of the first 48 hours of an article that has begun; none if none is stored."""
    if article.published_at is None:
        return []
    rows = article.read_hours.values_list("at", "people", "halves")
    found = {at: Figures(people, halves) for at, people, halves in rows}
    first = first_hour(article.published_at)
    hours = [first + HOUR * count for count in range(FIRST_HOURS)]
    lines = [hour_line(timezone.localtime(at), found.get(at, NOTHING), "D H:i") for at in hours if at <= now]
    return lines if any(line.figures.people for line in lines) else []
