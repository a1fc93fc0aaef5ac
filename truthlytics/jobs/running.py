"""Run the periodic jobs of a group, one after the other."""

import fcntl
import logging
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress

from django.conf import settings
from django.db import DatabaseError, InterfaceError
from django.utils import timezone

from truthlytics.jobs.groups import Group, Job
from truthlytics.jobs.last_runs import record_run
from truthlytics.jobs.models import JobProblem
from truthlytics.jobs.problems import record_failure, settle
from truthlytics.publication.language import site_language
from truthlytics.web.time_limits import TimeLimitExceededError, time_limit

logger = logging.getLogger(__name__)

Watch = Callable[[Job], AbstractContextManager[None]]


@contextmanager
def only_one(group: str) -> Iterator[bool]:
    """Lock a group on this machine. Yields False if another process has the lock, which ends with that process."""
    folder = settings.PAGE_CACHE_FILE.parent
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / f"tick-{group}.lock").open("a") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
        else:
            yield True


def run_group(
    group: Group, is_stopping: Callable[[], bool] = lambda: False, watch: Watch = lambda job: nullcontext()
) -> list[str]:
    """Run the jobs of a group that are not postponed, until `is_stopping`, each inside of `watch`.

    Returns what failed.
    """
    with only_one(group.name) as is_free, site_language():
        if not is_free:
            logger.info("The jobs of the group %s are still running.", group.name)
            return []
        now = timezone.now()
        labels = [job.label for job in group.jobs]
        problems = {row.job: row for row in JobProblem.objects.filter(job__in=labels)}
        errors = []
        for job in group.jobs:
            known = problems.get(job.label)
            if is_stopping():
                break
            if known and known.next_attempt_at and known.next_attempt_at > now:
                continue
            with watch(job):
                failed = run_job(job)
            errors += failed
            if known and not failed:
                settle(job.label)
        else:
            record_run(group.name, timezone.now())
        return errors


def run_job(job: Job) -> list[str]:
    """Run a job within its limit. A failure is logged, written down and returned: other jobs run anyway."""
    started = time.monotonic()
    try:
        with time_limit(job.limit):
            count = job.run(timezone.now())
    except (Exception, TimeLimitExceededError) as error:
        logger.exception("Periodic job failed: %s", job.label)
        problem = str(error) or type(error).__name__
        # Nothing can be written down while the database is unreachable.
        with suppress(DatabaseError, InterfaceError):
            record_failure(job.label, problem, seconds=time.monotonic() - started)
        return [f"{job.label} ({problem})"]
    logger.log(logging.INFO if count else logging.DEBUG, "%s: %d", job.label, count)
    return []
