"""After much was written at once: a database that was told chooses its ways by what is there, not by what was."""

from django.db import connection


def tell_of_growth() -> None:
    """Let the database look at its tables again, each a sample; seconds at most."""
    statement = {"postgresql": "ANALYZE", "sqlite": "PRAGMA optimize=0x10002"}[connection.vendor]
    with connection.cursor() as cursor:
        cursor.execute(statement)
