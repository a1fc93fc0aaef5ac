
from django.db import migrations


class Migration(migrations.Migration):

    dependencies = [
        ('articles', '0004_document_links'),
    ]

    operations = [
        migrations.AlterModelOptions(
            name='version',
            options={'ordering': ['article', 'number'], 'permissions': [('redact_version', 'Can remove the text of published versions')]},
        ),
    ]
