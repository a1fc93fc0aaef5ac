"""A migrated database, made once and copied for each run of the tests.

Its name has the digest of everything that migrations execute, so that a change makes another. The runner migrates the
copy too, which finds nothing to do.
"""

import contextlib
import os
import shutil
import sqlite3
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path

from django.apps import apps
from django.conf import settings
from django.db import Error, connection

FOLDER = settings.BASE_DIR / "var" / "test-databases"
PREFIX = "truthlytics_tests_"
# What migrations and the handlers of `post_migrate` call.
CALLED = [
    "articles/search/schema.py",
    "truthlytics/roles.py",
    "truthlytics/web/create_models.py",
    "truthlytics/web/online_index.py",
    "truthlytics/web/word_index.py",
]


def name() -> str:
    """Return the name of the template, which is the same for all databases of a server."""
    digest = sha256(f"{version('django')} {sqlite3.sqlite_version}".encode())
    folders = [Path(config.path) / "migrations" for config in apps.get_app_configs()]
    for path in [
        *(settings.BASE_DIR / name for name in CALLED),
        *(file for f in folders for file in sorted(f.glob("*.py"))),
    ]:
        digest.update(f"\n{path.parent.parent.name}/{path.name}\n".encode() + path.read_bytes())
    return PREFIX + digest.hexdigest()[:16]


def use() -> bool:
    """Let Django begin its test database as a copy of the template. Return False if there is no template yet."""
    if connection.vendor == "sqlite":
        template = FOLDER / f"{name()}.sqlite3"
        if not template.exists():
            return False
        target = Path(connection.settings_dict["TEST"]["NAME"])
        remove_rest(target)
        shutil.copyfile(template, target)
        return True
    with connection._nodb_cursor() as cursor:
        cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name()])
        if not cursor.fetchone():
            return False
    connection.settings_dict["TEST"]["TEMPLATE"] = name()
    return True


def remove_rest(database: Path) -> None:
    """Remove what a run that was killed left beside a file of SQLite, which would be read with the new file."""
    for ending in ("-wal", "-shm"):
        database.with_name(database.name + ending).unlink(missing_ok=True)


def store() -> None:
    """Copy the test database, which has been migrated and has no rows of tests, as the template. Remove former ones."""
    connection.close()
    if connection.vendor == "sqlite":
        FOLDER.mkdir(parents=True, exist_ok=True)
        (partial := FOLDER / f"{name()}.{os.getpid()}").write_bytes(Path(connection.settings_dict["NAME"]).read_bytes())
        partial.rename(FOLDER / f"{name()}.sqlite3")
        for path in FOLDER.glob(f"{PREFIX}*.sqlite3"):
            if path.stem != name():
                path.unlink(missing_ok=True)
        return
    with connection._nodb_cursor() as cursor:
        cursor.execute("SELECT datname FROM pg_database WHERE starts_with(datname, %s)", [PREFIX])
        statements = [f"DROP DATABASE {row[0]}" for row in cursor.fetchall()]
        for statement in [*statements, f"CREATE DATABASE {name()} TEMPLATE {connection.settings_dict['NAME']}"]:
            # Another run may have made or removed it in the meantime.
            with contextlib.suppress(Error):
                cursor.execute(statement)
