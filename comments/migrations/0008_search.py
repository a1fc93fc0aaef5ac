from django.db import migrations

from comments.search import WORDS


class Migration(migrations.Migration):

    dependencies = [
        ('comments', '0007_comments_by_date'),
    ]

    operations = [
        migrations.RunPython(WORDS.create, WORDS.drop),
    ]
