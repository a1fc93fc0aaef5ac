"""The JSON schema of the files, made from the columns, which every export contains."""

import json
from typing import Any

from django.db import models
from django.utils.translation import override

from articles.models import Correction
from truthlytics.contrib.exports import versions
from truthlytics.contrib.exports.contents import TABLES
from truthlytics.exports.tables import FLAG, KEY_OR_NULL, TEXT, Children, Table, concrete_field
from truthlytics.exports.values import Field, kind_of

FILE = "schema.json"
Schema = dict[str, Any]
KINDS: dict[str, Schema] = {
    "BooleanField": {"type": "boolean"},
    "IntegerField": {"type": "integer"},
    "DateTimeField": {"type": "string", "format": "date-time"},
    "DateField": {"type": "string", "format": "date"},
    "DecimalField": {"type": "string", "pattern": r"^-?\d+(\.\d+)?$"},
    "UUIDField": {"type": "string", "format": "uuid"},
    "JSONField": {"type": ["object", "array", "string", "number", "boolean", "null"]},
}
EXTRA: dict[str, Schema] = {
    TEXT: {"type": "string"},
    FLAG: {"type": "boolean"},
    KEY_OR_NULL: {"type": ["integer", "null"]},
}


def as_text() -> str:
    """Return the schema as JSON. Its descriptions are in English, regardless of the site's language."""
    with override(None):
        definitions = {table.file: _of_table(table) for table in TABLES} | {versions.FILE: _of_versions()}
    schema = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Lines of the files of an export, by file",
        "$defs": definitions,
    }
    return json.dumps(schema, indent=1, ensure_ascii=False) + "\n"


def _of_table(table: Table) -> Schema:
    properties = {column.name: _of_column(column) for column in table.columns}
    properties |= {name: EXTRA[kind] for name, kind in table.extra.items()}
    properties |= {children.name: _of_list(children) for children in table.children}
    return _object(properties)


def _of_list(children: Children) -> Schema:
    columns = {column.name: _of_column(column) for column in children.fields}
    return {"type": "array", "items": _object(columns) if len(columns) > 1 else next(iter(columns.values()))}


def _of_versions() -> Schema:
    model = versions.MODELS["article"]
    columns = {name: _of_column(concrete_field(model, name)) for name in ("id", *versions.COLUMNS)}
    of_articles = {name: _of_column(concrete_field(model, name)) for name in versions.ARTICLE_COLUMNS}
    correction = {name: _of_column(concrete_field(Correction, name)) for name in versions.CORRECTION_COLUMNS} | {
        "supersedes": {"type": ["integer", "null"]}
    }
    properties = {
        "type": {"enum": list(versions.MODELS)}, "uuid": KINDS["UUIDField"], "item": {"type": "integer"}, **columns,
        **of_articles, "correction": _object(correction, optional=("changed_facts",)),
        "content": {"type": ["object", "string"]}, "removed": {"type": "string"},
    }  # fmt: skip
    schema = _object(properties, optional=(*of_articles, "correction", "content", "removed"))
    return schema | {"oneOf": [{"required": ["content"]}, {"required": ["removed"]}]}


def _of_column(column: Field) -> Schema:
    schema = dict(KINDS.get(kind_of(column), {"type": "string"}))
    if column.null and isinstance(schema["type"], str):
        schema["type"] = [schema["type"], "null"]
    if isinstance(column, models.CharField) and column.max_length:
        schema["maxLength"] = column.max_length
    if column.help_text:
        schema["description"] = str(column.help_text)
    return schema


def _object(properties: Schema, optional: tuple[str, ...] = ()) -> Schema:
    required = [name for name in properties if name not in optional]
    return {"type": "object", "properties": properties, "required": required, "additionalProperties": False}
