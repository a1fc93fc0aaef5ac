"""What a month of statistics takes of the database, and what it costs to count a million people."""

import time
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from random import Random

from django.db import connection

from articles.models import Article, ReadCount
from truthlytics.statistics import services
from truthlytics.statistics.models import AgentDay, ArticleHour, Hour, NotCounted, ReadSource, SourceDay
from truthlytics.statistics.seen import SIZE, Seen
from truthlytics.statistics.services import Totals
from truthlytics.tools.bench.results import Row, at_most, figure

MODELS = (ReadCount, ReadSource, SourceDay, AgentDay, Hour, ArticleHour, NotCounted)
ARTICLES, PEOPLE, DAYS = 2000, 1_000_000, 31
# Articles published each day, which are read in all of their first hours.
PUBLISHED = 10
FIRST, LATER = date(2026, 7, 1), datetime(2026, 12, 20, tzinfo=UTC)
# Shares of an article's people, as on a news site that is found by search and shared on a few large sites. Two in a
# hundred, at most eight a day, come from one of 3,000 other hosts.
SHARES = {
    ("direct", ""): 0.31,
    ("site", ""): 0.24,
    ("search", "google.com"): 0.17,
    ("newsletter", "weekly-2026-07-05"): 0.08,
    ("host", "facebook.com"): 0.06,
    ("host", "t.co"): 0.04,
    ("host", "news.example"): 0.03,
    ("search", "bing.com"): 0.03,
    ("feed", ""): 0.01,
    ("search", "duckduckgo.com"): 0.01,
    ("gift", ""): 0.002,
}
REST, MOST_HOSTS, HOSTS = 0.02, 8, 3000
OTHER_SUMS = {"halves": 0.5, "subscribers": 0.2, "assistants": 0.02, "programs": 0.9, "not_counted": 0.2}


def statistics(corpus: object, quick: bool) -> Iterator[Row]:
    """Measure a month of a large site: people of its articles as 1, 2**-0.9, 3**-0.9 and so on (Zipf's law)."""
    number, days = (40, 2) if quick else (ARTICLES, DAYS)
    articles = Article.objects.bulk_create(
        Article(headline=f"Read {n}", slug=f"read-{n}", published_at=midnight(FIRST + timedelta(days=n // PUBLISHED)))
        for n in range(number)
    )
    weights = [(rank + 1) ** -0.9 for rank in range(number)]
    people = [int(PEOPLE * weight / sum(weights)) for weight in weights]
    chance, before = Random(1), size()  # noqa: S311 - sample data
    started = time.process_time()
    for offset in range(days):
        totals = day_of(FIRST + timedelta(days=offset), articles, people, chance)
        add_first_hours(totals, FIRST + timedelta(days=offset), articles[: PUBLISHED * (offset + 1)][-2 * PUBLISHED :])
        services.save(totals)
    yield figure("statistics: a day of all articles saved", (time.process_time() - started) * 1000 / days)
    yield figure(f"statistics: {days} days of {PEOPLE} people before they are merged", size() - before, "MB")
    started = time.process_time()
    services.merge_old(LATER)
    yield figure("statistics: days merged into a month", time.process_time() - started, "s")
    yield at_most(5, f"statistics: {days} days of {PEOPLE} people as a month", size() - before, "MB")
    Article.objects.filter(pk__in=[article.pk for article in articles]).delete()
    yield from counting(1000 if quick else PEOPLE)


def counting(people: int) -> Iterator[Row]:
    seen = Seen()
    started = time.process_time()
    with seen.on(FIRST):
        for number in range(people):
            seen.open(f"10.{number >> 16}.{number >> 8 & 255}.{number & 255}", "agent", number % ARTICLES)
    yield figure("statistics: telling a person from those seen", (time.process_time() - started) * 1e6 / people, "µs")
    yield at_most(24, "statistics: memory of those seen", SIZE / 1024**2, "MiB")


def day_of(day: date, articles: list[Article], people: list[int], chance: Random) -> Totals:
    totals = Totals()
    for article, number in zip(articles, people, strict=True):
        totals.articles[day, article.pk, "people"] = number
        for name, share in OTHER_SUMS.items():
            totals.articles[day, article.pk, name] = int(number * share)
        for (kind, name), share in SHARES.items():
            if found := int(number * share + chance.random()):
                totals.sources[day, article.pk, kind, name] = found
        for _ in range(min(MOST_HOSTS, int(number * REST))):
            totals.sources[day, article.pk, "host", f"host{chance.randrange(HOSTS)}.example"] += 1
    for number in range(200):
        totals.agents[day, f"Crawler number {number}", "program"] = 4500
    for reason in NotCounted.Reason.values:
        totals.not_counted[day, reason] = 40_000
    for hour in range(24):
        for name in ("people", "assistants", "programs", "not_counted"):
            totals.hours[midnight(day) + timedelta(hours=hour), name] = 40_000
    return totals


def add_first_hours(totals: Totals, day: date, articles: list[Article]) -> None:
    for article in articles:
        for hour in range(24):
            totals.article_hours[midnight(day) + timedelta(hours=hour), article.pk, "people"] = 400
            totals.article_hours[midnight(day) + timedelta(hours=hour), article.pk, "halves"] = 200


def midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=UTC)


def size() -> float:
    """Return what the rows take in the database with their indexes, in MB, once their free space is given back."""
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("VACUUM")
            cursor.execute("SELECT page_count * page_size FROM pragma_page_count(), pragma_page_size()")
            return float(cursor.fetchone()[0]) / 1e6
        total = 0
        for table in (model._meta.db_table for model in MODELS):
            cursor.execute(f"VACUUM FULL {connection.ops.quote_name(table)}")
            cursor.execute("SELECT pg_total_relation_size(%s)", [table])
            total += cursor.fetchone()[0]
        return total / 1e6
