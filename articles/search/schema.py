"""Database objects for searching that Django models cannot describe; migrations create them."""

import sqlite3

from django.apps.registry import Apps
from django.db import connections
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

from truthlytics.web.word_index import WordIndex

# A contentless FTS5 table can delete rows only from SQLite 3.43 on; older versions store a copy of the terms.
_CONTENT = "content = '', contentless_delete = 1," if sqlite3.sqlite_version_info >= (3, 43) else ""
_TRIGGER = (
    "CREATE TRIGGER IF NOT EXISTS articles_search_forget AFTER DELETE ON articles_searchentry"
    " BEGIN DELETE FROM articles_search WHERE rowid = old.id; END"
)
NEWSROOM = WordIndex(
    "articles_article", ("headline", "standfirst", "slug"), fts="articles_newsroom_search", gin="article_by_words"
)
_CREATE = {
    "sqlite": [
        "CREATE VIRTUAL TABLE articles_search USING fts5("
        f"head, names, body, facets, {_CONTENT} tokenize = \"unicode61 remove_diacritics 0 tokenchars '_-'\")",
        _TRIGGER,
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


def create(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    for statement in _CREATE.get(schema_editor.connection.vendor, ()):
        schema_editor.execute(statement)


def drop(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    for statement in _DROP.get(schema_editor.connection.vendor, ()):
        schema_editor.execute(statement)


def restore_triggers(using: str, **kwargs: object) -> None:
    """Create the triggers that a migration has dropped. Handles `post_migrate`."""
    NEWSROOM.restore_triggers(using)
    if connections[using].vendor == "sqlite":
        with connections[using].cursor() as cursor:
            if cursor.execute("SELECT 1 FROM sqlite_master WHERE name = 'articles_search'").fetchone():
                cursor.execute(_TRIGGER)


# Their names in migrations.
create_newsroom, drop_newsroom = NEWSROOM.create, NEWSROOM.drop
