"""Operations of migrations that give a model to another app. Its table stays, with its name and its rows.

The app that had the model ends with `LeaveTable("SlowPage")`. The app that has it now depends on that migration and on
those of `contenttypes`, and begins with

    TakeTable("SlowPage", fields=[…], options={"db_table": "truthlytics_slowpage", …}),
    take_content_types("truthlytics", "monitoring", "slowpage"),

Without the app that has it now, a new database has no such table: what is empty is deleted.
"""

from typing import Any

from django.apps.registry import Apps
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations import CreateModel, DeleteModel, RunPython
from django.db.migrations.state import ProjectState
from django.db.models import Model


class LeaveTable(DeleteModel):
    """Remove a model from the app. Its table is deleted only if it has no rows."""

    def database_forwards(
        self, app_label: str, schema_editor: BaseDatabaseSchemaEditor, from_state: ProjectState, to_state: ProjectState
    ) -> None:
        _delete_if_empty(schema_editor, from_state.apps.get_model(app_label, self.name))

    def database_backwards(
        self, app_label: str, schema_editor: BaseDatabaseSchemaEditor, from_state: ProjectState, to_state: ProjectState
    ) -> None:
        if not _table_exists(schema_editor, to_state.apps.get_model(app_label, self.name)):
            super().database_backwards(app_label, schema_editor, from_state, to_state)


class TakeTable(CreateModel):
    """Add a model to the app. Its table is made only if it is not there."""

    def database_forwards(
        self, app_label: str, schema_editor: BaseDatabaseSchemaEditor, from_state: ProjectState, to_state: ProjectState
    ) -> None:
        if not _table_exists(schema_editor, to_state.apps.get_model(app_label, self.name)):
            super().database_forwards(app_label, schema_editor, from_state, to_state)

    def database_backwards(
        self, app_label: str, schema_editor: BaseDatabaseSchemaEditor, from_state: ProjectState, to_state: ProjectState
    ) -> None:
        _delete_if_empty(schema_editor, from_state.apps.get_model(app_label, self.name))


def take_content_types(old_app: str, new_app: str, *models: str) -> RunPython:
    """Let permissions, and the history of the admin, follow models (their names in lower case) to their new app."""

    def move(apps: Apps, from_app: str, to_app: str) -> None:
        content_types: Any = apps.get_model("contenttypes", "ContentType")
        there = content_types.objects.filter(app_label=to_app).values_list("model", flat=True)
        names = set(models) - set(there)
        content_types.objects.filter(app_label=from_app, model__in=names).update(app_label=to_app)

    return RunPython(
        lambda apps, schema_editor: move(apps, old_app, new_app),
        lambda apps, schema_editor: move(apps, new_app, old_app),
    )


def _table_exists(schema_editor: BaseDatabaseSchemaEditor, model: type[Model]) -> bool:
    connection = schema_editor.connection
    return model._meta.db_table in connection.introspection.table_names()


def _delete_if_empty(schema_editor: BaseDatabaseSchemaEditor, model: type[Model]) -> None:
    if _table_exists(schema_editor, model) and not model._default_manager.exists():
        schema_editor.delete_model(model)
