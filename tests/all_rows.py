"""The rows of all tables, in a form in which those of two runs are equal if they say the same."""

import json
import re
from typing import Any

from django.apps import apps
from django.db import connection, models

# UUIDs and digests are different in each run.
_RANDOM = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}|\b[0-9a-f]{64}\b")


def all_rows() -> dict[str, list[Any]]:
    """Return the rows by model, oldest first. References, UUIDs and digests are replaced by their order."""
    rows = {}
    order: dict[str, int] = {}
    keys = _keys()
    for model in apps.get_models():
        fields = [field for field in model._meta.concrete_fields if not field.primary_key or field.is_relation]
        found = [
            {field.attname: _value(field, row[field.attname], keys) for field in fields}
            for row in model._base_manager.order_by("pk").values()
        ]
        if found:
            text = json.dumps(found, default=str, sort_keys=True)
            text = _RANDOM.sub(lambda match: f"random {order.setdefault(match[0], len(order))}", text)
            rows[model.__name__] = sorted(json.loads(text), key=str)
    rows["terms"] = _search_terms()
    return rows


def _keys() -> dict[Any, dict[Any, int]]:
    """Return the place of each primary key in its table."""
    return {
        model: {pk: place for place, pk in enumerate(model._base_manager.order_by("pk").values_list("pk", flat=True))}
        for model in apps.get_models()
        if isinstance(model._meta.pk, models.AutoField)
    }


def _value(field: Any, value: Any, keys: dict[Any, dict[Any, int]]) -> Any:
    keys_of_target = keys.get(field.related_model) if field.is_relation else None
    return value if value is None or keys_of_target is None else keys_of_target[value]


def _search_terms() -> list[Any]:
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SELECT terms::text FROM articles_searchentry ORDER BY 1")
        else:
            cursor.execute(
                "CREATE VIRTUAL TABLE IF NOT EXISTS temp.terms USING fts5vocab(main, articles_search, 'col')"
            )
            cursor.execute("SELECT * FROM temp.terms ORDER BY 1, 2")
        return list(cursor.fetchall())
