"""Spell "cancelled" as everywhere else in the project."""

from django.db import migrations, models

COLUMNS = (("Order", "status"), ("Subscription", "end_reason"), ("SentEmail", "kind"))


def respell(apps, old, new):
    for model, column in COLUMNS:
        apps.get_model("subscriptions", model)._base_manager.filter(**{column: old}).update(**{column: new})


def forwards(apps, schema_editor):
    respell(apps, "canceled", "cancelled")


def backwards(apps, schema_editor):
    respell(apps, "cancelled", "canceled")


class Migration(migrations.Migration):
    dependencies = [("subscriptions", "0001_initial")]
    operations = [
        migrations.AlterField(
            model_name='order',
            name='status',
            field=models.CharField(choices=[('open', 'Open'), ('paid', 'Paid'), ('cancelled', 'Cancelled')], default='open', max_length=9),
        ),
        migrations.AlterField(
            model_name='subscription',
            name='end_reason',
            field=models.CharField(blank=True, choices=[('cancelled', 'Cancelled'), ('term_over', 'Paid period ended'), ('editor', 'Ended by an editor'), ('abandoned', 'Abandoned'), ('deleted', 'Account deleted'), ('unpaid', 'Renewal not paid'), ('refunded', 'Refunded'), ('chargeback', 'Charged back'), ('replaced', 'Replaced by another subscription')], max_length=10),
        ),
        migrations.RunPython(forwards, backwards),
    ]
