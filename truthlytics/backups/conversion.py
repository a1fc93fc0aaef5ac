"""Load a backup of the other kind of database, SQLite or PostgreSQL, row by row.

The tables are made by this site's migrations; only rows are taken from the backup. Each value is read in the notation
of the old database and written as Django writes it to the new one, with its primary key.
"""

import json
import re
import sqlite3
import subprocess
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing
from datetime import UTC
from itertools import batched
from pathlib import Path
from typing import IO, Any, cast

from django.apps import apps
from django.core.management import call_command
from django.core.management.color import no_style
from django.db import connection, models, transaction
from django.db.migrations.recorder import MigrationRecorder
from django.utils.dateparse import parse_datetime

from articles.models import SearchEntry, SearchWord
from truthlytics.backups.databases import NAMES, find_program
from truthlytics.backups.folder import BackupError
from truthlytics.web.plugins import derived_models
from truthlytics.web.types import ModelField

# Values in one statement: SQLite accepts 32,766.
MAX_VALUES = 30_000
MAX_ROWS = 500
# A table with so many rows is named while they are written.
MANY_ROWS = 1000
COPY = re.compile(rb'COPY (?:\w+\.)?"?(\w+)"? \((.+)\) FROM stdin;\n')
ESCAPES = {"b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v"}

Row = tuple[object, ...]
# The name of a table, its columns and its rows.
Table = tuple[str, list[str], Iterable[Row]]


def converted_models() -> list[type[models.Model]]:
    """Return the models with rows that come from the backup."""
    every, rebuilt = apps.get_models(include_auto_created=True), rebuilt_models()
    return [model for model in every if model._meta.managed and not model._meta.proxy and model not in rebuilt]


def rebuilt_models() -> list[type[models.Model]]:
    """Return the models with rows that are made again: those of the search, and those that apps derive."""
    return [SearchEntry, SearchWord, *derived_models()]


def load(folder: Path, engine: str, *, say: Callable[[str], object] = lambda text: None) -> None:
    """Replace the rows of this database by those of the copy in `folder`, made by `engine`. Raises BackupError.

    Creates the tables if they are missing. Changes nothing if a row cannot be written. Run `rebuild_search` afterwards.
    `say` gets lines about the progress, because this may take minutes.
    """
    source = folder / NAMES[engine]
    call_command("migrate", verbosity=0)
    check_migrations(source, engine)
    say("Writing the rows of each table …")
    by_table = {model._meta.db_table: model for model in converted_models()}
    read = read_sqlite if engine == "sqlite" else read_postgres
    # Foreign keys are checked when the transaction ends, so the order of the tables does not matter.
    with transaction.atomic(), connection.cursor() as cursor:
        for each in [*by_table.values(), *rebuilt_models()]:
            cursor.execute(f"DELETE FROM {connection.ops.quote_name(each._meta.db_table)}")  # noqa: S608
        for name, columns, rows in read(source):
            if model := by_table.get(name):
                insert(model, columns, counted(name, rows, say), engine)
        reset_sequences(list(by_table.values()))


def counted(name: str, rows: Iterable[Row], say: Callable[[str], object]) -> Iterator[Row]:
    """Yield `rows`, and tell how many of the table `name` there were."""
    number = 0
    for number, row in enumerate(rows, start=1):
        yield row
        if number % (50 * MANY_ROWS) == 0:
            say(f"  {name}: {number:,} rows …")
    if number >= MANY_ROWS:
        say(f"  {name}: {number:,} rows")


def check_migrations(source: Path, engine: str) -> None:
    """Raises BackupError if the backup has the tables of another version of the code."""
    read = read_sqlite(source) if engine == "sqlite" else read_postgres(source, "django_migrations")
    applied = {
        (row["app"], row["name"])
        for name, columns, rows in read
        if name == "django_migrations"
        for row in (dict(zip(columns, values, strict=True)) for values in rows)
    }
    if applied != MigrationRecorder(connection).applied_migrations().keys():
        raise BackupError(
            "The backup was made with another version of the code. Another kind of database needs the same version: "
            "update the old site, or check out its version here, and make a new backup."
        )


