"""Indexes of the words in a table's columns, for searches in the newsroom by the beginnings of words.

On PostgreSQL a GIN index, on SQLite an FTS5 table that triggers maintain. Migrations create both.
"""

import re
import unicodedata
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from django.db import connection, connections
from django.db.models import Q
from django.db.models.expressions import RawSQL

_WORD = re.compile(r"[^\W_]+")
# PostgreSQL reads these characters as parts of a number, a path or an address. They become spaces.
_JOINERS = "-_./@:+~&=?#"
MAX_LENGTH, MAX_WORDS = 200, 6


def words_of(text: str) -> list[str]:
    return _WORD.findall(unicodedata.normalize("NFC", text[:MAX_LENGTH]).lower())[:MAX_WORDS]


@dataclass(frozen=True)
class WordIndex:
    """`fts` is the name of the FTS5 table and ends with "_search", `gin` that of the index."""

    table: str
    columns: tuple[str, ...]
    fts: str
    gin: str

    def matches(self, words: Collection[str]) -> Q:
        """Return the condition that a row has words which begin with all of `words` (from `words_of`)."""
        if connection.vendor == "postgresql":
            # OFFSET keeps this query apart: otherwise the planner may follow the order of the list and make the words
            # of each row again, which costs more than it thinks.
            sql = f"SELECT id FROM {self.table} WHERE {self._vector} @@ %s::tsquery OFFSET 0"  # noqa: S608
            query = " & ".join(f"'{word}':*" for word in words)
        else:
            sql = f"SELECT rowid FROM {self.fts} WHERE {self.fts} MATCH %s"  # noqa: S608
            query = " AND ".join(f'"{word}"*' for word in words)
        return Q(pk__in=RawSQL(sql, [query]))  # noqa: S611

    @property
    def _vector(self) -> str:
        """The words of a row on PostgreSQL."""
        text, spaces = " || ' ' || ".join(self.columns), " " * len(_JOINERS)
        return f"to_tsvector('simple'::regconfig, translate({text}, '{_JOINERS}', '{spaces}'))"

    @property
    def triggers(self) -> dict[str, str]:
        """What triggers on SQLite do, by name."""
        names, name = ", ".join(self.columns), self.fts.removesuffix("_search")
        old, new = (", ".join(f"{row}.{column}" for column in self.columns) for row in ("old", "new"))
        forget = f"INSERT INTO {self.fts} ({self.fts}, rowid, {names}) VALUES ('delete', old.id, {old});"  # noqa: S608
        add = f"INSERT INTO {self.fts} (rowid, {names}) VALUES (new.id, {new});"  # noqa: S608
        return {
            f"{name}_add": f"AFTER INSERT ON {self.table} BEGIN {add} END",
            f"{name}_change": f"AFTER UPDATE OF {names} ON {self.table} BEGIN {forget} {add} END",
            f"{name}_forget": f"AFTER DELETE ON {self.table} BEGIN {forget} END",
        }

    def create(self, apps: Any, schema_editor: Any) -> None:
        for statement in self._statements().get(schema_editor.connection.vendor, ()):
            schema_editor.execute(statement)

    def _statements(self) -> dict[str, list[str]]:
        return {
            "sqlite": [
                f"CREATE VIRTUAL TABLE {self.fts} USING fts5({', '.join(self.columns)}, detail = none,"
                f" content = '{self.table}', content_rowid = 'id', tokenize = 'unicode61 remove_diacritics 0')",
                self._rebuild,
                *(f"CREATE TRIGGER {name} {action}" for name, action in self.triggers.items()),
            ],
            "postgresql": [
                f"CREATE INDEX {self.gin} ON {self.table} USING gin ({self._vector})",
                # The planner knows nothing about the words yet.
                f"ANALYZE {self.table}",
            ],
        }

    @property
    def _rebuild(self) -> str:
        return f"INSERT INTO {self.fts} ({self.fts}) VALUES ('rebuild')"  # noqa: S608

    def drop(self, apps: Any, schema_editor: Any) -> None:
        if schema_editor.connection.vendor == "postgresql":
            schema_editor.execute(f"DROP INDEX {self.gin}")
        else:
            for name in self.triggers:
                schema_editor.execute(f"DROP TRIGGER {name}")
            schema_editor.execute(f"DROP TABLE {self.fts}")

    def restore_triggers(self, using: str, **kwargs: object) -> None:
        """Create the triggers that a migration has dropped: on SQLite, a new column recreates the table without them.

        Handles `post_migrate`. Rows may have changed without the triggers, so all of them are read again.
        """
        if connections[using].vendor != "sqlite":
            return
        with connections[using].cursor() as cursor:
            cursor.execute("SELECT name FROM sqlite_master WHERE name IN (%s, %s, %s, %s)", [self.fts, *self.triggers])
            existing = {name for (name,) in cursor.fetchall()}
            missing = [name for name in self.triggers if name not in existing] if self.fts in existing else []
            for name in missing:
                cursor.execute(f"CREATE TRIGGER {name} {self.triggers[name]}")
            if missing:
                cursor.execute(self._rebuild)
