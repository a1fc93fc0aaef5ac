"""When each group of jobs last ran to its end, on any machine."""

from contextlib import suppress
from datetime import datetime

from django.core.cache import cache
from django.db import DatabaseError, InterfaceError


def record_run(group: str, at: datetime) -> None:
    """Remember that `group` ran. Nothing can be written down while the database is unreachable."""
    with suppress(DatabaseError, InterfaceError):
        cache.set(f"last-run:{group}", at, None)


def last_run(group: str) -> datetime | None:
    """Return when `group` last ran; None if it never did."""
    at: datetime | None = cache.get(f"last-run:{group}")
    return at
