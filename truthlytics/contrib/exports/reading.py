"""Store an export in an empty site."""

import re
from collections import Counter
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from io import StringIO
from itertools import batched
from pathlib import Path

from allauth.account.models import EmailAddress
from django.core.files.storage import storages
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection, models, transaction
from django.utils import timezone

from articles.models import Correction, DossierVersion, PageVersion, Version
from articles.services import log_entries, rebuilding
from subscriptions.models import User
from truthlytics.backups.conversion import insert_rows, reset_sequences
from truthlytics.cache.invalidation import invalidate
from truthlytics.contrib.exports import schema, versions
from truthlytics.contrib.exports.contents import AFTER_VERSIONS, BEFORE_VERSIONS, TABLES
from truthlytics.contrib.exports.folder import FILES, Folder, open_folder
from truthlytics.exports.tables import Children, Table
from truthlytics.exports.values import ExportError
from truthlytics.publication.current import publication_changed
from truthlytics.web.fragments import EVERY_PAGE
from truthlytics.web.plugins import derived_models
from truthlytics.web.text import counted, strip_control_characters

# Rows of lists that are kept until they are inserted together.
BATCH = 1000
# What a new site may have: its settings, which are replaced.
REPLACED = {"settings"}
# What an export has for people and other programs.
NEVER_READ = re.compile(rf"(articles|pages)/[^/]+\.md|{re.escape(schema.FILE)}")
Say = Callable[[str], object]


@dataclass(frozen=True)
class Imported:
    """The number of rows by file, and what the export has that this release does not know, as a phrase for each."""

    counts: dict[str, int]
    losses: list[str]


def import_site(path: Path, *, say: Say, dry_run: bool = False) -> Imported:
    """Store the export in the folder `path` in this site, which must be empty.

    All or nothing, and no one is emailed. What an older export does not have gets the defaults of this release. A dry
    run checks everything and stores nothing. Raises ExportError.
    """
    say("Verifying the files …")
    folder = open_folder(path)
    refuse_unless_empty(folder)
    loader = _Loader(folder, say)
    try:
        with transaction.atomic():
            loader.load()
            log_entries.add_archive(timezone.now())
            connection.check_constraints()
            verified = _verify_record()
            with _stored(folder, set() if dry_run else loader.media - folder.missing):
                transaction.set_rollback(dry_run)
    except (DatabaseError, OSError) as error:
        # Another import may have been faster.
        refuse_unless_empty(folder)
        raise ExportError(f"The export cannot be stored: {' '.join(str(error).split())}.") from error
    say(verified)
    if not dry_run:
        say("Building the search index …")
        call_command("rebuild_search", verbosity=0, stdout=StringIO())
        for model in derived_models():
            model._default_manager.all().delete()
        invalidate(EVERY_PAGE)
    return Imported(loader.counts, loader.losses())


def refuse_unless_empty(folder: Folder) -> None:
    """Raise ExportError if the site has anything that the export has too."""
    models_of = {table.name: table.model for table in TABLES if table.name not in REPLACED and not table.for_readers}
    if folder.has_readers:
        models_of["accounts"] = User
    for name, model in models_of.items():
        if model._default_manager.exists():
            raise ExportError(
                f"This site is not empty (it has {name.replace('_', ' ')}). Import into a new database, right after "
                "`manage.py migrate`, before the site is set up and before it has accounts."
            )


def _verify_record() -> str:
    """Return what `verify_record` checked. Raises ExportError if a version is not the one that was published."""
    output = StringIO()
    try:
        # The key may have signed another database before.
        call_command("verify_record", restored=True, stdout=output)
    except CommandError as error:
        raise ExportError(f"The record in the export is not valid: {error}") from error
    return output.getvalue().split("\n")[0]


