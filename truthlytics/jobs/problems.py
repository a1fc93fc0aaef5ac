"""Keep which periodic jobs fail, and when they are tried again."""

from collections import Counter
from datetime import datetime, timedelta

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext as _

from truthlytics.jobs.models import JobProblem
from truthlytics.web import tasks
from truthlytics.web.text import strip_control_characters

MAX_LENGTH = 500
# A job waits longer after each failure in a row, and ten times as long as it ran: it takes a tenth of the time at most.
FIRST_DELAY, LONGEST_DELAY = timedelta(seconds=30), timedelta(minutes=10)
PER_SECOND, LONGEST_DELAY_OF_SLOW = timedelta(seconds=10), timedelta(hours=1)


def record_failure(job: str, problem: str, *, seconds: float) -> None:
    """Write down that `job` failed after so many seconds, and postpone its next attempt."""
    note(job, problem, timezone.now())
    row = JobProblem.objects.filter(job=job)
    row.update(failures=models.F("failures") + 1)
    failures = row.values_list("failures", flat=True).first() or 1
    row.update(next_attempt_at=timezone.now() + delay(failures, seconds))


def delay(failures: int, seconds: float) -> timedelta:
    """Return the time to the next attempt of a job that failed so often in a row, last after so many seconds."""
    after_failures: timedelta = min(FIRST_DELAY * 2 ** min(failures - 1, 10), LONGEST_DELAY)
    return max(after_failures, min(PER_SECOND * seconds, LONGEST_DELAY_OF_SLOW))


def note(name: str, problem: str, now: datetime) -> None:
    """Tell the newsroom about a problem until `settle` is called with the same name. No job of that name waits."""
    text = strip_control_characters(problem)[:MAX_LENGTH]
    JobProblem.objects.update_or_create(job=name, defaults={"problem": text, "noticed_at": now})


def settle(name: str) -> None:
    JobProblem.objects.filter(job=name).delete()


def sentences() -> list[str]:
    """Return what the newsroom should know of periodic jobs and tasks, with two queries."""
    found = [
        _("The periodic job “%(job)s” has failed %(failures)d times in a row: %(problem)s")
        % {"job": row.job, "failures": row.failures, "problem": row.problem}
        if row.failures
        else row.problem
        for row in JobProblem.objects.all()
    ]
    counts = Counter(tasks.ended_tasks().values_list("task_path", flat=True))
    return found + [
        _("The task “%(task)s” did not end in time, or its process ended: %(count)d") % {"task": path, "count": count}
        for path, count in sorted(counts.items())
    ]
