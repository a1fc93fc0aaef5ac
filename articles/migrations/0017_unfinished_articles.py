from django.db import migrations, models

from truthlytics.web.online_index import AddIndexOnline


class Migration(migrations.Migration):
    atomic = False

    dependencies = [
        ('articles', '0016_gated_document_links'),
    ]

    operations = [
        AddIndexOnline(
            model_name='article',
            index=models.Index(condition=models.Q(('stage', 'published'), _negated=True), fields=['assignee'], name='article_unfinished'),
        ),
    ]
