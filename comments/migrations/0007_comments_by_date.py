from django.db import migrations, models

from truthlytics.web.online_index import AddIndexOnline


class Migration(migrations.Migration):
    atomic = False

    dependencies = [
        ('comments', '0006_imported_emails'),
    ]

    operations = [
        AddIndexOnline(
            model_name='comment',
            index=models.Index(fields=['-created_at', '-id'], name='comment_by_date'),
        ),
    ]
