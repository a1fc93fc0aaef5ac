from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('subscriptions', '0008_fill_receipts'),
    ]

    operations = [
        migrations.AddConstraint(
            model_name='receipt',
            constraint=models.UniqueConstraint(condition=models.Q(('kind', 'receipt')), fields=('payment', 'edition'), name='one_receipt_per_edition'),
        ),
        migrations.AddConstraint(
            model_name='receipt',
            constraint=models.UniqueConstraint(condition=models.Q(('reason', 'cancellation')), fields=('corrects',), name='one_cancellation_per_receipt'),
        ),
        migrations.AddConstraint(
            model_name='receipt',
            constraint=models.UniqueConstraint(condition=models.Q(('reason', 'chargeback')), fields=('payment',), name='one_chargeback_note_per_payment'),
        ),
        migrations.AddConstraint(
            model_name='receipt',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('corrects', None), ('gross_minor__gte', 0), ('kind', 'receipt'), ('reason', ''), ('refund', None)), models.Q(('corrects__isnull', False), ('gross_minor__lte', 0), ('kind', 'credit_note')), _connector='OR'), name='receipt_or_credit_note'),
        ),
    ]
