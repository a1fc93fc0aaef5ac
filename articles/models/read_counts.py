"""How often each article was read, a number a day and nothing else: nobody can be found in it."""

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from typing import Any

from django.db import connection, models, transaction
from django.db.models import Sum

# Days are kept one by one for so long; before that, a month is one number.
DAYS_KEPT = timedelta(days=120)
# So many rows in one transaction.
FOLDED = 500

# For articles that are there: one that was deleted meanwhile must not take the numbers of the others with it.
_ADD = """
    INSERT INTO {table} (article_id, day, count) SELECT id, %s, %s FROM {articles} WHERE id = %s
    ON CONFLICT (article_id, day) DO UPDATE SET count = {table}.count + excluded.count
"""


class ReadCountQuerySet(models.QuerySet["ReadCount"]):
    def add(self, numbers: Mapping[tuple[date, int], int]) -> None:
        """Add to what is there: by day and id of the article, how many reads more. All or none; several may at once."""
        # In one order for all who add, so that no two wait for one another.
        rows = [(day, count, article) for (day, article), count in sorted(numbers.items())]
        tables = {"table": self.model._meta.db_table, "articles": _article_table(self.model)}
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.executemany(_ADD.format(**tables), rows)

    def totals(self, articles: Iterable[int]) -> dict[int, int]:
        """Reads of each of these articles since they were counted, in one query; without those that nobody read."""
        return dict(self.filter(article__in=articles).values_list("article").annotate(reads=Sum("count")).order_by())

    def by_day(self, first: date, last: date) -> dict[date, int]:
        """Reads of everything on each day from `first` to `last`, without the days on which nobody read."""
        days = self.filter(day__gte=first, day__lte=last).values_list("day")
        return dict(days.annotate(reads=Sum("count")).order_by())

    def most_read(self, first: date, last: date, number: int) -> list[tuple[int, int]]:
        """The articles that were read most from `first` to `last`: their ids and reads."""
        articles = self.filter(day__gte=first, day__lte=last).values_list("article")
        return list(articles.annotate(reads=Sum("count")).order_by("-reads", "-article")[:number])

    def merge_months(self, today: date) -> int:
        """Put the days of months that ended long ago together; returns how many days went in. Safe to run twice."""
        before, folded = (today - DAYS_KEPT).replace(day=1), 0
        while True:
            with transaction.atomic():
                # Locked: whoever folds at the same time finds them gone.
                rows = self.filter(day__lt=before).exclude(day__day=1).order_by("pk").select_for_update()[:FOLDED]
                old = list(rows.values_list("pk", "article", "day", "count"))
                months: Counter[tuple[date, int]] = Counter()
                for _, article, day, count in old:
                    months[day.replace(day=1), article] += count
                self.filter(pk__in=[pk for pk, *_ in old]).delete()
                self.add(months)
            folded += len(old)
            if len(old) < FOLDED:
                return folded


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
                name="reads_once_a_day",
                violation_error_message="This day of the article is counted already.",
            )
        ]

    def __str__(self) -> str:
        return f"{self.count} reads of article {self.article_id} on {self.day}"
