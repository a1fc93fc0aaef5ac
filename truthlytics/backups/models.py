"""The scheduled backups of the last year: what was made when, and what failed."""

from datetime import datetime
from typing import Self

from django.db import models
from django.utils import timezone


class BackupRunQuerySet(models.QuerySet["BackupRun"]):
    def finished(self) -> Self:
        return self.filter(finished_at__isnull=False)

    def until(self, now: datetime) -> Self:
        """Leave out what a clock that was wrong has dated in the future: it says nothing about today."""
        return self.filter(day__lte=timezone.localdate(now), started_at__lte=now)


class BackupRun(models.Model):
    """The backup of a day. The row is its lock, so that no day has two, however many machines run `tick`."""

    day = models.DateField(unique=True, help_text="In the time zone of the settings.")
    started_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True, blank=True)
    problem = models.TextField(blank=True, help_text="Why the last attempt failed.")
    size = models.BigIntegerField(default=0, help_text="Of the database and all files, in bytes.")

    objects = BackupRunQuerySet.as_manager()

    class Meta:
        ordering = ["-day"]

    def __str__(self) -> str:
        return f"{self.day:%Y-%m-%d}"

    def finish(self, size: int, now: datetime) -> None:
        self.finished_at, self.problem, self.size = now, "", size
        self.save(update_fields=["finished_at", "problem", "size"])

    def fail(self, problem: str) -> None:
        self.problem = problem
        self.save(update_fields=["problem"])
