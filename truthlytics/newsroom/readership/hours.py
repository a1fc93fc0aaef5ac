"""The hours of a day, which are stored for all articles together and for a month only."""

from datetime import UTC, date, datetime, time, timedelta

from django.utils import timezone

from truthlytics.newsroom.readership.figures import NOTHING, Figures
from truthlytics.newsroom.readership.report import Line, hour_line
from truthlytics.statistics.models import Hour

HOUR = timedelta(hours=1)


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
