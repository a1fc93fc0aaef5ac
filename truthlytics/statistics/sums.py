"""Rows of sums that several processes add to, and their merging into months."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, timedelta
from typing import cast

from django.db import connection, models, transaction
from django.db.models import Min

from articles.models import Article

# Rows merged in one transaction.
MERGE_BATCH = 2000

_INSERT = "INSERT INTO {table} ({columns}) {values} ON CONFLICT ({keys}) DO UPDATE SET {sums}"


def upsert(
    model: type[models.Model], keys: Sequence[str], sums: Sequence[str], rows: Iterable[tuple[object, ...]]
) -> None:
    """Add `rows`, each with values for `keys` and then for `sums`, to those with the same keys, all or none.

    Safe to run concurrently. Rows of articles that were deleted in the meantime are left out.
    """
    by_name = {field.name: field for field in model._meta.concrete_fields}
    fields = [by_name[name] for name in (*keys, *sums)]
    quote, table = connection.ops.quote_name, connection.ops.quote_name(model._meta.db_table)
    columns = [quote(str(field.column)) for field in fields]
    marks = ", ".join(["%s"] * len(fields))
    values = f"VALUES ({marks})"
    if "article" in keys:
        articles = quote(Article._meta.db_table)
        values = f"SELECT {marks} WHERE EXISTS (SELECT 1 FROM {articles} WHERE id = %s)"  # noqa: S608 - names of tables
    sql = _INSERT.format(
        table=table,
        columns=", ".join(columns),
        values=values,
        keys=", ".join(columns[: len(keys)]),
        sums=", ".join(f"{column} = {table}.{column} + excluded.{column}" for column in columns[len(keys) :]),
    )
    prepared = []
    # In the same order everywhere, so that concurrent transactions cannot deadlock.
    for row in sorted(rows, key=str):
        prepared_row = [field.get_db_prep_value(value, connection) for field, value in zip(fields, row, strict=True)]
        article = [prepared_row[keys.index("article")]] if "article" in keys else []
        prepared.append([*prepared_row, *article])
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.executemany(sql, prepared)


class DaySums[Row: models.Model, Key: tuple[object, ...]](models.QuerySet[Row]):
    """Rows with one sum for each day and key. Subclasses say which fields make the key, and which has the sum."""

    key: tuple[str, ...] = ()
    total = ""
    kept = timedelta(days=120)

    def add(self, numbers: Mapping[Key, int]) -> None:
        """Add to the sums by key, which begins with the day, all or none. Safe to run concurrently."""
        with transaction.atomic():
            rows = [(*key, number) for key, number in self.bounded(numbers).items()]
            upsert(self.model, ("day", *self.key), (self.total,), rows)

    def bounded(self, numbers: Mapping[Key, int]) -> Mapping[Key, int]:
        """Return the sums with no more different names than the database shall have."""
        return numbers

    def merge_months(self, today: date) -> int:
        """Merge the days of old months; return how many rows were merged. Safe to repeat."""
        return sum(self.merge_day(day) for day in self.days_before((today - self.kept).replace(day=1)))

    def days_before(self, end: date) -> Iterator[date]:
        """Yield the days before `end` that are not merged yet, each found by its index: tick asks every minute."""
        day: date | None = date.min
        while day := self.filter(day__gt=day, day__lt=end).aggregate(first=Min("day"))["first"]:
            if day.day != 1:
                yield day

    def merge_day(self, day: date) -> int:
        """Merge the rows of `day` into those of the first of its month."""
        merged = 0
        while True:
            with transaction.atomic():
                # Locked, so that a concurrent run finds them gone.
                rows = self.filter(day=day).order_by("pk").select_for_update()[:MERGE_BATCH]
                old = list(rows.values_list("pk", self.total, *self.key))
                month: Counter[Key] = Counter()
                for _pk, number, *key in old:
                    month[cast(Key, (day.replace(day=1), *key))] += number
                self.filter(pk__in=[pk for pk, *_ in old]).delete()
                self.add(month)
            merged += len(old)
            if len(old) < MERGE_BATCH:
                return merged
