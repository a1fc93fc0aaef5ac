"""Keeping what is committed to SQLite in a power failure."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection


@contextmanager
def safe_from_power_failures() -> Iterator[None]:
    """Let SQLite write each commit to the disk at once. Otherwise a power failure may undo the last ones.

    Has no effect within a transaction. PostgreSQL does it always.
    """
    if connection.vendor != "sqlite" or connection.in_atomic_block:
        yield
        return
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA synchronous=FULL")
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA synchronous=NORMAL")
