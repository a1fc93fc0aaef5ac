import django.db.models.deletion
import truthlytics.publication.countries
import truthlytics.web.create_models
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    replaces = [('subscriptions', '0011_squashed_0018_orders_by_campaign'), ('subscriptions', '0019_declarations_by_known_senders'), ('subscriptions', '0020_name_invoices'), ('subscriptions', '0021_newsroom_languages'), ('subscriptions', '0022_contracts_from_another_system'), ('subscriptions', '0023_login_providers'), ('subscriptions', '0024_statistics_by_email')]

    dependencies = [
        ('articles', '0001_initial'),
        ('auth', '0012_alter_user_first_name_max_length'),
        ('subscriptions', '0001_squashed_0010_statements'),
    ]

    operations = [
        truthlytics.web.create_models.ChangeModels(
            operations=[
                migrations.AddField(
                    model_name='user',
                    name='newsroom_language',
                    field=models.CharField(blank=True, db_default='', default='', editable=False, max_length=8),
                ),
                migrations.AddField(
                    model_name='cart',
                    name='address',
                    field=models.TextField(blank=True, max_length=400, verbose_name='address'),
                ),
                migrations.AddField(
                    model_name='order',
                    name='start_text',
                    field=models.TextField(blank=True, verbose_name='immediate start'),
                ),
                migrations.RemoveConstraint(
                    model_name='statement',
                    name='statement_month_begins_on_first',
                ),
                migrations.AddField(
                    model_name='coupon',
                    name='reader',
                    field=models.ForeignKey(blank=True, editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='own_coupons', to=settings.AUTH_USER_MODEL),
                ),
                migrations.AlterField(
                    model_name='emailoptout',
                    name='kind',
                    field=models.CharField(choices=[('reply', 'Replies to your comments'), ('mention', 'Comments that mention you'), ('followed', 'New comments on articles that you follow'), ('corrections', 'Corrections, clarifications, retractions and withdrawals of these articles'), ('workflow', 'Steps of articles: sent to review, returned, ready, assigned to you'), ('remarks', 'Remarks on drafts that mention you or come from readers of a share link'), ('statistics', 'Statistics of the week: people, most read articles and where people came from')], max_length=20),
                ),
                migrations.AlterField(
                    model_name='order',
                    name='kind',
                    field=models.CharField(choices=[('subscription', 'Subscription'), ('extension', 'Extension'), ('gift', 'Gift'), ('moved', 'From another system')], default='subscription', max_length=12),
                ),
                migrations.AddField(
                    model_name='order',
                    name='start_agreed_at',
                    field=models.DateTimeField(blank=True, null=True, verbose_name='immediate start agreed'),
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
                    model_name='subscription',
                    name='books_since',
                    field=models.DateTimeField(blank=True, editable=False, null=True),
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
                migrations.AlterField(
                    model_name='receipt',
                    name='kind',
                    field=models.CharField(choices=[('receipt', 'Invoice'), ('credit_note', 'Credit note')], default='receipt', max_length=11, verbose_name='kind'),
                ),
                migrations.AlterField(
                    model_name='receipt',
                    name='reason',
                    field=models.CharField(blank=True, choices=[('refund', 'Refund'), ('chargeback', 'Lost chargeback'), ('cancellation', 'Wrong invoice cancelled')], max_length=12, verbose_name='reason'),
                ),
                migrations.AlterModelOptions(
                    name='receipt',
                    options={'ordering': ['-year', '-number'], 'verbose_name': 'invoice', 'verbose_name_plural': 'invoices'},
                ),
                migrations.AlterField(
                    model_name='grant',
                    name='source',
                    field=models.CharField(choices=[('order', 'Paid order'), ('invoice', 'Paid invoice'), ('trial', 'Free trial'), ('grace', 'Payment overdue'), ('gift', 'Gift'), ('comp', 'Complimentary'), ('moved', 'Paid in another system')], default='comp', max_length=8),
                ),
                migrations.AlterField(
                    model_name='subscriptionchange',
                    name='event',
                    field=models.CharField(choices=[('abandoned', 'Abandoned'), ('account_deleted', 'Account deleted'), ('cancel_reached', 'Cancel reached'), ('cancel_requested', 'Cancel requested'), ('cancel_undone', 'Cancel undone'), ('charged_back', 'Charged back'), ('ended_by_editor', 'Ended by editor'), ('ended_by_provider', 'Ended by provider'), ('first_paid', 'First paid'), ('moved', 'Moved from another system'), ('payment_failed', 'Payment failed'), ('plan_changed', 'Plan changed'), ('refunded', 'Refunded'), ('renewed', 'Renewed'), ('replaced', 'Replaced'), ('term_over', 'Term over'), ('trial_resumed', 'Trial resumed'), ('trial_started', 'Trial started'), ('unpaid', 'Unpaid'), ('withdrawal_undone', 'Withdrawal undone'), ('withdrawn', 'Withdrawn')], max_length=20),
                ),
                migrations.AlterField(
                    model_name='emailoptin',
                    name='kind',
                    field=models.CharField(choices=[('reply', 'Replies to your comments'), ('mention', 'Comments that mention you'), ('followed', 'New comments on articles that you follow'), ('corrections', 'Corrections, clarifications, retractions and withdrawals of these articles'), ('workflow', 'Steps of articles: sent to review, returned, ready, assigned to you'), ('remarks', 'Remarks on drafts that mention you or come from readers of a share link'), ('statistics', 'Statistics of the week: people, most read articles and where people came from')], max_length=20),
                ),
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
                        ('changed_rows', models.JSONField(blank=True, editable=False, null=True)),
                        ('effective_at', models.DateTimeField(blank=True, null=True, verbose_name='ends the contract on')),
                        ('sender_known_at', models.DateTimeField(blank=True, null=True, verbose_name='sender known')),
                        ('sender_known_by', models.CharField(blank=True, db_default='', default='', max_length=60, verbose_name='sender known by')),
                        ('undone_at', models.DateTimeField(blank=True, null=True, verbose_name='undone by the reader')),
                    ],
                    options={
                        'ordering': ['-declared_at', '-pk'],
                        'indexes': [models.Index(fields=['handled_at', 'declared_at'], name='declaration_waiting')],
                        'constraints': [models.UniqueConstraint(condition=models.Q(('kind', 'withdrawal'), ('undone_at', None)), fields=('order',), name='one_withdrawal_per_order', violation_error_message='The reader has already withdrawn from this order.'), models.UniqueConstraint(condition=models.Q(('effective_at__isnull', False), ('kind', 'cancellation'), ('undone_at', None)), fields=('subscription',), name='one_cancellation_per_subscription', violation_error_message='The reader has already cancelled this subscription.')],
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
                migrations.CreateModel(
                    name='IgnoredWebhook',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('provider', models.CharField(max_length=20)),
                        ('kind', models.CharField(max_length=20)),
                        ('number', models.PositiveBigIntegerField(default=0)),
                        ('first_at', models.DateTimeField()),
                        ('last_at', models.DateTimeField()),
                    ],
                    options={
                        'constraints': [models.UniqueConstraint(fields=('provider', 'kind'), name='one_count_of_ignored_webhooks')],
                    },
                ),
                migrations.CreateModel(
                    name='LoginProvider',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('slug', models.CharField(editable=False, max_length=20, unique=True)),
                        ('label', models.CharField(blank=True, help_text='For the button. Leave blank to use the usual name.', max_length=40, verbose_name='name')),
                        ('is_on', models.BooleanField(default=True, verbose_name='people can log in with it')),
                        ('domains', models.TextField(blank=True, help_text='One per line, such as example.org. Enter only domains whose addresses this provider gives out itself: an address there opens the account that has it, without another proof.', max_length=2000, verbose_name='email domains of your organisation')),
                        ('roles', models.ManyToManyField(blank=True, help_text='With an address in one of these domains. All other ways to log in are closed to them.', related_name='+', to='auth.group', verbose_name='roles that must log in with it')),
                    ],
                ),
            ],
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
            name='campaign',
            field=models.CharField(blank=True, db_default='', default='', max_length=100),
        ),
        migrations.AddIndex(
            model_name='order',
            index=models.Index(fields=['campaign'], name='order_by_campaign'),
        ),
    ]
