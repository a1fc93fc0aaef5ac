"""Reads of each article per day. Nothing in it can be traced to a person."""

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from typing import Any

from django.db import connection, models, transaction
from django.db.models import Sum
from django.utils.translation import gettext_lazy as _

# Single days are kept this long; older ones are merged into one row per month.
DAYS_KEPT = timedelta(days=120)
# The number of rows merged in one transaction.
MERGE_BATCH = 500

# Selects from the articles, so that one deleted in the meantime does not make the others fail.
_ADD = """
    INSERT INTO {table} (article_id, day, count) SELECT id, %s, %s FROM {articles} WHERE id = %s
    ON CONFLICT (article_id, day) DO UPDATE SET count = {table}.count + excluded.count
"""


class ReadCountQuerySet(models.QuerySet["ReadCount"]):
    def add(self, numbers: Mapping[tuple[date, int], int]) -> None:
        """Add reads by day and article id, all or none. Safe to run concurrently."""
        # Sorted, so that concurrent transactions cannot deadlock.
        rows = [(day, count, article) for (day, article), count in sorted(numbers.items())]
        tables = {"table": self.model._meta.db_table, "articles": _article_table(self.model)}
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.executemany(_ADD.format(**tables), rows)

    def totals(self, articles: Iterable[int]) -> dict[int, int]:
        """Return the total reads by article id, without articles that were never read, in one query."""
        return dict(self.filter(article__in=articles).values_list("article").annotate(reads=Sum("count")).order_by())

    def by_day(self, first: date, last: date) -> dict[date, int]:
        """Return the reads of all articles by day, from `first` to `last`, without days that have none."""
        days = self.filter(day__gte=first, day__lte=last).values_list("day")
        return dict(days.annotate(reads=Sum("count")).order_by())

    def most_read(self, first: date, last: date, number: int) -> list[tuple[int, int]]:
        """Return the ids and reads of the `number` most read articles from `first` to `last`."""
        articles = self.filter(day__gte=first, day__lte=last).values_list("article")
        return list(articles.annotate(reads=Sum("count")).order_by("-reads", "-article")[:number])

    def merge_months(self, today: date) -> int:
        """Merge the days of old months; return how many rows were merged. Safe to repeat."""
        before, merged = (today - DAYS_KEPT).replace(day=1), 0
        while True:
            with transaction.atomic():
                # Locked, so that a concurrent run finds them gone.
                rows = self.filter(day__lt=before).exclude(day__day=1).order_by("pk").select_for_update()[:MERGE_BATCH]
                old = list(rows.values_list("pk", "article", "day", "count"))
                months: Counter[tuple[date, int]] = Counter()
                for _, article, day, count in old:
                    months[day.replace(day=1), article] += count
                self.filter(pk__in=[pk for pk, *_ in old]).delete()
                self.add(months)
            merged += len(old)
            if len(old) < MERGE_BATCH:
                return merged


def _article_table(model: type[models.Model]) -> str:
    related: Any = model._meta.get_field("article").related_model
    return str(related._meta.db_table)


class ReadCount(models.Model):
    article = models.ForeignKey("articles.Article", models.CASCADE, related_name="reads")
    day = models.DateField()
    count = models.PositiveIntegerField(default=0)

    objects = ReadCountQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["day"], name="reads_by_day")]
        constraints = [
            models.UniqueConstraint(
                fields=["article", "day"],
                name="read_count_day_unique",
                violation_error_message=_("This article already has a count for this day."),
            )
        ]

    def __str__(self) -> str:
        return f"{self.count} reads of article {self.article_id} on {self.day}"
