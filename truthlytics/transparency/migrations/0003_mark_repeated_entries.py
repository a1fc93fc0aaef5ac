from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('transparency', '0002_one_entry_per_version'),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name='logentry',
            name='one_entry_per_version',
        ),
        migrations.AddField(
            model_name='logentry',
            name='is_repeated',
            field=models.BooleanField(db_default=False, default=False),
        ),
        migrations.AddConstraint(
            model_name='logentry',
            constraint=models.UniqueConstraint(condition=models.Q(('is_repeated', False), ('number__gt', 0)), fields=('log', 'uuid', 'kind', 'number'), name='one_entry_per_version'),
        ),
    ]
