"""Tasks that waited while the site was upgraded are found again."""

from importlib import import_module

from django.apps import apps
from django.db import connection
from django.test import TestCase

from tests.truthlytics.newsroom.test_system import make_task
from truthlytics.contrib.webhooks.delivering import deliver

migration = import_module("truthlytics.contrib.webhooks.migrations.0001_waiting_tasks")


class WaitingTaskTests(TestCase):
    def test_it_gets_its_new_name_and_others_keep_theirs(self):
        rows = [make_task(task_path=path) for path in (migration.OLD, "truthlytics.web.mail.send")]
        for _ in range(2):
            migration.rename_tasks(apps, connection.schema_editor())
        for row in rows:
            row.refresh_from_db()
        self.assertEqual([row.task_path for row in rows], [deliver.module_path, "truthlytics.web.mail.send"])
