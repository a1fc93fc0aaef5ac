"""Describe the schema of a database, to compare what different migrations have made."""

import re
from collections import defaultdict

from django.db import connection

POSTGRESQL = {
    "column": """
        SELECT c.relname, a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull, a.attstorage, a.attidentity,
               co.collname, pg_get_expr(d.adbin, d.adrelid)
        FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid LEFT JOIN pg_collation co ON co.oid = a.attcollation
             LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
        WHERE c.relkind = 'r' AND c.relnamespace = 'public'::regnamespace AND a.attnum > 0 AND NOT a.attisdropped""",
    "constraint": """
        SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid) FROM pg_constraint
        WHERE connamespace = 'public'::regnamespace AND conrelid <> 0""",
    "index": "SELECT tablename, indexname, indexdef FROM pg_indexes WHERE schemaname = 'public'",
    "trigger": "SELECT tgrelid::regclass::text, tgname, pg_get_triggerdef(oid) FROM pg_trigger WHERE NOT tgisinternal",
}


def describe() -> dict[str, set[tuple]]:
    """Return the columns, constraints, indexes and triggers of each table, without the order of columns."""
    tables = defaultdict(set)
    with connection.cursor() as cursor:
        for kind, table, *row in of_sqlite(cursor) if connection.vendor == "sqlite" else of_postgresql(cursor):
            tables[table].add((kind, *row))
    return dict(tables)


def of_postgresql(cursor):
    for kind, query in POSTGRESQL.items():
        cursor.execute(query)
        for *row, definition in cursor.fetchall():
            # A dump spells the types of constants in other words.
            yield kind, *row, definition and re.sub(r"::(character varying|text)(\[\])?|[()]", "", definition)


def of_sqlite(cursor):
    # Without the statistics that ANALYZE keeps.
    cursor.execute(
        "SELECT type, tbl_name, name, sql FROM sqlite_master WHERE sql IS NOT NULL AND tbl_name NOT LIKE 'sqlite_stat%'"
    )
    for kind, table, name, sql in cursor.fetchall():
        if kind != "table" or sql.startswith("CREATE VIRTUAL"):
            yield kind, table, name, sql
            continue
        # The statement is that of the last migration that made the table again: its parts in any order.
        inner = sql[sql.index("(") + 1 : sql.rindex(")")]
        yield from ((kind, table, " ".join(part.split())) for part in split(inner))


def split(text: str) -> list[str]:
    """Split at the commas that are in no parentheses and no string."""
    parts, depth, quoted = [""], 0, False
    for token in re.findall(r"[(),']|[^(),']+", text):
        quoted ^= token == "'"
        depth += not quoted and {"(": 1, ")": -1}.get(token, 0)
        if token == "," and not depth and not quoted:
            parts.append("")
        else:
            parts[-1] += token
    return parts
