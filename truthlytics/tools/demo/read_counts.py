"""Made-up counts for the demo: people, highest on the first day, then fewer; and programs, which come every day."""

from collections.abc import Iterator, Mapping
from datetime import date, datetime, timedelta

from django.utils import timezone

from articles.models import Article
from truthlytics.statistics import services
from truthlytics.statistics.models import NotCounted, SourceKind
from truthlytics.web.agents import Kind

DAYS = 16
# Percentage per weekday, Monday first: fewer reads at weekends.
WEEK = (100, 104, 98, 95, 82, 61, 70)
# Of a hundred people, for the article that is read least, and how many more it may be.
HALF, SUBSCRIBERS, MORE = 41, 9, 29
SOURCES: Mapping[tuple[str, str], int] = {
    (SourceKind.DIRECT, ""): 31,
    (SourceKind.SITE, ""): 24,
    (SourceKind.SEARCH, "www.google.com"): 17,
    (SourceKind.NEWSLETTER, "weekly-2026-11-29"): 11,
    (SourceKind.HOST, "mastodon.social"): 7,
    (SourceKind.HOST, "news.example"): 4,
    (SourceKind.SEARCH, "duckduckgo.com"): 3,
    (SourceKind.CAMPAIGN, "autumn"): 2,
    (SourceKind.GIFT, ""): 1,
}
# Requests for each article and day, or up to twice as many.
AGENTS: Mapping[tuple[str, Kind], int] = {
    ("Googlebot", Kind.SEARCH): 41,
    ("bingbot", Kind.SEARCH): 23,
    ("GPTBot", Kind.TRAINING): 64,
    ("ClaudeBot", Kind.TRAINING): 52,
    ("ChatGPT-User", Kind.ASSISTANT): 17,
    ("Claude-User", Kind.ASSISTANT): 9,
    ("Perplexity-User", Kind.ASSISTANT): 4,
    ("facebookexternalhit", Kind.PREVIEW): 12,
    ("Feedly", Kind.FEED): 6,
    ("", Kind.PROGRAM): 88,
}
# Of a hundred people.
NOT_COUNTED: Mapping[str, int] = {
    NotCounted.Reason.AGAIN: 14,
    NotCounted.Reason.PREFETCH: 5,
    NotCounted.Reason.STAFF: 1,
    NotCounted.Reason.ADDRESS: 2,
}


def load_read_counts(now: datetime) -> None:
    """Add counts for the last DAYS days to every article that was public."""
    today = timezone.localdate(now)
    totals = services.Totals()
    for position, article in enumerate(Article.objects.published(now).order_by("published_at", "pk")):
        published_on = timezone.localdate(article.published_at)
        for back in range(1, DAYS + 1):
            day = today - timedelta(days=back)
            if day >= published_on:
                first_day = 900 + 370 * (position * 5 % 7)
                people = first_day * WEEK[day.weekday()] // 100 // (1 + (day - published_on).days)
                add_day(totals, day, article.pk, people)
    services.save(totals)


def add_day(totals: services.Totals, day: date, article: int, people: int) -> None:
    """Add what comes with so many `people` who read `article` on `day`."""
    numbers = {"people": people, "halves": people * (HALF + article * 11 % MORE) // 100}
    numbers["subscribers"] = people * (SUBSCRIBERS + article * 5 % MORE) // 100
    for reason, percent in NOT_COUNTED.items():
        totals.not_counted[day, reason] += people * percent // 100
        numbers["not_counted"] = numbers.get("not_counted", 0) + people * percent // 100
    for (name, kind), number in AGENTS.items():
        number += number * ((article * 7 + day.day * 3) % 10) // 10
        totals.agents[day, name, kind] += number
        column = "assistants" if kind is Kind.ASSISTANT else "programs"
        numbers[column] = numbers.get(column, 0) + number
    others = people
    for (source, name), percent in SOURCES.items():
        totals.sources[day, article, source, name] += people * percent // 100
        others -= people * percent // 100
    totals.sources[day, article, SourceKind.DIRECT, ""] += others
    for name, number in numbers.items():
        totals.articles[day, article, name] += number
        for at, part in by_hour(day, number):
            if name in {"people", "halves"}:
                totals.article_hours[at, article, name] += part
            if name not in {"halves", "subscribers"}:
                totals.hours[at, name] += part


def by_hour(day: date, number: int) -> Iterator[tuple[datetime, int]]:
    """Spread a day's `number` over its hours: few in the night, most in the morning and in the evening."""
    shares = (1, 1, 0, 0, 1, 2, 5, 8, 8, 6, 5, 5, 6, 5, 4, 4, 4, 5, 6, 7, 7, 5, 3, 2)
    midnight = datetime.combine(day, datetime.min.time(), timezone.get_current_timezone())
    for hour, share in enumerate(shares):
        yield midnight + timedelta(hours=hour), number * share // sum(shares)
