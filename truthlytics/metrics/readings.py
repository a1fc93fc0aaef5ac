"""What is read from the database and the disks for each reading of the metrics, in twenty queries.

*Settings → System* and `/readyz` say the same to people.
"""

import math
import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Count, Min, Q
from django_tasks_db.models import DBTaskResult, get_date_max
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.metrics_core import Metric

from subscriptions.models import Payment
from truthlytics import __version__
from truthlytics.backups import databases
from truthlytics.backups.models import BackupRun
from truthlytics.cache.models import CdnPurge
from truthlytics.jobs.groups import NAMES
from truthlytics.jobs.last_runs import TOLERANCE, last_runs
from truthlytics.jobs.models import JobProblem
from truthlytics.monitoring import strangers
from truthlytics.monitoring.versions import COMMIT
from truthlytics.newsletters.models import Delivery
from truthlytics.server.health import data_folders
from truthlytics.transparency.models import Checkpoint
from truthlytics.web import tasks
from truthlytics.web.queues import NEWSLETTERS, SLOW

QUEUES = ("default", SLOW, NEWSLETTERS)
TASK_STATES = (tasks.READY, tasks.RUNNING, tasks.FAILED, tasks.SUCCESSFUL)
DAY = timedelta(days=1)

type Labels = tuple[str, ...]
type Parts = Mapping[str, Callable[[datetime], Iterable[Metric]]]


def gauge(name: str, meaning: str, values: Mapping[Labels, float], *labels: str) -> Metric:
    metric = GaugeMetricFamily(f"truthlytics_{name}", meaning, labels=labels)
    for key, value in values.items():
        metric.add_metric(key, value)
    return metric


def single(name: str, meaning: str, value: float) -> Metric:
    return gauge(name, meaning, {(): value})


def seconds_since(at: datetime | None, now: datetime) -> float:
    """Return the age of something that should happen again and again: infinite if it never has.

    So it is for what was dated in the future while a clock was wrong.
    """
    return max(0.0, (now - at).total_seconds()) if at and at <= now + TOLERANCE else math.inf


def version() -> Iterator[Metric]:
    yield gauge("info", "Always 1; the labels say which code runs.", {(__version__, COMMIT): 1}, "version", "commit")


def disk() -> Iterator[Metric]:
    free: dict[Labels, float] = {}
    for folder in data_folders():
        path = next(path for path in (folder, *folder.parents) if path.exists())
        free[(str(folder),)] = shutil.disk_usage(path).free
    yield gauge("disk_free_bytes", "Free space for each folder of the site’s data.", free, "folder")


def task_queues(now: datetime) -> Iterator[Metric]:
    """Tasks by queue and state. Those without a time to start at have the latest date possible."""
    due = Q(status=tasks.READY, run_after__lte=now)
    at_once = Q(status=tasks.READY, run_after=get_date_max())
    rows = DBTaskResult.objects.order_by().values_list("queue_name", "status")
    counts: dict[Labels, float] = {(queue, state.lower()): 0 for queue in QUEUES for state in TASK_STATES}
    failed: dict[Labels, float] = {(queue,): 0 for queue in QUEUES}
    oldest = failed.copy()
    for queue, state, count, failures, first_due, first_at_once in rows.annotate(
        count=Count("pk"),
        failures=Count("pk", filter=~Q(exception_class_path="") & Q(status__in=[tasks.READY, tasks.FAILED])),
        first_due=Min("run_after", filter=due),
        first_at_once=Min("enqueued_at", filter=at_once),
    ):
        counts[queue, state.lower()] = count
        failed[(queue,)] = failed.get((queue,), 0) + failures
        for since in filter(None, (first_due, first_at_once)):
            oldest[(queue,)] = max(oldest.get((queue,), 0), seconds_since(since, now))
    yield gauge("tasks", "Tasks in the database.", counts, "queue", "state")
    yield gauge("tasks_failed", "Tasks whose last attempt failed, also if another one follows.", failed, "queue")
    yield gauge("task_oldest_due_seconds", "How long the oldest task that is due has waited.", oldest, "queue")


