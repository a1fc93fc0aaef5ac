"""Find migrations that the code of the last release cannot live with. See docs/contributing.md.

While a site is upgraded, that code still writes to the tables. So the tables are compared with its models: each of its
columns is there and takes the same values, and it need not write the new ones.

Two things cannot be decided here: what SQL and Python in migrations do, and whether the old code writes only what a new
constraint on columns that it knows allows.
"""

import re
from collections.abc import Iterable, Iterator

from django.db.backends.postgresql.base import DatabaseWrapper
from django.db.migrations import DeleteModel, Migration, RemoveField, SeparateDatabaseAndState
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.operations.base import Operation
from django.db.migrations.state import ModelState, ProjectState
from django.db.models import Field, Model

from tests.truthlytics.upgrades import dump

# It has limits of length, which SQLite has not. It only names types here.
POSTGRESQL = DatabaseWrapper({})


def find_in_project() -> list[str]:
    """Return what the old code cannot live with, each as a sentence after the path of the migration."""
    loader = MigrationLoader(None, replace_migrations=False)
    plan = dict.fromkeys(key for leaf in loader.graph.leaf_nodes() for key in loader.graph.forwards_plan(leaf))
    paths, released = dump.migrations(), dump.released()
    # A squashed migration does what those that it replaces do.
    migrations = [node for key in plan if (node := loader.graph.nodes[key]).replaces == [] and path_of(node) in paths]
    squashed = {key for node in loader.disk_migrations.values() for key in node.replaces}
    # New ones depend on the squashed one, and come after all that it replaces.
    migrations.sort(key=lambda node: (path_of(node) not in released, (node.app_label, node.name) not in squashed))
    return find(
        [node for node in migrations if path_of(node) in released],
        [node for node in migrations if path_of(node) not in released],
    )


def path_of(migration: Migration) -> str:
    return f"{type(migration).__module__.replace('.', '/')}.py"


def find(released: Iterable[Migration], later: Iterable[Migration]) -> list[str]:
    old, database = ProjectState(), ProjectState()
    for migration in released:
        for operation in migration.operations:
            operation.state_forwards(migration.app_label, old)
            run(operation, migration.app_label, database)
    known, found = set(problems(old, database)), []
    for migration in later:
        for operation in migration.operations:
            run(operation, migration.app_label, database)
        new = [sentence for sentence in problems(old, database) if sentence not in known]
        known.update(new)
        found += [f"{path_of(migration)}: {sentence}" for sentence in new]
    return found


def run(operation: Operation, app: str, database: ProjectState) -> None:
    """Change the tables. What only the code forgets stays in them."""
    if not isinstance(operation, SeparateDatabaseAndState):
        operation.state_forwards(app, database)
        return
    kept = [part for part in operation.state_operations if not isinstance(part, RemoveField | DeleteModel)]
    for part in (*operation.database_operations, *kept):
        run(part, app, database)


def problems(old: ProjectState, database: ProjectState) -> Iterator[str]:
    """Return a sentence for each thing that the old code cannot live with."""
    tables = tables_of(database)
    for name, model in tables_of(old).items():
        if name not in tables:
            yield (
                f"The old code still uses the table of {model.name}. First remove the model from the code only, with "
                "SeparateDatabaseAndState; drop the table in the next release."
            )
            continue
        before, after = columns_of(model), columns_of(tables[name])
        for column, (field_name, field) in before.items():
            yield from lost(f"“{field_name}” of {model.name}", field, after.get(column, ("", None))[1])
        added = {after[column][0]: after[column][1] for column in after.keys() - before.keys()}
        yield from unwritten(model, added)
        yield from constrained(model, tables[name], added.keys())


def tables_of(state: ProjectState) -> dict[str, ModelState]:
    models = {(model.options.get("db_table") or f"{app}_{name}"): model for (app, name), model in state.models.items()}
    return {name: model for name, model in models.items() if not model.options.get("proxy")}


def columns_of(model: ModelState) -> dict[str, tuple[str, Field]]:
    """Return the name and field of each column. A field for many rows has a table of its own instead."""
    columns = {}
    for name, field in model.fields.items():
        has_suffix = field.is_relation and not field.many_to_many
        columns[field.db_column or (f"{name}_id" if has_suffix else name)] = (name, field)
    return columns


def lost(label: str, before: Field, after: Field | None) -> Iterator[str]:
    """Compare a column that the old code has."""
    if after is None:
        yield (
            f"The old code still uses the column {label}. First remove it from the code only, with "
            "SeparateDatabaseAndState; drop it in the next release. To rename a field, give it db_column."
        )
        return
    if not takes(type_of(before), type_of(after)):
        yield f"The old code uses the column {label} as {type_of(before)}, not {type_of(after)}: add another column."
    if before.null and not after.null:
        yield f"The old code can write NULL to the column {label}. Require it in the release after."
    if before.has_db_default() and not after.has_db_default() and not after.null:
        yield f"The old code can leave out the column {label}. Keep its db_default until the release after."


def unwritten(model: ModelState, added: dict[str, Field]) -> Iterator[str]:
    for name, field in sorted(added.items()):
        if not (field.null or field.has_db_default() or field.many_to_many or field.generated):
            yield f"{unwritten_column(name, model)}: give it null=True or db_default."


def unwritten_column(name: str, model: ModelState) -> str:
    return f"The old code does not write the new column “{name}” of {model.name}"


def constrained(model: ModelState, table: ModelState, added: Iterable[str]) -> Iterator[str]:
    for constraint in table.options.get("constraints", []):
        parts = [getattr(constraint, "condition", None), *getattr(constraint, "expressions", [])]
        used = {names[0] for part in parts for names in Model._get_expr_references(part)}
        for name in sorted((used | set(getattr(constraint, "fields", []))) & set(added)):
            what = f"which the constraint “{constraint.name}” reads"
            yield f"{unwritten_column(name, model)}, {what}: add the constraint in the next release."


def type_of(field: Field) -> str:
    if field.is_relation:
        return f"{'several rows' if field.many_to_many else 'a key'} of {field.remote_field.model.lower()}"
    return str(field.db_type(POSTGRESQL))


def takes(before: str, after: str) -> bool:
    """Return whether a column of the type `after` takes what one of the type `before` does: limits may grow."""
    limits = zip(re.findall(r"\d+", before), re.findall(r"\d+", after), strict=False)
    return re.sub(r"\d+", "", before) == re.sub(r"\d+", "", after) and all(int(a) <= int(b) for a, b in limits)
