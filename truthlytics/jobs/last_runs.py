"""When each group of jobs last ran to its end, on any machine."""

from contextlib import suppress
from datetime import datetime

from django.core.cache import cache
from django.db import DatabaseError, InterfaceError

from truthlytics.jobs.groups import NAMES


def record_run(group: str, at: datetime) -> None:
    """Remember that `group` ran. Nothing can be written down while the database is unreachable."""
    with suppress(DatabaseError, InterfaceError):
        cache.set(f"last-run:{group}", at, None)


def last_runs() -> dict[str, datetime | None]:
    """Return when each group last ran; None if it never did."""
    found = cache.get_many([f"last-run:{name}" for name in NAMES])
    return {name: found.get(f"last-run:{name}") for name in NAMES}
