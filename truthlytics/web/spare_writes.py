"""Writes that a page can do without: they never make it wait for another process, or fail."""

from collections.abc import Callable

from django.db import OperationalError, connection, transaction


def write_if_free[T](write: Callable[[], T]) -> T | None:
    """Return what `write` returns, or None with nothing written if another process is in the way or the disk is full.

    SQLite has one lock for all writers, for which this does not wait; PostgreSQL locks rows, mostly for milliseconds.
    """
    if connection.vendor != "sqlite":
        return _write(write, "SET LOCAL lock_timeout = '100ms'")
    with connection.cursor() as cursor:
        timeout = int(cursor.execute("PRAGMA busy_timeout").fetchone()[0])
        cursor.execute("PRAGMA busy_timeout = 0")
        try:
            return _write(write)
        finally:
            cursor.execute(f"PRAGMA busy_timeout = {timeout}")


def _write[T](write: Callable[[], T], first: str = "") -> T | None:
    try:
        with transaction.atomic():
            if first:
                with connection.cursor() as cursor:
                    cursor.execute(first)
            return write()
    except OperationalError:
        return None
