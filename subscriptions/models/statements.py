"""Monthly statements: the figures of months that were closed."""

from datetime import date

from django.db import models
from django.utils.translation import gettext_lazy as _

from truthlytics.web.append_only import AppendOnly, AppendOnlyQuerySet


class StatementQuerySet(AppendOnlyQuerySet["Statement"]):
    def closes(self, day: date) -> bool:
        """Return whether the month of `day` is closed. Months are closed in order, so that every earlier one is too."""
        return self.filter(month__gte=day.replace(day=1)).exists()


class Statement(AppendOnly):
    """The figures of a month as they were when it was closed. `content` is never computed again."""

    # The first day of the month, in the publication's time zone. No constraint checks this: SQLite would need a
    # function of Django for it, and could not check a backup without one.
    month = models.DateField(_("month"), unique=True)
    # JSON, exactly these characters: see `services.statements`.
    content = models.TextField()
    # SHA-256 of the content in UTF-8.
    digest = models.CharField(max_length=64)
    closed_at = models.DateTimeField()
    closed_by = models.CharField(max_length=200)

    objects = StatementQuerySet.as_manager()

    class Meta:
        ordering = ["-month"]

    def __str__(self) -> str:
        return f"{self.month:%Y-%m}"
