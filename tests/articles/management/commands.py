"""Helpers for tests of commands: running one, and changing rows with plain SQL."""

from io import StringIO

from django.core.management import call_command
from django.db import connection


def run(*args, **options):
    out = StringIO()
    call_command(*args, stdout=out, **options)
    return out.getvalue()


def tamper(row, **columns):
    """Change a row with plain SQL, bypassing the models."""
    assignments = ", ".join(f"{column} = %s" for column in columns)
    with connection.cursor() as cursor:
        cursor.execute(f"UPDATE {row._meta.db_table} SET {assignments} WHERE id = %s", [*columns.values(), row.pk])
