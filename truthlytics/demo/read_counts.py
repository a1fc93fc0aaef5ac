"""Reads of the demo's pieces, made up like the pieces themselves: many on the first day, fewer on each that follows."""

from datetime import date, datetime, timedelta

from django.utils import timezone

from articles.models import Article, ReadCount

DAYS = 16
# Of each weekday, Monday first: fewer read at the end of the week.
WEEK = (100, 104, 98, 95, 82, 61, 70)


def load_reads(now: datetime) -> None:
    """The days before today, for each article that was public on them."""
    today = timezone.localdate(now)
    numbers: dict[tuple[date, int], int] = {}
    for place, article in enumerate(Article.objects.published(now).order_by("published_at", "pk")):
        out = timezone.localdate(article.published_at)
        for back in range(1, DAYS + 1):
            day = today - timedelta(days=back)
            if day >= out:
                first_day = 900 + 370 * (place * 5 % 7)
                numbers[day, article.pk] = first_day * WEEK[day.weekday()] // 100 // (1 + (day - out).days)
    ReadCount.objects.add({key: count for key, count in numbers.items() if count})
