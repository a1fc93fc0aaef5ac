from django.db import migrations

from articles.search import schema


class Migration(migrations.Migration):

    dependencies = [
        ('articles', '0002_assignee_in_saved_filters'),
    ]

    operations = [
        migrations.RunPython(schema.create_newsroom, schema.drop_newsroom),
    ]