class _Loader:
    """Stores the rows of an export. `media` are the names of the files that they need."""

    def __init__(self, folder: Folder, say: Say) -> None:
        self.folder, self.say = folder, say
        self.counts: dict[str, int] = {}
        self.media: set[str] = set()
        # In how many lines of a file a field is that this release does not know.
        self.unknown: Counter[tuple[str, str]] = Counter()

    def load(self) -> None:
        for table in BEFORE_VERSIONS:
            self._load(table)
        self.say("Rendering the versions …")
        loader = versions.Loader()
        self.counts[versions.FILE] = loader.load(self.folder.lines(versions.FILE))
        self.unknown.update({(versions.FILE, name): count for name, count in loader.unknown.items()})
        for table in AFTER_VERSIONS:
            if table.is_imported and (self.folder.has_readers or not table.for_readers):
                self._load(table)
        self._confirm_addresses()
        self._reset_sequences()
        rebuilding.rebuild_derived_rows()
        publication_changed()

    def _load(self, table: Table) -> None:
        self.counts[table.file] = 0
        if table.name in REPLACED:
            table.model._default_manager.all().delete()
        waiting: dict[str, list[list[object]]] = {children.name: [] for children in table.children}
        insert_rows(table.model, table.inserted, self._rows(table, waiting))
        for children in table.children:
            self._insert_children(children, waiting[children.name])

    def _rows(self, table: Table, waiting: dict[str, list[list[object]]]) -> Iterator[list[object]]:
        """Yield the rows of `table`, and insert those of its lists in between."""
        columns = [column.name for column in table.columns if isinstance(column, models.FileField)]
        for number, entry in self.folder.lines(table.file):
            row = table.values(entry, number)
            for name in columns:
                if file := entry.get(name):
                    self.folder.check_media(file, entry.get("sha256"))
                    self.media.add(file)
            for children in table.children:
                try:
                    waiting[children.name] += children.rows(entry[table.key], entry.get(children.name, []))
                except ValueError as error:
                    message = f"“{children.name}” in line {number} of {table.file} {error}."
                    raise ExportError(message) from error
                if len(waiting[children.name]) > BATCH:
                    self._insert_children(children, waiting[children.name])
            self.unknown.update((table.file, name) for name in set(table.unknown(entry)))
            self.counts[table.file] += 1
            yield row

    def _insert_children(self, children: Children, rows: list[list[object]]) -> None:
        # Rows may come before what they refer to: the database checks that when the transaction ends.
        insert_rows(children.model, children.inserted, rows)
        rows.clear()

    def losses(self) -> list[str]:
        """Return what was not imported because this release does not know it, such as “topics.jsonl: “colour””."""
        fields = [
            f"{file}: “{strip_control_characters(name)[:40]}” in {counted(count, 'line')}"
            for (file, name), count in sorted(self.unknown.items())
        ]
        read = {table.file for table in TABLES} | {versions.FILE} | {f"{FILES}/{name}" for name in self.media}
        return fields + sorted(name for name in self.folder.digests.keys() - read if not NEVER_READ.fullmatch(name))

    def _confirm_addresses(self) -> None:
        """Let readers log in with the code that is sent to the address that they had confirmed."""
        if not self.folder.has_readers:
            return
        accounts = User.objects.order_by("pk").values_list("pk", "email", "verified_at")
        for batch in batched(accounts.iterator(BATCH), BATCH):
            EmailAddress.objects.bulk_create(
                EmailAddress(user_id=pk, email=email, verified=verified_at is not None, primary=True)
                for pk, email, verified_at in batch
            )

    def _reset_sequences(self) -> None:
        stored = [table.model for table in TABLES if self.counts.get(table.file)]
        lists = [children.model for table in TABLES for children in table.children]
        reset_sequences([*stored, *lists, Version, PageVersion, DossierVersion, Correction])


@contextmanager
def _stored(folder: Folder, names: Collection[str]) -> Iterator[None]:
    """Store the files `names` in the media library, and remove them again if that or the block fails."""
    storage = storages["originals"]
    done: list[str] = []
    try:
        for name in sorted(names):
            # It can only be the same file, left from an import that failed: names contain digests.
            storage.delete(name)
            done.append(name)
            with (folder.path / FILES / name).open("rb") as source:
                if storage.save(name, source) != name:
                    raise ExportError(f"{name} cannot be stored under its name.")
        yield
    except BaseException:
        for name in done:
            storage.delete(name)
        raise
