"""Dump and load the database: SQLite with its online backup, PostgreSQL with pg_dump and pg_restore."""

import os
import secrets
import shutil
import sqlite3
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from django.contrib.contenttypes.models import ContentType
from django.db import Error, connection

from truthlytics.backups.folder import BackupError
from truthlytics.publication.current import forget_publication

NAMES = {"sqlite": "database.sqlite3", "postgresql": "database.dump"}
# Tables with data that need not match after a restore.
TRANSIENT_TABLES = {"truthlytics_counters", "django_session", "truthlytics_pagechange"}


def size() -> int:
    """Return the size of the database in bytes."""
    if connection.vendor == "sqlite":
        name = Path(connection.settings_dict["NAME"])
        return sum(path.stat().st_size for path in (name, Path(f"{name}-wal")) if path.exists())
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_database_size(current_database())")
        (found,) = cursor.fetchone()
    return int(found)


def dump(folder: Path) -> None:
    """Write a consistent copy of the database to `folder` while the site runs. Raises BackupError."""
    target = folder / NAMES[connection.vendor]
    target.touch(mode=0o600)
    if connection.vendor == "sqlite":
        with closing(sqlite3.connect(target)) as copy, connection.cursor() as cursor:
            # In one step, which sees one state: after each change by others, a copy in several would start again.
            cursor.connection.backup(copy)
            result = copy.execute("PRAGMA quick_check").fetchone()[0]
        if result != "ok":
            raise BackupError(f"The database file is damaged ({result}). Restore an older backup.")
    else:
        run("pg_dump", "--format=custom", "--no-owner", "--no-privileges", f"--file={target}")


def load(folder: Path) -> None:
    """Replace the database by the copy in `folder`. Raises BackupError."""
    source = folder / NAMES[connection.vendor]
    if connection.vendor == "sqlite":
        with closing(sqlite3.connect(source)) as backup, connection.cursor() as cursor:
            backup.backup(cursor.connection)
    else:
        connection.close()
        run("pg_restore", "--no-owner", "--no-privileges", "--clean", "--if-exists", "--exit-on-error",
            "--single-transaction", f"--dbname={connection.settings_dict['NAME']}", str(source))  # fmt: skip
    connection.close()


@contextmanager
def scratch() -> Iterator[None]:
    """Use an empty database beside the site's, which is deleted at the end of the block. Raises BackupError.

    For commands only: it applies to all threads of this process. SQLite's file is in a folder beside the site's file.
    """
    own = connection.settings_dict["NAME"]
    with scratch_file(Path(own)) if connection.vendor == "sqlite" else scratch_database() as name:
        try:
            use(name)
            yield
        finally:
            use(own)


@contextmanager
def scratch_file(own: Path) -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="scratch-", dir=own.parent) as folder:
        yield Path(folder) / own.name


@contextmanager
def scratch_database() -> Iterator[str]:
    name = f"truthlytics_scratch_{secrets.token_hex(4)}"
    try:
        with connection.cursor() as cursor:
            cursor.execute(f"CREATE DATABASE {name} TEMPLATE template0 ENCODING 'UTF8'")
    except Error as error:
        raise BackupError(
            f"A scratch database cannot be created ({str(error).strip()}). Allow it, as the database’s superuser: "
            f"ALTER ROLE {connection.ops.quote_name(connection.settings_dict['USER'])} CREATEDB."
        ) from error
    try:
        yield name
    finally:
        with connection.cursor() as cursor:
            cursor.execute(f"DROP DATABASE {name}")


def use(name: str | Path) -> None:
    """Connect to the database `name` from now on, and forget what this process has read."""
    connection.close()
    connection.settings_dict["NAME"] = name
    ContentType.objects.clear_cache()
    forget_publication()


def count_rows() -> dict[str, int]:
    """Return the number of rows per table, without caches and sessions."""
    counts = {}
    with connection.cursor() as cursor:
        for table in sorted(set(connection.introspection.table_names(cursor)) - TRANSIENT_TABLES):
            cursor.execute(f"SELECT COUNT(*) FROM {connection.ops.quote_name(table)}")  # noqa: S608
            counts[table] = cursor.fetchone()[0]
    return counts


def version() -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT sqlite_version()" if connection.vendor == "sqlite" else "SHOW server_version")
        return str(cursor.fetchone()[0])


def find_program(name: str) -> str:
    """Return the path of a PostgreSQL program, on PATH or in Debian's newest version. Raises BackupError."""
    debian = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"), key=lambda path: int(path.parts[4]))
    path = shutil.which(name) or (str(debian[-1]) if debian else None)
    if path is None:
        raise BackupError(f"{name} is not installed. Install PostgreSQL's client programs (postgresql-client).")
    return path


def run(name: str, *arguments: str) -> None:
    """Run a PostgreSQL program on the site's database. The password is passed in the environment."""
    settings = connection.settings_dict
    variables = {"PGDATABASE": "NAME", "PGUSER": "USER", "PGPASSWORD": "PASSWORD", "PGHOST": "HOST", "PGPORT": "PORT"}
    environment = {variable: str(settings[key]) for variable, key in variables.items() if settings[key]}
    if mode := settings["OPTIONS"].get("sslmode"):
        environment["PGSSLMODE"] = mode
    result = subprocess.run(  # noqa: S603
        [find_program(name), "--no-password", *arguments],
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
    )
    if result.returncode:
        errors = result.stderr.strip().splitlines()
        raise BackupError(f"{name} failed: {errors[-1] if errors else result.returncode}")
