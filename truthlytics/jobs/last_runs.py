"""When each group of jobs last ran to its end, on any machine."""

from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime, timedelta

from django.core.cache import cache
from django.db import DatabaseError, InterfaceError

from truthlytics.jobs.groups import LIMIT_OF_BACKUPS, LIMIT_OF_MANY, NAMES

# Jobs run every minute, or every five with systemd's timer. Groups with jobs that may take long get their time, too.
LATE_AFTER = timedelta(minutes=15)
LONGER = {"readers": timedelta(seconds=LIMIT_OF_MANY), "backups": timedelta(seconds=LIMIT_OF_BACKUPS)}
# Clocks of several machines differ. What is later was written while a clock was wrong, and says nothing.
TOLERANCE = timedelta(minutes=5)


def record_run(group: str, at: datetime) -> None:
    """Remember that `group` ran. Nothing can be written down while the database is unreachable."""
    with suppress(DatabaseError, InterfaceError):
        cache.set(f"last-run:{group}", at, None)


def last_runs() -> dict[str, datetime | None]:
    """Return when each group last ran; None if it never did."""
    found = cache.get_many([f"last-run:{name}" for name in NAMES])
    return {name: found.get(f"last-run:{name}") for name in NAMES}


def late_groups(runs: Mapping[str, datetime | None], now: datetime) -> list[str]:
    """Return the groups that have not run in time."""
    return [
        name
        for name, at in runs.items()
        if at is None or at > now + TOLERANCE or at < now - LATE_AFTER - LONGER.get(name, timedelta())
    ]