def insert(model: type[models.Model], columns: list[str], rows: Iterable[Row], engine: str) -> None:
    fields = {str(field.column): field for field in model._meta.local_concrete_fields if not field.generated}
    if unknown := fields.keys() - set(columns):
        raise BackupError(f"The backup of {model._meta.db_table} has no {', '.join(sorted(unknown))}.")
    places = [(columns.index(column), field) for column, field in fields.items()]
    values = ([from_database(field, row[place], engine) for place, field in places] for row in rows)
    insert_rows(model, list(fields.values()), values)


def insert_rows(model: type[models.Model], fields: Sequence[ModelField], rows: Iterable[Sequence[object]]) -> None:
    """Insert `rows` of Python values as they are: no signals, and no times of their own in `auto_now` columns."""
    names = ", ".join(connection.ops.quote_name(str(field.column)) for field in fields)
    into = f"INSERT INTO {connection.ops.quote_name(model._meta.db_table)} ({names}) VALUES "  # noqa: S608
    placeholders = f"({', '.join(['%s'] * len(fields))})"
    with connection.cursor() as cursor:
        for batch in batched(rows, min(MAX_ROWS, MAX_VALUES // len(fields))):
            values = [
                field.get_db_prep_save(value, connection)
                for row in batch
                for field, value in zip(fields, row, strict=True)
            ]
            cursor.execute(into + ", ".join([placeholders] * len(batch)), values)


def reset_sequences(rows_of: Sequence[type[models.Model]]) -> None:
    """Let the database number new rows behind those that were inserted with their primary keys."""
    with connection.cursor() as cursor:
        for statement in connection.ops.sequence_reset_sql(no_style(), list(rows_of)):
            cursor.execute(statement)


def from_database(field: ModelField, value: Any, engine: str) -> object:
    """Return the Python value of `value`, as SQLite returns it or as PostgreSQL writes it in a dump."""
    if value is None:
        return None
    match field.get_internal_type():
        case "JSONField":
            return json.loads(value)
        case "DateTimeField" if engine == "sqlite":
            moment = parse_datetime(value)
            return moment and moment.replace(tzinfo=UTC)
        case "BinaryField" if engine == "postgresql":
            return bytes.fromhex(value.removeprefix("\\x"))
    return field.to_python(value)


def read_sqlite(source: Path) -> Iterator[Table]:
    with closing(sqlite3.connect(f"{source.resolve().as_uri()}?mode=ro", uri=True)) as database:
        names = [name for (name,) in database.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")]
        for name in names:
            if not name.startswith(("articles_search_", "articles_newsroom_search", "comments_search", "sqlite_")):
                rows = database.execute(f'SELECT * FROM "{name}"')  # noqa: S608
                yield name, [column[0] for column in rows.description], rows


def read_postgres(source: Path, table: str = "") -> Iterator[Table]:
    """Read the tables of a dump, or only `table`. Needs no server: pg_restore prints the rows."""
    command = [find_program("pg_restore"), "--data-only", "--file=-", str(source)]
    command += [f"--table={table}"] if table else []
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:  # noqa: S603
        lines, log = cast("IO[bytes]", process.stdout), cast("IO[bytes]", process.stderr)
        for line in lines:
            if match := COPY.fullmatch(line):
                columns = [column.strip(' "') for column in match[2].decode().split(",")]
                rows = read_rows(lines)
                yield match[1].decode(), columns, rows
                # Those that were not wanted.
                for _ in rows:
                    pass
        errors = log.read().decode().strip().splitlines()
    if process.returncode:
        raise BackupError(f"pg_restore failed: {errors[-1] if errors else process.returncode}")


def read_rows(lines: Iterable[bytes]) -> Iterator[Row]:
    """Yield the rows of a table in PostgreSQL's text format, up to the line that ends it."""
    for line in lines:
        if line == b"\\.\n":
            return
        yield tuple(map(unescape, line.decode().removesuffix("\n").split("\t")))


def unescape(value: str) -> str | None:
    if value == r"\N":
        return None
    return re.sub(r"\\(.)", lambda match: ESCAPES.get(match[1], match[1]), value)
