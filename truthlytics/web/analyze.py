"""Refresh the query planner's statistics after bulk writes."""

from django.db import connection


def refresh_statistics() -> None:
    """Let the database sample its tables. Takes a few seconds at most."""
    statement = {"postgresql": "ANALYZE", "sqlite": "PRAGMA optimize=0x10002"}[connection.vendor]
    with connection.cursor() as cursor:
        cursor.execute(statement)
