"""Features that are switched off though the database has rows of theirs."""

from collections.abc import Iterable, Iterator
from importlib import import_module
from importlib.util import find_spec
from pkgutil import iter_modules

from django.conf import settings
from django.db import connection
from django.db.migrations import CreateModel, SeparateDatabaseAndState
from django.db.migrations.operations.base import Operation

from truthlytics.env import FEATURES
from truthlytics.web.create_models import ChangeModels
from truthlytics.web.plugins import feature_apps


def kept_features() -> list[str]:
    """Return the names of features that are off and whose tables have rows. At most one query for each table."""
    off = [name for name in FEATURES if name not in settings.FEATURES]
    there = set(connection.introspection.table_names()) if off else set()
    return [name for name in off if any(map(_has_rows, sorted(there.intersection(tables_of(name)))))]


def tables_of(feature: str) -> Iterator[str]:
    """Yield the names of the tables of a feature. Its migrations tell: its models cannot be imported if it is off."""
    package = f"{feature_apps([feature])[0]}.migrations"
    spec = find_spec(package)
    for module in iter_modules(spec.submodule_search_locations if spec else ()):
        for operation in _single(import_module(f"{package}.{module.name}").Migration.operations):
            if isinstance(operation, CreateModel):
                yield operation.options.get("db_table", f"{feature}_{operation.name_lower}")


def _single(operations: Iterable[Operation]) -> Iterator[Operation]:
    for operation in operations:
        yield operation
        if isinstance(operation, ChangeModels):
            yield from _single(operation.operations)
        elif isinstance(operation, SeparateDatabaseAndState):
            yield from _single(operation.state_operations)


def _has_rows(table: str) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT 1 FROM {connection.ops.quote_name(table)} LIMIT 1")  # noqa: S608
        return cursor.fetchone() is not None
