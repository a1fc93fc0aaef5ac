"""Rows that are written once: what was published, or what was done and by whom."""

from collections.abc import Collection
from typing import Any, ClassVar

from django.db import models


class AppendOnlyError(Exception):
    """A row that is written once was about to be changed or deleted."""


class AppendOnlyQuerySet[Row: "AppendOnly"](models.QuerySet[Row]):
    def update(self, **columns: Any) -> int:
        """Update columns that are `changeable`. Raises AppendOnlyError for others."""
        if not columns.keys() <= set(self.model.changeable):
            raise AppendOnlyError(f"{self.model.__name__} rows cannot be changed. Add a new one.")
        return super().update(**columns)

    def bulk_update(self, *args: object, **kwargs: object) -> int:
        raise AppendOnlyError(f"{self.model.__name__} rows cannot be changed. Add a new one.")

    def delete(self) -> tuple[int, dict[str, int]]:
        raise AppendOnlyError(f"{self.model.__name__} rows cannot be deleted.")


class AppendOnly(models.Model):
    """Base of models whose rows are neither changed nor deleted. Their managers use AppendOnlyQuerySet.

    The database deletes them with the rows that they belong to (CASCADE), and clears references to deleted users.
    """

    # The columns that may be written again.
    changeable: ClassVar[Collection[str]] = ()

    class Meta:
        abstract = True

    def save(self, *args: Any, **kwargs: Any) -> None:
        columns = kwargs.get("update_fields")
        if self.pk is not None and (columns is None or not set(columns) <= set(self.changeable)):
            raise AppendOnlyError(f"{type(self).__name__} rows cannot be changed. Add a new one.")
        super().save(*args, **kwargs)

    def delete(self, *args: object, **kwargs: object) -> tuple[int, dict[str, int]]:
        raise AppendOnlyError(f"{type(self).__name__} rows cannot be deleted.")
