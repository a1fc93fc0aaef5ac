"""Retry failed tasks with growing delays, and remove what finished tasks leave behind.

The worker settles each task when it has run; `tick` and a starting worker settle those whose worker was killed.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Q, QuerySet
from django.tasks import DEFAULT_TASK_QUEUE_NAME, TaskResultStatus
from django.utils.dateparse import parse_datetime
from django_tasks_db.models import DBTaskResult

from truthlytics.web.mail_errors import MailServerError, Undeliverable
from truthlytics.web.plugins import long_tasks
from truthlytics.web.time_limits import TimeLimitExceededError

type TaskRow = DBTaskResult[Any, Any]

READY, RUNNING = TaskResultStatus.READY, TaskResultStatus.RUNNING
SUCCESSFUL, FAILED = TaskResultStatus.SUCCESSFUL, TaskResultStatus.FAILED

# Until when a task is retried, unless its argument `expires` says otherwise.
LIFETIME = timedelta(days=1)
FIRST_DELAY, LONGEST_DELAY = timedelta(seconds=10), timedelta(hours=1)
# Seconds after which a task is ended: in the queue of emails, in the others, and for tasks that may take long because
# they go through all articles. Features have more (truthlytics/web/plugins.py).
LIMIT, LIMIT_OF_OTHERS = 120, 540
LONG_TASKS = {
    "articles.services.denormalise.rerender_showing_later": 3600,
}
# Where tasks are that were elsewhere: those of the code before wait in the queue after an upgrade, and until a restart
# it adds more.
MOVED = {"truthlytics.web.mail.deliver": "truthlytics.publication.mail.deliver"}
# The worker of a task that has been running for longer is considered dead. The long tasks may safely run twice.
LONGEST_RUN = timedelta(minutes=10)
# A queue that makes no progress or fails for so long is reported, and so are this many failed tasks in an hour.
ALERT_AFTER, MANY = timedelta(minutes=5), 3
# What `find_problems` finds.
NO_WORKER, NO_MAIL, FAILING = "tasks are waiting for a worker", "the mail server accepts no email", "tasks are failing"
KEEP_SUCCESSFUL, KEEP_FAILED = timedelta(days=1), timedelta(days=14)
# Arguments kept of an expired task, to tell who did not get which email.
KEPT_ARGUMENTS = ("to", "subject", "expires")
NO_ARGUMENTS: dict[str, object] = {"args": [], "kwargs": {}}
UNDELIVERABLE = f"{Undeliverable.__module__}.{Undeliverable.__qualname__}"
MAIL_SERVER_ERROR = f"{MailServerError.__module__}.{MailServerError.__qualname__}"
WORKER_LOST = "WorkerLost"
TIME_LIMIT_EXCEEDED = f"{TimeLimitExceededError.__module__}.{TimeLimitExceededError.__qualname__}"


def limit_of(row: TaskRow) -> float:
    """Return the number of seconds after which a task is ended."""
    default = LIMIT if row.queue_name == DEFAULT_TASK_QUEUE_NAME else LIMIT_OF_OTHERS
    return LONG_TASKS.get(row.task_path) or long_tasks().get(row.task_path, default)


def settle(row: TaskRow, now: datetime) -> None:
    """Schedule the next attempt of a failed task, or remove the arguments that are no longer needed.

    Safe to repeat and to run concurrently: changes apply only to the attempt that `row` describes.
    """
    attempt = DBTaskResult.objects.filter(pk=row.pk, status=row.status, started_at=row.started_at)
    if row.status == SUCCESSFUL:
        attempt.update(args_kwargs=NO_ARGUMENTS)
    elif row.status == FAILED and now >= expires_at(row):
        kwargs = row.args_kwargs["kwargs"]
        kept = {"args": [], "kwargs": {name: kwargs[name] for name in KEPT_ARGUMENTS if name in kwargs}}
        if kept != row.args_kwargs:
            attempt.update(args_kwargs=kept)
    elif row.status == FAILED and row.exception_class_path != UNDELIVERABLE:
        attempt.update(status=READY, finished_at=None, run_after=now + delay(row))


def expires_at(row: TaskRow) -> datetime:
    expires = parse_datetime(row.args_kwargs["kwargs"].get("expires") or "")
    return expires or row.enqueued_at + LIFETIME


def delay(row: TaskRow) -> timedelta:
    """Return the time to the next attempt: doubled each time, at most a tenth of the task's lifetime."""
    doubled: timedelta = FIRST_DELAY * 2 ** min(len(row.worker_ids) - 1, 16)
    tenth: timedelta = (expires_at(row) - row.enqueued_at) / 10
    return min(doubled, tenth, LONGEST_DELAY)


