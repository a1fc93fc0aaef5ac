"""Let tasks that wait while the site is upgraded find their function, which was in `truthlytics.importers`."""

from django.db import migrations
from django.db.models import Value
from django.db.models.functions import Replace

OLD, NEW = "truthlytics.importers.", "truthlytics.contrib.importers."


def rename_tasks(apps, schema_editor):
    rows = apps.get_model("django_tasks_database", "DBTaskResult").objects.using(schema_editor.connection.alias)
    rows.filter(task_path__startswith=OLD).update(task_path=Replace("task_path", Value(OLD), Value(NEW)))


class Migration(migrations.Migration):
    dependencies = [
        ("importers", "0001_initial"),
        ("django_tasks_database", "0021_conditional_partial_index_ordering"),
    ]

    operations = [migrations.RunPython(rename_tasks, migrations.RunPython.noop)]
