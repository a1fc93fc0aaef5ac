"""Dump a filled database of a release, for the test that upgrades it. See “Releases” in docs/contributing.md.

TRUTHLYTICS_DEMO=1 DATABASE_URL=… .venv/bin/python -m tests.truthlytics.upgrades.dump 1.0
"""

import lzma
import os
import sqlite3
import subprocess
import sys
import tempfile
from contextlib import closing
from hashlib import sha256
from pathlib import Path

import django
from django.core.management import call_command
from django.db import connection

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "truthlytics.settings")
    django.setup()

from truthlytics.backups import databases

FOLDER = Path(__file__).parent
ROOT = FOLDER.parents[2]


def main(version: str) -> None:
    with databases.scratch():
        call_command("demo", no_serve=True)
        path_of(version).write_bytes(lzma.compress(as_file() if connection.vendor == "sqlite" else as_statements()))
    lines = [f"{digest}  {name}\n" for name, digest in migrations().items()]
    (FOLDER / f"{version}.migrations.txt").write_text("".join(lines))


def path_of(version: str) -> Path:
    return FOLDER / f"{version}.{connection.vendor}.xz"


def as_file() -> bytes:
    """Return SQLite's file without free pages."""
    with tempfile.TemporaryDirectory() as folder, connection.cursor() as cursor:
        copy = Path(folder) / "copy.sqlite3"
        cursor.execute("VACUUM INTO %s", [str(copy)])
        return copy.read_bytes()


def as_statements() -> bytes:
    """Return the statements that make this database of PostgreSQL again."""
    settings = connection.settings_dict
    address = [f"--host={settings['HOST']}", f"--port={settings['PORT']}", f"--username={settings['USER']}"]
    options = ["--inserts", "--rows-per-insert=100", "--no-owner", "--no-privileges"]
    command = [databases.find_program("pg_dump"), *options, *address, settings["NAME"]]
    environment = os.environ | {"PGPASSWORD": settings["PASSWORD"]}
    lines = subprocess.run(command, env=environment, capture_output=True, check=True).stdout.splitlines(keepends=True)
    # Without commands of psql.
    return b"".join(line for line in lines if not line.startswith(b"\\"))


def load(version: str) -> None:
    """Fill the database, which is empty, with the dump of a release."""
    content = lzma.decompress(path_of(version).read_bytes())
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            with closing(sqlite3.connect(":memory:")) as copy:
                copy.deserialize(content)
                copy.backup(cursor.connection)
        else:
            cursor.execute(content.decode())
    # The search path that pg_dump empties ends with the connection.
    connection.close()


def migrations() -> dict[str, str]:
    """Return the SHA-256 of each migration by path."""
    apps = [
        "articles",
        "comments",
        "subscriptions",
        "truthlytics",
        "truthlytics/newsletters",
        "truthlytics/transparency",
    ]
    paths = [path for app in apps for path in sorted((ROOT / app / "migrations").glob("0*.py"))]
    return {path.relative_to(ROOT).as_posix(): sha256(path.read_bytes()).hexdigest() for path in paths}


def released(release: str = "*") -> dict[str, str]:
    """Return the SHA-256 of each migration of a release, or of all, by path."""
    texts = [path.read_text() for path in sorted(FOLDER.glob(f"{release}.migrations.txt"))]
    return {name: digest for text in texts for digest, name in map(str.split, text.splitlines())}


if __name__ == "__main__":
    main(sys.argv[1])
