"""One backup a day, and how long each is kept. `tick` calls `make_due`."""

import logging
from collections.abc import Callable, Iterable, Sequence
from datetime import date, datetime, timedelta

from django.conf import settings
from django.utils import timezone

from truthlytics.backups.destinations import PREFIX, Destination, destination
from truthlytics.backups.models import BackupRun

logger = logging.getLogger(__name__)

# After an attempt that failed, and after one that has neither ended nor failed because its process was killed.
RETRY_AFTER, GIVEN_UP_AFTER = timedelta(hours=1), timedelta(hours=6)
# Without a newer backup, `/readyz` and the dashboard warn.
OVERDUE_AFTER = timedelta(hours=48)
KEEP_RUNS = timedelta(days=400)


def make_due(now: datetime) -> int:
    """Make the backup of this day, unless it exists or is being made, and delete old ones. Returns how many were made.

    Does nothing without BACKUP_TO. Records errors, and raises them.
    """
    if not settings.BACKUP_TO or (run := claim(now)) is None:
        return 0
    try:
        kept = destination(settings.BACKUP_TO)
        manifest = kept.make(f"{PREFIX}{run.day:%Y-%m-%d}")
        delete_old(kept)
    except Exception as error:
        run.fail(" ".join(str(error).split()) or type(error).__name__)
        raise
    run.finish(manifest.size, timezone.now())
    BackupRun.objects.filter(day__lt=run.day - KEEP_RUNS).delete()
    return 1


def claim(now: datetime) -> BackupRun | None:
    """Return the row of this day if this process is to make its backup. No other process gets it, too."""
    run, created = BackupRun.objects.get_or_create(day=timezone.localdate(now), defaults={"started_at": now})
    if created:
        return run
    pause = RETRY_AFTER if run.problem else GIVEN_UP_AFTER
    same = BackupRun.objects.filter(pk=run.pk, finished_at=None, started_at=run.started_at)
    if same.filter(started_at__lte=now - pause).update(started_at=now, problem=""):
        run.refresh_from_db()
        return run
    return None


def delete_old(kept: Destination) -> None:
    days = {day: name for name in kept.names() if (day := day_of(name))}
    keep = days_to_keep(days, settings.BACKUP_KEEP)
    if old := [name for day, name in days.items() if day not in keep]:
        kept.delete(old)
        logger.info("Deleted old backups: %s", ", ".join(old))


def day_of(name: str) -> date | None:
    try:
        return date.fromisoformat(name.removeprefix(PREFIX))
    except ValueError:  # not made by the schedule
        return None


def days_to_keep(days: Iterable[date], keep: Sequence[int]) -> set[date]:
    """Return the days of which the backups are kept: the newest one of so many days, weeks and months."""
    periods: tuple[Callable[[date], object], ...] = (date.isoformat, lambda day: day.isocalendar()[:2], month_of)
    kept: set[date] = set()
    for count, period in zip(keep, periods, strict=True):
        newest: dict[object, date] = {}
        for day in sorted(days, reverse=True):
            newest.setdefault(period(day), day)
        kept.update(list(newest.values())[:count])
    return kept


def month_of(day: date) -> tuple[int, int]:
    return day.year, day.month


def find_problem(now: datetime) -> tuple[str, str]:
    """Return what is wrong with the scheduled backups, and details for the log; empty strings if nothing is."""
    if not settings.BACKUP_TO or (last := BackupRun.objects.until(now).first()) is None:
        return "", ""
    if last.problem:
        return "the last backup failed", last.problem
    since = last.finished_at or last.started_at
    if since < now - OVERDUE_AFTER:
        return "the last backup is too old", f"The last one is from {last.day:%Y-%m-%d}. Does `tick` run?"
    return "", ""
