"""Database objects of the search index that Django models cannot describe; the initial migration creates them."""

import sqlite3
from typing import Any

# A contentless FTS5 table can delete rows only from SQLite 3.43 on; older versions store a copy of the terms.
_CONTENT = "content = '', contentless_delete = 1," if sqlite3.sqlite_version_info >= (3, 43) else ""
_CREATE = {
    "sqlite": [
        "CREATE VIRTUAL TABLE articles_search USING fts5("
        f"head, names, body, facets, {_CONTENT} tokenize = \"unicode61 remove_diacritics 0 tokenchars '_-'\")",
        # Recreating the table of search entries drops this trigger: create it again in the same migration.
        "CREATE TRIGGER articles_search_forget AFTER DELETE ON articles_searchentry"
        " BEGIN DELETE FROM articles_search WHERE rowid = old.id; END",
    ],
    "postgresql": [
        "ALTER TABLE articles_searchentry ADD COLUMN terms tsvector",
        # Uncompressed: ranking a common word reads two thousand of them.
        "ALTER TABLE articles_searchentry ALTER COLUMN terms SET STORAGE EXTERNAL",
        "CREATE INDEX articles_search_terms ON articles_searchentry USING gin (terms) WITH (fastupdate = off)",
        # Prefix searches are range scans of the unique index, which needs byte order.
        'ALTER TABLE articles_searchword ALTER COLUMN term TYPE varchar(40) COLLATE "C"',
    ],
}
_DROP = {
    "sqlite": ["DROP TRIGGER articles_search_forget", "DROP TABLE articles_search"],
    "postgresql": ["ALTER TABLE articles_searchentry DROP COLUMN terms"],
}


def create(apps: Any, schema_editor: Any) -> None:
    for statement in _CREATE.get(schema_editor.connection.vendor, ()):
        schema_editor.execute(statement)


def drop(apps: Any, schema_editor: Any) -> None:
    for statement in _DROP.get(schema_editor.connection.vendor, ()):
        schema_editor.execute(statement)