def unserved_tasks(now: datetime) -> Iterator[Metric]:
    rows = tasks.without_worker(now).order_by().values_list("queue_name").annotate(Count("pk"))
    found: dict[Labels, float] = {(queue,): 0 for queue in QUEUES} | {(queue,): count for queue, count in rows}
    yield gauge("tasks_without_worker", "Tasks due for five minutes of a queue that no worker serves.", found, "queue")


def emails(now: datetime) -> Iterator[Metric]:
    count = tasks.refused_emails(now).count()
    yield single("emails_refused", "Emails that wait because the mail server accepts none.", count)


def tick(now: datetime) -> Iterator[Metric]:
    ages: dict[Labels, float] = {(group,): seconds_since(at, now) for group, at in last_runs().items()}
    yield gauge("tick_age_seconds", "Time since the jobs of a group last ran to their end.", ages, "group")


def tick_problems(now: datetime) -> Iterator[Metric]:
    found: dict[Labels, float] = {(name,): 0 for name in NAMES}
    if failing := list(JobProblem.objects.order_by().values_list("job", flat=True)):
        # Rarely, because it takes 10 MB of each process that does so.
        from truthlytics.jobs.listed import GROUPS

        group_of = {job.label: group.name for group in GROUPS for job in group.jobs}
        for job in failing:
            key = (group_of.get(job, "other"),)
            found[key] = found.get(key, 0) + 1
    yield gauge("tick_problems", "Jobs of a group that failed when they last ran.", found, "group")


def newsletters(now: datetime) -> Iterator[Metric]:
    counts = Delivery.objects.of_current_issues(now).counts()
    values: dict[Labels, float] = {(str(state),): counts[state] for state in Delivery.State.values}
    yield gauge(
        "newsletter_emails", "Emails of issues that are being sent or were begun in the last day.", values, "state"
    )


def payments(now: datetime) -> Iterator[Metric]:
    values: dict[Labels, float] = {(str(status),): 0 for status in Payment.Status.values}
    rows = Payment.objects.filter(recorded_at__gte=now - DAY).order_by().values_list("status")
    values |= {(status,): count for status, count in rows.annotate(Count("pk"))}
    yield gauge("payments", "Payments of the last day.", values, "status")


def database(now: datetime) -> Iterator[Metric]:
    yield single("database_size_bytes", "Size of the database.", databases.size())


def backup(now: datetime) -> Iterator[Metric]:
    if settings.BACKUP_TO:
        last = BackupRun.objects.until(now).finished().values_list("finished_at", flat=True).first()
        yield single("backup_age_seconds", "Time since the last backup was complete.", seconds_since(last, now))


def record(now: datetime) -> Iterator[Metric]:
    last = Checkpoint.objects.order_by("-pk").values_list("created_at", flat=True).first()
    yield single("checkpoint_age_seconds", "Time since the record was last signed.", seconds_since(last, now))


def purges(now: datetime) -> Iterator[Metric]:
    yield single("cdn_purges_waiting", "Changes that the CDN has not been told twice yet.", CdnPurge.objects.count())


def stored_by_strangers(now: datetime) -> Iterator[Metric]:
    rows: dict[Labels, float] = {}
    sizes, most, used = rows.copy(), rows.copy(), rows.copy()
    for kind, stored in strangers.all_stored():
        key = (kind.key,)
        rows[key], sizes[key], most[key] = stored.rows, stored.size, kind.most.size
        used[key] = 100 * max(stored.rows / kind.most.rows, stored.size / kind.most.size)
    yield gauge("strangers_rows", "Rows that unknown visitors have stored.", rows, "kind")
    yield gauge("strangers_bytes", "Bytes that unknown visitors have stored.", sizes, "kind")
    yield gauge("strangers_ceiling_bytes", "Bytes of each kind that unknown visitors can store.", most, "kind")
    yield gauge("strangers_ceiling_percent", "How much of the ceiling is used, by rows or bytes.", used, "kind")


DATABASE: Parts = {
    "tasks": task_queues,
    "workers": unserved_tasks,
    "emails": emails,
    "tick": tick,
    "tick_problems": tick_problems,
    "newsletters": newsletters,
    "payments": payments,
    "database": database,
    "backup": backup,
    "record": record,
    "purges": purges,
    "strangers": stored_by_strangers,
}
