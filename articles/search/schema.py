"""Database objects for searching that Django models cannot describe; migrations create them."""

import sqlite3
from typing import Any

from django.apps.registry import Apps
from django.db import connections
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

# A contentless FTS5 table can delete rows only from SQLite 3.43 on; older versions store a copy of the terms.
_CONTENT = "content = '', contentless_delete = 1," if sqlite3.sqlite_version_info >= (3, 43) else ""
_FORGET = (
    "INSERT INTO articles_newsroom_search (articles_newsroom_search, rowid, headline, standfirst, slug)"
    " VALUES ('delete', old.id, old.headline, old.standfirst, old.slug);"
)
_ADD = (
    "INSERT INTO articles_newsroom_search (rowid, headline, standfirst, slug)"
    " VALUES (new.id, new.headline, new.standfirst, new.slug);"
)
_REBUILD = "INSERT INTO articles_newsroom_search (articles_newsroom_search) VALUES ('rebuild')"
NEWSROOM_TRIGGERS = ("articles_newsroom_add", "articles_newsroom_change", "articles_newsroom_forget")
# SQLite only, by name.
TRIGGERS = {
    "articles_search_forget": "AFTER DELETE ON articles_searchentry"
    " BEGIN DELETE FROM articles_search WHERE rowid = old.id; END",
    "articles_newsroom_add": f"AFTER INSERT ON articles_article BEGIN {_ADD} END",
    "articles_newsroom_change": "AFTER UPDATE OF headline, standfirst, slug ON articles_article"
    f" BEGIN {_FORGET} {_ADD} END",
    "articles_newsroom_forget": f"AFTER DELETE ON articles_article BEGIN {_FORGET} END",
}
_CREATE = {
    "sqlite": [
        "CREATE VIRTUAL TABLE articles_search USING fts5("
        f"head, names, body, facets, {_CONTENT} tokenize = \"unicode61 remove_diacritics 0 tokenchars '_-'\")",
        f"CREATE TRIGGER articles_search_forget {TRIGGERS['articles_search_forget']}",
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


# What the newsroom finds articles by. `search.newsroom` writes the same expression.
NEWSROOM_COLUMNS = ("headline", "standfirst", "slug")
# PostgreSQL reads these characters as parts of a number, a path or an address. They become spaces.
JOINERS = "-_./@:+~&=?#"
_TEXT = (
    f"to_tsvector('simple'::regconfig, translate({" || ' ' || ".join(NEWSROOM_COLUMNS)},"
    f" '{JOINERS}', '{' ' * len(JOINERS)}'))"
)
_CREATE_NEWSROOM = {
    "sqlite": [
        "CREATE VIRTUAL TABLE articles_newsroom_search USING fts5(headline, standfirst, slug, detail = none,"
        " content = 'articles_article', content_rowid = 'id', tokenize = 'unicode61 remove_diacritics 0')",
        _REBUILD,
        *(f"CREATE TRIGGER {name} {TRIGGERS[name]}" for name in NEWSROOM_TRIGGERS),
    ],
    "postgresql": [
        f"CREATE INDEX article_by_words ON articles_article USING gin ({_TEXT})",
        # The planner knows nothing about the words yet.
        "ANALYZE articles_article",
    ],
}
_DROP_NEWSROOM = {
    "sqlite": [
        *(f"DROP TRIGGER {name}" for name in NEWSROOM_TRIGGERS),
        "DROP TABLE articles_newsroom_search",
    ],
    "postgresql": ["DROP INDEX article_by_words"],
}


def create(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    for statement in _CREATE.get(schema_editor.connection.vendor, ()):
        schema_editor.execute(statement)


def drop(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    for statement in _DROP.get(schema_editor.connection.vendor, ()):
        schema_editor.execute(statement)


def create_newsroom(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    for statement in _CREATE_NEWSROOM.get(schema_editor.connection.vendor, ()):
        schema_editor.execute(statement)


def drop_newsroom(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    for statement in _DROP_NEWSROOM.get(schema_editor.connection.vendor, ()):
        schema_editor.execute(statement)


def restore_triggers(using: str, **kwargs: Any) -> None:
    """Create the triggers that a migration has dropped: on SQLite, a new column recreates the table without them.

    Handles `post_migrate`. Rows may have changed without the triggers, so the newsroom's search is read again.
    """
    connection = connections[using]
    if connection.vendor != "sqlite":
        return
    with connection.cursor() as cursor:
        cursor.execute("SELECT name FROM sqlite_master WHERE name LIKE 'articles%%'", [])
        existing = {name for (name,) in cursor.fetchall()}
        if "articles_newsroom_search" not in existing:
            return
        missing = [name for name in TRIGGERS if name not in existing]
        for name in missing:
            cursor.execute(f"CREATE TRIGGER {name} {TRIGGERS[name]}")
        if missing:
            cursor.execute(_REBUILD)
