from django.db import migrations, models
from django.db.models import Count, F

EVENT = 'log', 'uuid', 'kind', 'number'


def mark(apps, schema_editor):
    """Mark all but the first entry of each kind about a version, so that the others can have a constraint.

    0002 alone fails on a log that has such entries. Where it has succeeded, there are none.
    """
    entries = apps.get_model('transparency', 'LogEntry').objects
    doubled = entries.filter(number__gt=0).order_by().values(*EVENT).annotate(count=Count('pk')).filter(count__gt=1)
    for event in list(doubled.values(*EVENT)):
        first, *later = entries.filter(**event).order_by(F('position').asc(nulls_last=True), 'pk').values_list('pk', flat=True)
        entries.filter(pk__in=later).update(is_repeated=True)


class Migration(migrations.Migration):

    replaces = [
        ('transparency', '0002_one_entry_per_version'),
        ('transparency', '0003_mark_repeated_entries'),
    ]

    dependencies = [
        ('transparency', '0001_squashed_0001_initial'),
    ]

    operations = [
        migrations.AddField(
            model_name='refusal',
            name='offered_size',
            field=models.PositiveBigIntegerField(null=True),
        ),
        migrations.AddField(
            model_name='logentry',
            name='is_repeated',
            field=models.BooleanField(db_default=False, default=False),
        ),
        migrations.RunPython(mark, migrations.RunPython.noop),
        migrations.AddConstraint(
            model_name='logentry',
            constraint=models.UniqueConstraint(condition=models.Q(('is_repeated', False), ('number__gt', 0)), fields=('log', 'uuid', 'kind', 'number'), name='one_entry_per_version'),
        ),
    ]
