"""One moment of the database in a file, and back: SQLite by its own online copy, PostgreSQL by its own programs."""

import os
import shutil
import sqlite3
import subprocess
from contextlib import closing
from pathlib import Path

from django.db import connection

from truthlytics.backups.folder import Unusable

NAMES = {"sqlite": "database.sqlite3", "postgresql": "database.dump"}


def dump(folder: Path) -> None:
    """Copy the database as it is at one moment, while the site goes on. Raises Unusable."""
    target = folder / NAMES[connection.vendor]
    if connection.vendor == "sqlite":
        connection.ensure_connection()
        with closing(sqlite3.connect(target)) as copy:
            connection.connection.backup(copy, pages=4096)
            broken = copy.execute("PRAGMA quick_check").fetchone()[0]
        if broken != "ok":
            raise Unusable(f"SQLite says that its file is damaged ({broken}): restore an older backup.")
    else:
        run("pg_dump", "--format=custom", "--no-owner", "--no-privileges", f"--file={target}")


def load(folder: Path) -> None:
    """Put the backed up database into the place of an empty one. Raises Unusable."""
    source = folder / NAMES[connection.vendor]
    if connection.vendor == "sqlite":
        connection.ensure_connection()
        with closing(sqlite3.connect(source)) as backup:
            backup.backup(connection.connection, pages=4096)
    else:
        connection.close()
        run("pg_restore", "--no-owner", "--no-privileges", "--clean", "--if-exists", "--exit-on-error",
            "--single-transaction", f"--dbname={connection.settings_dict['NAME']}", str(source))  # fmt: skip
    connection.close()


def rows() -> dict[str, int]:
    """How many rows each table has; the kept pages' and sessions' tables tell nothing and are left out."""
    passing = {"truthlytics_cache", "django_session", "truthlytics_pagechange"}
    counted = {}
    with connection.cursor() as cursor:
        for table in sorted(set(connection.introspection.table_names(cursor)) - passing):
            cursor.execute(f"SELECT COUNT(*) FROM {connection.ops.quote_name(table)}")  # noqa: S608
            counted[table] = cursor.fetchone()[0]
    return counted


def version() -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT sqlite_version()" if connection.vendor == "sqlite" else "SHOW server_version")
        return str(cursor.fetchone()[0])


def program(name: str) -> str:
    """Where PostgreSQL's `name` is: on the path, or in the newest folder of Debian's."""
    debian = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"), key=lambda path: int(path.parts[4]))
    found = shutil.which(name) or (str(debian[-1]) if debian else None)
    if found is None:
        raise Unusable(f"{name} is not on this machine: install PostgreSQL's client programs (postgresql-client).")
    return found


def run(name: str, *arguments: str) -> None:
    """Run one of PostgreSQL's programs on our database; the password goes by its environment."""
    database = connection.settings_dict
    given = {"PGDATABASE": "NAME", "PGUSER": "USER", "PGPASSWORD": "PASSWORD", "PGHOST": "HOST", "PGPORT": "PORT"}
    account = {key: str(database[setting]) for key, setting in given.items() if database[setting]}
    if mode := database["OPTIONS"].get("sslmode"):
        account["PGSSLMODE"] = mode
    done = subprocess.run(  # noqa: S603
        [program(name), "--no-password", *arguments], env={**os.environ, **account}, capture_output=True, text=True
    )
    if done.returncode:
        said = done.stderr.strip().splitlines()
        raise Unusable(f"{name} did not succeed: {said[-1] if said else done.returncode}")
