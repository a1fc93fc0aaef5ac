"""What was imported before it belonged to a feature is kept, with the permissions."""

from importlib import import_module

from django.apps import apps
from django.contrib.auth.models import Permission
from django.contrib.contenttypes.models import ContentType
from django.core.management import call_command
from django.db import connection
from django.test import TestCase
from django.utils.module_loading import import_string

from tests.budget import takes_longer
from tests.factories import make_user
from tests.transactions import TransactionTestCase
from tests.truthlytics.newsroom.test_system import make_task
from truthlytics.backups import databases
from truthlytics.contrib.importers import jobs
from truthlytics.contrib.importers.contracts import link_email as links
from truthlytics.contrib.importers.models import ImportRun

migration = import_module("truthlytics.contrib.importers.migrations.0001_initial")
tasks_migration = import_module("truthlytics.contrib.importers.migrations.0002_waiting_tasks")
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


class WaitingTaskTests(TestCase):
    def test_tasks_that_waited_during_the_upgrade_are_found_again(self):
        """An email of personal links that is half sent goes on, and nothing else is renamed."""
        tasks = (links.send_all, jobs.work)
        old = [task.module_path.replace("truthlytics.contrib.importers.", "truthlytics.importers.") for task in tasks]
        rows = [make_task(task_path=path) for path in [*old, "truthlytics.web.mail.send"]]
        for _ in range(2):
            tasks_migration.rename_tasks(apps, connection.schema_editor())
        for row in rows:
            row.refresh_from_db()
        self.assertEqual([import_string(row.task_path) for row in rows[:2]], [*tasks])
        self.assertEqual(rows[2].task_path, "truthlytics.web.mail.send")


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
