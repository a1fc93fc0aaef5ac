"""Write a site to a folder."""

import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from django.core.files.storage import storages
from django.db import Error, connection, models
from django.utils import timezone

from truthlytics.contrib.exports import schema, texts, versions
from truthlytics.contrib.exports.contents import TABLES
from truthlytics.contrib.exports.folder import FILES, NewFolder, is_safe_path
from truthlytics.exports.tables import Context, Entry, Table
from truthlytics.exports.values import ExportError


def export_site(target: Path, *, has_readers: bool = False) -> NewFolder:
    """Write the site to the folder `target`, which must not exist or be empty. Raises ExportError.

    All rows are of one moment, and the site can stay online. The folder gets its name at the end, so that an
    incomplete export is never taken for a complete one.
    """
    unfinished = target.with_name(f"{target.name}.unfinished")
    shutil.rmtree(unfinished, ignore_errors=True)
    try:
        # Drafts are in it: only for its owner.
        unfinished.mkdir(parents=True, mode=0o700)
        folder = NewFolder(unfinished)
        with snapshot():
            _write(folder, Context(timezone.now(), has_readers))
        folder.finish(has_readers=has_readers)
        if target.exists():
            target.rmdir()
        unfinished.rename(target)
    except (Error, OSError) as error:
        shutil.rmtree(unfinished, ignore_errors=True)
        raise ExportError(f"The export failed: {error}") from error
    except BaseException:
        shutil.rmtree(unfinished, ignore_errors=True)
        raise
    folder.path = target
    return folder


@contextmanager
def snapshot() -> Iterator[None]:
    """Read one state of the database in the block, while others can write."""
    if connection.in_atomic_block:
        yield
        return
    # `atomic` would begin with a lock for writing on SQLite.
    begin = "BEGIN" if connection.vendor == "sqlite" else "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"
    with connection.cursor() as cursor:
        cursor.execute(begin)
        try:
            yield
        finally:
            cursor.execute("ROLLBACK")


def _write(folder: NewFolder, context: Context) -> None:
    media: set[str] = set()
    for table in TABLES:
        if context.has_readers or not table.for_readers:
            folder.write_lines(table.file, _noting_files(table, table.entries(context), media))
    folder.write_lines(versions.FILE, versions.entries(context))
    for name, text in texts.files(context):
        folder.write(name, [text.encode("utf-8", "replace")])
    folder.write(schema.FILE, [schema.as_text().encode()])
    for name in sorted(media):
        _copy(folder, name)


def _noting_files(table: Table, entries: Iterable[Entry], media: set[str]) -> Iterator[Entry]:
    """Yield `entries`, and add the files that they name to `media`."""
    columns = file_columns(table)
    for entry in entries:
        media.update(entry[name] for name in columns if entry[name])
        yield entry


def file_columns(table: Table) -> list[str]:
    return [column.name for column in table.columns if isinstance(column, models.FileField)]


def _copy(folder: NewFolder, name: str) -> None:
    storage = storages["originals"]
    if not is_safe_path(name):
        raise ExportError(f"The media library has a file with an unusual name: “{name}”. Rename it first.")
    try:
        with storage.open(name) as source:
            folder.copy(f"{FILES}/{name}", source)
    except FileNotFoundError:
        folder.missing.append(name)
