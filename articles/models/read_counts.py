"""How often each article was read on a day, and by whom: people, assistants or programs. It names no person."""

from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from typing import Any, NamedTuple

from django.db import connection, models, transaction
from django.db.models import Sum
from django.utils.translation import gettext_lazy as _

# Single days are kept this long; older ones are merged into one row per month.
DAYS_KEPT = timedelta(days=120)
# The number of rows merged in one transaction.
MERGE_BATCH = 500

# Selects from the articles, so that one deleted in the meantime does not make the others fail. A sum stays unknown only
# as long as both are.
_ADD = """
    INSERT INTO {table} (article_id, day, count, halves, assistants, programs, not_counted, subscribers)
    SELECT id, %s, %s, %s, %s, %s, %s, %s FROM {articles} WHERE id = %s
    ON CONFLICT (article_id, day) DO UPDATE SET count = {table}.count + excluded.count, {sums}
"""
_ADD_SUM = "{name} = COALESCE({table}.{name} + excluded.{name}, {table}.{name}, excluded.{name})"
SUMS = ("halves", "assistants", "programs", "not_counted", "subscribers")


class Counts(NamedTuple):
    """The requests for an article: `people` who opened it, and all others.

    `halves` are those of the people who read to the half, `subscribers` those who were logged in with a subscription.
    What is None was not counted: before version 1.1, only people were, among them many programs.
    """

    people: int = 0
    halves: int | None = None
    assistants: int | None = None
    programs: int | None = None
    not_counted: int | None = None
    subscribers: int | None = None

    def plus(self, other: "Counts") -> "Counts":
        sums = [b if a is None else a if b is None else a + b for a, b in zip(self[1:], other[1:], strict=True)]
        return Counts(self.people + other.people, *sums)


type CountsByDay = Mapping[tuple[date, int], Counts]


class ReadCountQuerySet(models.QuerySet["ReadCount"]):
    def add(self, numbers: CountsByDay) -> None:
        """Add counts by day and article id, all or none. Safe to run concurrently."""
        # Sorted, so that concurrent transactions cannot deadlock.
        rows = [(day, *counts, article) for (day, article), counts in sorted(numbers.items())]
        table = self.model._meta.db_table
        sums = [_ADD_SUM.format(name=name, table=table) for name in SUMS]
        sql = _ADD.format(table=table, articles=_article_table(self.model), sums=", ".join(sums))
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.executemany(sql, rows)

    def totals(self, articles: Iterable[int]) -> dict[int, int]:
        """Return how many people read each article, by id, without those that nobody read, in one query."""
        return dict(self.filter(article__in=articles).values_list("article").annotate(reads=Sum("count")).order_by())

    def by_day(self, first: date, last: date) -> dict[date, int]:
        """Return the people who read articles by day, from `first` to `last`, without days that have none."""
        days = self.filter(day__gte=first, day__lte=last).values_list("day")
        return dict(days.annotate(reads=Sum("count")).order_by())

    def most_read(self, first: date, last: date, number: int) -> list[tuple[int, int]]:
        """Return the ids and readers of the `number` most read articles from `first` to `last`."""
        articles = self.filter(day__gte=first, day__lte=last).values_list("article")
        return list(articles.annotate(reads=Sum("count")).order_by("-reads", "-article")[:number])

    def merge_months(self, today: date) -> int:
        """Merge the days of old months; return how many rows were merged. Safe to repeat."""
        before, merged = (today - DAYS_KEPT).replace(day=1), 0
        while True:
            with transaction.atomic():
                # Locked, so that a concurrent run finds them gone.
                rows = self.filter(day__lt=before).exclude(day__day=1).order_by("pk").select_for_update()[:MERGE_BATCH]
                old = list(rows.values_list("pk", "article", "day", "count", *SUMS))
                months: dict[tuple[date, int], Counts] = {}
                for _, article, day, *sums in old:
                    key = day.replace(day=1), article
                    months[key] = months.get(key, Counts()).plus(Counts(*sums))
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
    # The people. Rows whose other sums are unknown were counted by version 1.0, which took many programs for people.
    count = models.PositiveIntegerField(default=0)
    halves = models.PositiveIntegerField(null=True, editable=False)
    assistants = models.PositiveIntegerField(null=True, editable=False)
    programs = models.PositiveIntegerField(null=True, editable=False)
    not_counted = models.PositiveIntegerField(null=True, editable=False)
    subscribers = models.PositiveIntegerField(null=True, editable=False)

    objects = ReadCountQuerySet.as_manager()

    class Meta:
        constraints = [
            # Its index also finds the rows of some days. What is counted today is at its end.
            models.UniqueConstraint(
                fields=["day", "article"],
                name="read_count_unique",
                violation_error_message=_("This article already has a count for this day."),
            )
        ]

    def __str__(self) -> str:
        return f"{self.count} reads of article {self.article_id} on {self.day}"
