"""Test cases whose changes are committed."""

from typing import Any

from django import test
from django.contrib.auth.models import Group, Permission
from django.contrib.contenttypes.models import ContentType
from django.db import connection, transaction
from django.db.migrations.recorder import MigrationRecorder

from truthlytics.publication.current import forget_publication
from truthlytics.transparency.keys import key_file

# Created by migrations and by handlers of `post_migrate`.
CREATED = [ContentType, Permission, Group, Group.permissions.through]


class TransactionTestCase(test.TransactionTestCase):
    """Empties only tables that have rows, and keeps content types, permissions and roles unless a test changed them."""

    @classmethod
    def setUpClass(cls) -> None:
        super().setUpClass()
        cls.created = created()

    def _fixture_teardown(self) -> None:
        # What was signed last is no longer in the database.
        key_file().with_suffix(".checkpoint").unlink(missing_ok=True)
        if created() != self.created:
            super()._fixture_teardown()
            type(self).created = created()
            return
        kept = {model._meta.db_table for model in [*CREATED, MigrationRecorder.Migration]}
        names = set(connection.introspection.django_table_names(only_existing=True, include_views=False)) - kept
        quoted = {name: connection.ops.quote_name(name) for name in names}
        has_rows = [f"SELECT '{name}' WHERE EXISTS (SELECT 1 FROM {table})" for name, table in quoted.items()]
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(" UNION ALL ".join(has_rows))
            for (name,) in cursor.fetchall():
                cursor.execute(f"DELETE FROM {quoted[name]}")
        forget_publication()


def created() -> list[set[tuple[Any, ...]]]:
    return [set(model.objects.values_list()) for model in CREATED]
