"""What was imported before it belonged to a feature is kept, with the permissions."""

from importlib import import_module

from django.apps import apps
from django.contrib.auth.models import Permission
from django.contrib.contenttypes.models import ContentType
from django.core.management import call_command
from django.db import connection
from django.test import TestCase

from tests.budget import takes_longer
from tests.factories import make_user
from tests.transactions import TransactionTestCase
from truthlytics.backups import databases
from truthlytics.contrib.importers.models import ImportRun

migration = import_module("truthlytics.contrib.importers.migrations.0001_initial")
PERMISSION = "importers.add_importrun"


def tables():
    with connection.cursor() as cursor:
        return set(connection.introspection.table_names(cursor))


class PermissionTests(TestCase):
    def test_users_keep_theirs(self):
        ContentType.objects.filter(app_label="importers").update(app_label="truthlytics")
        user = make_user()
        user.user_permissions.add(Permission.objects.get(codename="add_importrun"))
        self.assertFalse(user.has_perm(PERMISSION))
        for _ in range(2):
            migration.take_over_permissions(apps, connection.schema_editor())
        again = type(user).objects.get(pk=user.pk)
        self.assertEqual((again.has_perm(PERMISSION), again.has_perm("truthlytics.add_importrun")), (True, False))
        kinds = ContentType.objects.filter(model="importrun").values_list("app_label", flat=True)
        self.assertEqual(list(kinds), ["importers"])


class TableTests(TransactionTestCase):
    def test_rows_are_kept(self):
        ImportRun.objects.create(format="ghost", file="export.json")
        with connection.schema_editor() as editor:
            migration.make_missing_tables(apps, editor)
        self.assertEqual(ImportRun.objects.get().file, "export.json")

    @takes_longer("A database is migrated.")
    def test_tables_are_made_where_there_are_none(self):
        """On a new site without the feature there are none."""
        with databases.scratch():
            call_command("migrate", "truthlytics", verbosity=0)
            self.assertFalse(
                {name for name in tables() if name.startswith(("truthlytics_import", "truthlytics_moved"))}
            )
            call_command("migrate", verbosity=0)
            self.assertLessEqual({"truthlytics_importrun", "truthlytics_movedcontract"}, tables())
            self.assertFalse(ImportRun.objects.exists())
