import django.db.models.deletion
import truthlytics.publication.countries
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    """The fields of orders that refer to pages, which are created after users, and all that came after them.

    It begins where the history first has such a field, so that a database at any of the replaced migrations goes on.
    """

    replaces = [
        ('subscriptions', '0011_agreements'),
        ('subscriptions', '0012_declarations'),
        ('subscriptions', '0013_checkout_failures'),
        ('subscriptions', '0014_cart_billing'),
        ('subscriptions', '0015_chargeback_dates'),
        ('subscriptions', '0016_statement_months_without_a_function'),
        ('subscriptions', '0017_campaigns'),
        ('subscriptions', '0018_orders_by_campaign'),
    ]

    dependencies = [
        ('articles', '0001_squashed_0012_archive_for_the_transparency_log'),
        ('subscriptions', '0001_squashed_0010_statements'),
    ]

    operations = [
        migrations.CreateModel(
            name='Declaration',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('withdrawal', 'Withdrawal'), ('cancellation', 'Cancellation')], max_length=12)),
                ('declared_at', models.DateTimeField(verbose_name='received')),
                ('name', models.CharField(blank=True, max_length=100, verbose_name='name')),
                ('email', models.EmailField(blank=True, max_length=254, verbose_name='email address')),
                ('contract', models.CharField(blank=True, max_length=200, verbose_name='contract')),
                ('reason', models.TextField(blank=True, max_length=1000, verbose_name='reason')),
                ('ends_on', models.DateField(blank=True, null=True, verbose_name='wished end')),
                ('in_account', models.BooleanField(default=False, verbose_name='declared in the account')),
                ('deducts_use', models.BooleanField(default=False, verbose_name='days are deducted')),
                ('note', models.CharField(blank=True, max_length=200)),
                ('confirmed_at', models.DateTimeField(blank=True, null=True, verbose_name='confirmed by email')),
                ('handled_at', models.DateTimeField(blank=True, null=True, verbose_name='done')),
                ('handled_by', models.CharField(blank=True, max_length=60, verbose_name='done by')),
                ('order', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='declarations', to='subscriptions.order')),
                ('subscription', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='declarations', to='subscriptions.subscription')),
                ('user', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='declarations', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ['-declared_at', '-pk'],
                'indexes': [models.Index(fields=['handled_at', 'declared_at'], name='declaration_waiting')],
                'constraints': [models.UniqueConstraint(condition=models.Q(('kind', 'withdrawal')), fields=('order',), name='one_withdrawal_per_order', violation_error_message='The reader has already withdrawn from this order.')],
            },
        ),
        migrations.CreateModel(
            name='CheckoutFailure',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('provider', models.CharField(max_length=20)),
                ('kind', models.CharField(choices=[('wrong_key', 'The provider does not accept our key'), ('refused', 'The provider refused it'), ('no_answer', 'The provider did not respond')], max_length=9)),
                ('message', models.CharField(blank=True, max_length=300)),
                ('at', models.DateTimeField(verbose_name='date')),
                ('solved_at', models.DateTimeField(blank=True, null=True, verbose_name='solved')),
                ('order', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='checkout_failures', to='subscriptions.order')),
            ],
            options={
                'ordering': ['-at', '-pk'],
                'indexes': [models.Index(condition=models.Q(('solved_at', None)), fields=['provider', 'at'], name='unsolved_checkout_failure')],
            },
        ),
        migrations.AddField(
            model_name='cart',
            name='address',
            field=models.TextField(blank=True, max_length=400, verbose_name='address'),
        ),
        migrations.AddField(
            model_name='cart',
            name='company',
            field=models.CharField(blank=True, max_length=120, verbose_name='company'),
        ),
        migrations.AddField(
            model_name='cart',
            name='country',
            field=models.CharField(blank=True, choices=truthlytics.publication.countries.country_choices, max_length=2, verbose_name='country'),
        ),
        migrations.AddField(
            model_name='cart',
            name='vat_id',
            field=models.CharField(blank=True, max_length=20, verbose_name='VAT ID'),
        ),
        migrations.AddField(
            model_name='cart',
            name='campaign',
            field=models.CharField(blank=True, db_default='', default='', max_length=100),
        ),
        migrations.AddField(
            model_name='order',
            name='start_agreed_at',
            field=models.DateTimeField(blank=True, null=True, verbose_name='immediate start agreed'),
        ),
        migrations.AddField(
            model_name='order',
            name='start_text',
            field=models.TextField(blank=True, verbose_name='immediate start'),
        ),
        migrations.AddField(
            model_name='order',
            name='terms_version',
            field=models.ForeignKey(blank=True, editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='articles.pageversion'),
        ),
        migrations.AddField(
            model_name='order',
            name='withdrawal_version',
            field=models.ForeignKey(blank=True, editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='articles.pageversion'),
        ),
        migrations.AddField(
            model_name='order',
            name='campaign',
            field=models.CharField(blank=True, db_default='', default='', max_length=100),
        ),
        migrations.AddField(
            model_name='payment',
            name='disputed_at',
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name='payment',
            name='dispute_decided_at',
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddIndex(
            model_name='order',
            index=models.Index(fields=['campaign'], name='order_by_campaign'),
        ),
        migrations.RemoveConstraint(
            model_name='statement',
            name='statement_month_begins_on_first',
        ),
    ]
