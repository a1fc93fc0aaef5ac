"""Made-up read counts for the demo: highest on the first day, then declining."""

from datetime import date, datetime, timedelta

from django.utils import timezone

from articles.models import Article, ReadCount

DAYS = 16
# Percentage per weekday, Monday first: fewer reads at weekends.
WEEK = (100, 104, 98, 95, 82, 61, 70)


def load_read_counts(now: datetime) -> None:
    """Add counts for the last DAYS days to every article that was public."""
    today = timezone.localdate(now)
    counts: dict[tuple[date, int], int] = {}
    for position, article in enumerate(Article.objects.published(now).order_by("published_at", "pk")):
        published_on = timezone.localdate(article.published_at)
        for back in range(1, DAYS + 1):
            day = today - timedelta(days=back)
            if day >= published_on:
                first_day = 900 + 370 * (position * 5 % 7)
                counts[day, article.pk] = first_day * WEEK[day.weekday()] // 100 // (1 + (day - published_on).days)
    ReadCount.objects.add({key: count for key, count in counts.items() if count})
