from django.db import migrations


def close(apps, schema_editor):
    articles = apps.get_model("articles", "Article").objects.using(schema_editor.connection.alias)
    articles.filter(published_at__isnull=False).update(stage="published")


class Migration(migrations.Migration):
    dependencies = [("articles", "0010_workflow")]

    operations = [migrations.RunPython(close, migrations.RunPython.noop)]
