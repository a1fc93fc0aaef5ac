"""Let tasks that wait while the site is upgraded find their function, which was in `truthlytics.events`."""

from django.db import migrations

OLD, NEW = "truthlytics.events.services.delivering.deliver", "truthlytics.contrib.webhooks.delivering.deliver"


def rename_tasks(apps, schema_editor):
    rows = apps.get_model("django_tasks_database", "DBTaskResult").objects.using(schema_editor.connection.alias)
    rows.filter(task_path=OLD).update(task_path=NEW)


class Migration(migrations.Migration):
    dependencies = [("django_tasks_database", "0021_conditional_partial_index_ordering")]

    operations = [migrations.RunPython(rename_tasks, migrations.RunPython.noop)]