def retry_interrupted(now: datetime) -> int:
    """Settle tasks left by a killed worker. Returns how many get another attempt."""
    lost = DBTaskResult.objects.running().filter(started_at__lte=now - LONGEST_RUN)
    lost.update(status=FAILED, finished_at=now, exception_class_path=WORKER_LOST, traceback="The worker was killed.")
    before = ready_count()
    # A failed task without arguments may have had none to begin with.
    for row in DBTaskResult.objects.finished().exclude(status=SUCCESSFUL, args_kwargs=NO_ARGUMENTS):
        settle(row, now)
    return max(0, ready_count() - before)


def failed_or_retried() -> QuerySet[TaskRow]:
    """Return the tasks with a failed last attempt, oldest first."""
    rows = DBTaskResult.objects.filter(status__in=[READY, FAILED]).exclude(exception_class_path="")
    return rows.order_by("enqueued_at")


def ended_tasks() -> QuerySet[TaskRow]:
    """Return the tasks that did not end in time, or with which their worker ended, in the last attempt."""
    return failed_or_retried().filter(exception_class_path__in=[TIME_LIMIT_EXCEEDED, WORKER_LOST])


def retry_failed(now: datetime) -> int:
    """Let the worker run failed tasks that have not expired at once. Returns how many."""
    current = [row.pk for row in failed_or_retried() if now < expires_at(row)]
    return failed_or_retried().filter(pk__in=current).update(status=READY, finished_at=None, run_after=now)


def delete_finished(now: datetime) -> int:
    """Delete the rows of tasks that succeeded more than a day ago or failed more than two weeks ago."""
    old = Q(status=SUCCESSFUL, finished_at__lte=now - KEEP_SUCCESSFUL)
    old |= Q(status=FAILED, finished_at__lte=now - KEEP_FAILED)
    return DBTaskResult.objects.filter(old).delete()[0]


def ready_count() -> int:
    return DBTaskResult.objects.filter(status=READY).count()


def waiting_since(time: datetime, now: datetime) -> QuerySet[TaskRow]:
    """Return tasks that could have started by `time`. Without a start time they have the latest date possible."""
    ready = DBTaskResult.objects.filter(status=READY)
    return ready.filter(Q(run_after__lt=time) | Q(run_after__gt=now, enqueued_at__lt=time, started_at=None))


def without_worker(now: datetime) -> QuerySet[TaskRow]:
    """Return the tasks that have been due for a while and of whose queue no worker has started any since."""
    recently = now - ALERT_AFTER
    served = DBTaskResult.objects.filter(started_at__gte=recently).values("queue_name")
    return waiting_since(recently, now).exclude(queue_name__in=served)


def retried_since(now: datetime) -> QuerySet[TaskRow]:
    """Return the tasks that have failed for a while and will be tried again."""
    return DBTaskResult.objects.filter(status=READY, enqueued_at__lte=now - ALERT_AFTER).exclude(
        exception_class_path=""
    )


def refused_emails(now: datetime) -> QuerySet[TaskRow]:
    """Return the emails that have waited for a while because the mail server does not accept them."""
    return retried_since(now).filter(exception_class_path=MAIL_SERVER_ERROR)


def find_problems(now: datetime) -> "Iterator[tuple[str, str]]":
    """Yield what is wrong with the queue, and details of each for the log.

    One email that cannot be delivered is no problem of the queue. A mail server that accepts none is, and so are
    several tasks that fail while fewer succeed.
    """
    if (waiting := without_worker(now)).exists():
        queues = ", ".join(sorted(set(waiting.values_list("queue_name", flat=True))))
        details = f"{waiting.count()} tasks; is a db_worker running for each of these queues: {queues}?"
        yield NO_WORKER, details
    if (undelivered := refused_emails(now)).exists():
        reason = undelivered.values_list("traceback", flat=True)[0].strip().rpartition("\n")[2]
        yield NO_MAIL, f"{undelivered.count()} emails are waiting; {reason}"
        return
    last_hour = DBTaskResult.objects.filter(finished_at__gte=now - timedelta(hours=1))
    failed, successful = last_hour.failed().count() + retried_since(now).count(), last_hour.successful().count()
    if failed >= MANY and failed > successful:
        yield FAILING, f"{failed} failed and {successful} succeeded in the last hour"
