"""What the newsroom should know of periodic jobs."""

from datetime import datetime
from typing import Self

from django.db import models

# Failures in a row that are no coincidence.
MANY = 3


class JobProblemQuerySet(models.QuerySet["JobProblem"]):
    def postponed(self, now: datetime) -> Self:
        return self.filter(next_attempt_at__gt=now)

    def lasting(self) -> Self:
        """The jobs that keep failing."""
        return self.filter(failures__gte=MANY)


class JobProblem(models.Model):
    """A periodic job that failed when it last ran, or a problem that a job reports. Deleted once it is settled."""

    job = models.CharField(max_length=100, unique=True)
    problem = models.TextField()
    failures = models.PositiveIntegerField(default=0, help_text="In a row.")
    noticed_at = models.DateTimeField()
    next_attempt_at = models.DateTimeField(null=True, help_text="The job is not run before.")

    objects = JobProblemQuerySet.as_manager()

    class Meta:
        ordering = ["job"]

    def __str__(self) -> str:
        return f"{self.job}: {self.problem}"
