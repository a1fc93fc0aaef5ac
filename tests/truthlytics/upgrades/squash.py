"""Write squashed migrations, one for each of these apps. See “Squashing” in docs/contributing.md.

TRUTHLYTICS_DEMO=1 .venv/bin/python -m tests.truthlytics.upgrades.squash articles comments subscriptions:0010 …

`articles` makes one that creates all its models. `subscriptions:0010` leaves what comes up to 0010, and makes one that
changes the models from there.
"""

import os
import sys
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import django
from django.db import migrations
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.operations.base import Operation
from django.db.migrations.state import ModelState
from django.db.migrations.writer import MigrationWriter

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "truthlytics.settings")
    django.setup()

from truthlytics.web.create_models import ChangeModels, CreateModels

Key = tuple[str, str]
USER = ("__setting__", "AUTH_USER_MODEL")


def main(arguments: Iterable[str]) -> None:
    loader = MigrationLoader(None)
    for argument in arguments:
        app, _colon, number = argument.partition(":")
        (leaf,) = loader.graph.leaf_nodes(app)
        path = [key for key in loader.graph.forwards_plan(leaf) if key[0] == app]
        kept = [key for key in path if number and last_part(key)[:4] <= number]
        migration = squashed(loader, app, kept, path[len(kept) :])
        writer = MigrationWriter(migration, include_header=False)
        Path(writer.path).write_text(writer.as_string().lstrip())
        print(f"Written: {writer.path}")
        for key in migration.replaces:
            for operation in loader.graph.nodes[key].operations:
                if isinstance(operation, migrations.RunPython | migrations.RunSQL):
                    print(f"  Left out: {getattr(operation, 'code', operation)} of {key[1]}")


def last_part(key: Key) -> str:
    """Return the name of the last migration that `key` stands for."""
    return key[1].rsplit("squashed_", 1)[-1]


def squashed(loader: MigrationLoader, app: str, kept: Sequence[Key], replaced: Sequence[Key]) -> migrations.Migration:
    first = replaced[0][1][:4]
    migration = migrations.Migration(f"{first}_squashed_{last_part(replaced[-1])}", app)
    migration.replaces, migration.initial = list(replaced), not kept
    migration.dependencies = [*kept[-1:], *dependencies(loader, app, replaced)]
    after = models_at(loader, app, replaced[-1])
    if kept:
        migration.operations = changes(models_at(loader, app, kept[-1]), after)
    else:
        migration.operations = [CreateModels(operations=[creation(model) for model in after.values()])]
    return migration


def models_at(loader: MigrationLoader, app: str, key: Key) -> dict[str, ModelState]:
    return {name: model for (label, name), model in loader.project_state(key).models.items() if label == app}


def creation(model: ModelState) -> migrations.CreateModel:
    options = {name: value for name, value in model.options.items() if value not in ([], ())}
    return migrations.CreateModel(model.name, list(model.fields.items()), options, model.bases, model.managers)


def dependencies(loader: MigrationLoader, app: str, replaced: Iterable[Key]) -> list[Key]:
    """Return what the replaced migrations need of other apps, of each app the last one.

    They are those of the original migrations, not of squashed ones: where only a part of the other app has run, a
    squashed migration means all that it replaces, and some of that may need this app.
    """
    found = {key for name in originals(loader, replaced) for key in loader.disk_migrations[name].dependencies}
    last = {other: (other, name) for other, name in sorted(found) if other != app and name != "__first__"}
    users = [USER] if any(name == "__first__" for _app, name in found) else []
    return [*last.values(), *users]


def originals(loader: MigrationLoader, keys: Iterable[Key]) -> Iterator[Key]:
    for key in keys:
        parts = loader.disk_migrations[key].replaces
        yield from originals(loader, parts) if parts else [key]


def changes(before: dict[str, ModelState], after: dict[str, ModelState]) -> list[Operation]:
    """Return one operation for most changes, and those for which SQLite makes a table again a second time."""
    created = [creation(model) for name, model in after.items() if name not in before]
    remade: dict[str, list[Operation]] = {}
    simple: list[Operation] = []
    for name in before:
        for operation, remakes in changes_of(before[name], after[name]):
            (remade.setdefault(name, []) if remakes else simple).append(operation)
    first = [operations[0] for operations in remade.values()]
    later = [operation for operations in remade.values() for operation in operations[1:]]
    indexes = [operation for operation in simple if isinstance(operation, migrations.AddIndex)]
    simple = [operation for operation in simple if operation not in indexes]
    return [ChangeModels(operations=[*first, *simple, *created]), *later, *indexes]


def changes_of(before: ModelState, after: ModelState) -> Iterator[tuple[Operation, bool]]:
    """Return the operations for a model, and whether SQLite makes its table again for them."""
    if lost := before.fields.keys() - after.fields.keys():
        raise NotImplementedError(f"Write the removal of {lost} of {after.name} yourself.")
    name = after.name_lower
    former = {constraint.name for constraint in before.options.get("constraints", [])}
    for constraint in sorted(former - {constraint.name for constraint in after.options.get("constraints", [])}):
        yield migrations.RemoveConstraint(name, constraint), True
    for field_name, field in after.fields.items():
        old = before.fields.get(field_name)
        if old is None:
            yield migrations.AddField(name, field_name, field), not (field.null or field.many_to_many)
        elif serialized(old) != serialized(field):
            yield migrations.AlterField(name, field_name, field), stored(old) != stored(field)
    for constraint in after.options.get("constraints", []):
        if constraint.name not in former:
            yield migrations.AddConstraint(name, constraint), True
    for index in after.options.get("indexes", []):
        if index not in before.options.get("indexes", []):
            yield migrations.AddIndex(name, index), False
    options = {key: value for key, value in after.options.items() if key not in ("indexes", "constraints")}
    if any(before.options.get(key) != value for key, value in options.items()):
        yield migrations.AlterModelOptions(name, options), False


def serialized(value: object) -> str:
    return MigrationWriter.serialize(value)[0]


def stored(field: object) -> str:
    """Return what the column depends on."""
    _name, path, arguments, options = field.deconstruct()
    return serialized((path, arguments, {k: v for k, v in options.items() if k not in field.non_db_attrs}))


if __name__ == "__main__":
    main(sys.argv[1:])
