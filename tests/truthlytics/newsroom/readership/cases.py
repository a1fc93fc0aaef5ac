"""Rows of statistics for tests, as counting adds them."""

from datetime import date, datetime, timedelta

from django.utils import timezone

from articles.models import Article, Counts, ReadCount
from truthlytics.statistics.models import AgentDay, Hour, HourCounts, NotCounted, ReadSource, SourceDay
from truthlytics.web.agents import Kind


def add(article: Article, day: date, people: int, *, old: bool = False, **others: int) -> None:
    """Add counts of `article`, with `old=True` as version 1.0 counted them."""
    known = {} if old else dict.fromkeys(Counts._fields[1:], 0)
    ReadCount.objects.add({(day, article.pk): Counts(people, **known | others)})


def add_all(article: Article, day: date) -> None:
    """Add one of everything that the pages show."""
    add(article, day, 40, halves=10, assistants=3, programs=70, not_counted=8, subscribers=12)
    at = timezone.make_aware(datetime.combine(day, datetime.min.time())) + timedelta(hours=9)
    Hour.objects.add({at: HourCounts(40, 3, 70, 8)})
    ReadSource.objects.add({(day, article.pk, "host", "news.example"): 30, (day, article.pk, "direct", ""): 10})
    SourceDay.objects.add({(day, "news.example", "host"): 30, (day, "", "direct"): 10})
    AgentDay.objects.add({(day, "GPTBot", Kind.TRAINING): 70, (day, "Claude-User", Kind.ASSISTANT): 3})
    NotCounted.objects.add({(day, "again"): 8})
