"""Whether static files and tables are those of the code that is installed, or an upgrade has stopped in between."""

from collections.abc import Iterator
from pathlib import Path

from django.apps import apps
from django.conf import settings
from django.db import DatabaseError, connection

from truthlytics import staticfiles


def find_unfinished() -> str:
    """Return what keeps this code from serving pages, with what to do about it; "" if nothing does."""
    if staticfiles.are_collected() and (missing := staticfiles.missing_names(static_folder())):
        return (
            f"The static files are missing or of another version, which has no {missing[0]}. Run `manage.py upgrade`, "
            "or only `manage.py collectstatic`."
        )
    if behind := unapplied_migrations():
        return (
            f"The tables are those of an earlier version, without the migration {behind[0]}. Run `manage.py upgrade`, "
            "or only `manage.py migrate`."
        )
    return ""


def are_files_old() -> bool:
    """Return whether the static files are those of other sources."""
    return staticfiles.are_collected() and not staticfiles.is_current(static_folder())


def static_folder() -> Path:
    return Path(settings.STATIC_ROOT)


def unapplied_migrations() -> list[str]:
    """Return the migrations that the database lacks; none if it does not answer or has no tables.

    Only the newest of each app is looked up, unless one is missing: loading all takes half a second of the processor.
    """
    try:
        applied = applied_migrations()
        if all(newest in applied for newest in newest_migrations()):
            return []
        from django.db.migrations.executor import MigrationExecutor

        executor = MigrationExecutor(connection)
        plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    except DatabaseError:
        return []
    return [f"{migration.app_label} {migration.name}" for migration, _ in plan]


def later_migrations() -> list[str]:
    """Return the migrations that a newer version of the code has applied."""
    newest = dict(newest_migrations())
    try:
        applied = applied_migrations()
    except DatabaseError:
        return []
    return [f"{app} {name}" for app, name in sorted(applied) if app in newest and name > newest[app]]


def applied_migrations() -> set[tuple[str, str]]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT app, name FROM django_migrations")
        return set(cursor.fetchall())


def newest_migrations() -> Iterator[tuple[str, str]]:
    """Yield the app and name of the newest migration of each app."""
    for config in apps.get_app_configs():
        if names := [path.stem for path in Path(config.path, "migrations").glob("[0-9]*.py")]:
            yield config.label, max(names)
