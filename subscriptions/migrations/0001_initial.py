import django.db.models.deletion
import django.db.models.functions.text
import django.utils.timezone
import subscriptions.models.cart
import subscriptions.models.grants
import uuid
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('auth', '0012_alter_user_first_name_max_length'),
    ]

    operations = [
        migrations.CreateModel(
            name='Plan',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('slug', models.SlugField(unique=True)),
                ('name', models.CharField(max_length=60)),
                ('summary', models.CharField(blank=True, max_length=200)),
                ('benefits', models.TextField(blank=True, help_text='One benefit per line. Leave blank to use the tier’s benefits.')),
                ('position', models.PositiveSmallIntegerField(default=0)),
                ('archived_at', models.DateTimeField(blank=True, help_text='Not sold from this time on.', null=True)),
            ],
            options={
                'ordering': ['position', 'pk'],
            },
        ),
        migrations.CreateModel(
            name='Tier',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('slug', models.SlugField(unique=True)),
                ('name', models.CharField(max_length=60)),
                ('level', models.PositiveSmallIntegerField(choices=[(10, 'Subscriber'), (20, 'Supporter')], unique=True)),
                ('may_comment', models.BooleanField(default=True, verbose_name='can comment')),
                ('benefits', models.TextField(blank=True, help_text='One benefit per line.')),
            ],
            options={
                'ordering': ['level'],
            },
        ),
        migrations.CreateModel(
            name='User',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('password', models.CharField(max_length=128, verbose_name='password')),
                ('last_login', models.DateTimeField(blank=True, null=True, verbose_name='last login')),
                ('is_superuser', models.BooleanField(default=False, help_text='Designates that this user has all permissions without explicitly assigning them.', verbose_name='superuser status')),
                ('email', models.EmailField(error_messages={'unique': 'There’s already an account with this address.'}, max_length=254, unique=True, verbose_name='email address')),
                ('display_name', models.CharField(help_text='Shown on the user’s comments. Never derived from the email address.', max_length=60)),
                ('name_key', models.CharField(blank=True, db_index=True, editable=False, max_length=120)),
                ('is_staff', models.BooleanField(default=False, verbose_name='newsroom access')),
                ('is_active', models.BooleanField(default=True, verbose_name='active')),
                ('member_since', models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                ('verified_at', models.DateTimeField(blank=True, editable=False, null=True, verbose_name='email confirmed')),
                ('deleted_at', models.DateTimeField(blank=True, editable=False, null=True, verbose_name='deleted')),
                ('groups', models.ManyToManyField(blank=True, help_text='The groups this user belongs to. A user will get all permissions granted to each of their groups.', related_name='user_set', related_query_name='user', to='auth.group', verbose_name='groups')),
                ('user_permissions', models.ManyToManyField(blank=True, help_text='Specific permissions for this user.', related_name='user_set', related_query_name='user', to='auth.permission', verbose_name='user permissions')),
            ],
            options={
                'permissions': [('give_role', 'Can assign newsroom roles')],
                'constraints': [models.UniqueConstraint(django.db.models.functions.text.Lower('email'), name='one_account_per_email', violation_error_message='There’s already an account with this address.')],
            },
        ),
        migrations.CreateModel(
            name='Cart',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('token', models.CharField(default=subscriptions.models.cart.new_token, editable=False, max_length=32, unique=True)),
                ('status', models.CharField(choices=[('open', 'Open'), ('merged', 'Merged'), ('done', 'Done')], default='open', max_length=6)),
                ('back_to', models.CharField(blank=True, max_length=300)),
                ('updated_at', models.DateTimeField(auto_now=True, db_index=True)),
                ('user', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='carts', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'constraints': [models.UniqueConstraint(condition=models.Q(('status', 'open')), fields=('user',), name='one_open_cart_per_user')],
            },
        ),
        migrations.CreateModel(
            name='EmailOptOut',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('workflow', 'Steps of articles: sent to review, returned, ready, assigned to you'), ('remarks', 'Remarks on drafts that mention you or come from readers of a share link')], max_length=20)),
                ('since', models.DateTimeField(default=django.utils.timezone.now)),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='email_opt_outs', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('user', 'kind'), name='one_opt_out_per_email_kind')],
            },
        ),
        migrations.CreateModel(
            name='LedgerEntry',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('provider', models.CharField(max_length=20)),
                ('ref', models.CharField(max_length=100)),
                ('order_uuid', models.UUIDField()),
                ('minor', models.BigIntegerField()),
                ('currency', models.CharField(max_length=3)),
                ('status', models.CharField(choices=[('open', 'Open'), ('waiting', 'Waiting'), ('declined', 'Declined'), ('paid', 'Paid'), ('closed', 'Closed')], default='open', max_length=8)),
                ('declines', models.PositiveSmallIntegerField(default=0)),
                ('due_at', models.DateTimeField(blank=True, null=True)),
                ('settled_at', models.DateTimeField(blank=True, null=True)),
                ('settled_by', models.CharField(blank=True, max_length=60)),
            ],
            options={
                'verbose_name_plural': 'ledger entries',
                'constraints': [models.UniqueConstraint(fields=('provider', 'ref'), name='one_ledger_entry_per_ref'), models.CheckConstraint(condition=models.Q(('minor__gte', 0)), name='ledger_entry_not_negative')],
            },
        ),
        migrations.CreateModel(
            name='NameChange',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=60, verbose_name='new name')),
                ('requested_at', models.DateTimeField(default=django.utils.timezone.now, verbose_name='requested')),
                ('user', models.OneToOneField(error_messages={'unique': 'This reader is already waiting for a new name.'}, on_delete=django.db.models.deletion.CASCADE, related_name='name_change', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name': 'new display name',
                'verbose_name_plural': 'new display names',
                'ordering': ['requested_at', 'pk'],
                'permissions': [('review_namechange', 'Can approve and decline new display names')],
            },
        ),
        migrations.CreateModel(
            name='Order',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('uuid', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ('number', models.CharField(editable=False, max_length=20, null=True, unique=True)),
                ('status', models.CharField(choices=[('open', 'Open'), ('paid', 'Paid'), ('canceled', 'Canceled')], default='open', max_length=8)),
                ('placed_at', models.DateTimeField()),
                ('paid_at', models.DateTimeField(blank=True, null=True)),
                ('total_minor', models.BigIntegerField()),
                ('currency', models.CharField(choices=[('AUD', 'AUD'), ('BHD', 'BHD'), ('BRL', 'BRL'), ('CAD', 'CAD'), ('CHF', 'CHF'), ('CLP', 'CLP'), ('CNY', 'CNY'), ('CZK', 'CZK'), ('DKK', 'DKK'), ('EUR', 'EUR'), ('GBP', 'GBP'), ('HKD', 'HKD'), ('ILS', 'ILS'), ('INR', 'INR'), ('ISK', 'ISK'), ('JOD', 'JOD'), ('JPY', 'JPY'), ('KRW', 'KRW'), ('KWD', 'KWD'), ('MXN', 'MXN'), ('NOK', 'NOK'), ('NZD', 'NZD'), ('OMR', 'OMR'), ('PLN', 'PLN'), ('PYG', 'PYG'), ('SEK', 'SEK'), ('SGD', 'SGD'), ('TND', 'TND'), ('TRY', 'TRY'), ('UAH', 'UAH'), ('UGX', 'UGX'), ('USD', 'USD'), ('VND', 'VND'), ('XAF', 'XAF'), ('XOF', 'XOF'), ('ZAR', 'ZAR')], max_length=3)),
                ('consent_text', models.TextField(help_text='The terms shown next to the order button.')),
                ('consented_at', models.DateTimeField()),
                ('provider', models.CharField(max_length=20)),
                ('checkout_ref', models.CharField(blank=True, db_index=True, max_length=100, verbose_name='checkout reference')),
                ('checkout_url', models.CharField(blank=True, max_length=500)),
                ('attempt', models.PositiveSmallIntegerField(default=1)),
                ('cart', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='orders', to='subscriptions.cart')),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='orders', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ['-placed_at', '-pk'],
                'constraints': [models.CheckConstraint(condition=models.Q(('total_minor__gte', 0)), name='order_not_negative'), models.UniqueConstraint(condition=models.Q(('status', 'open')), fields=('user',), name='one_open_order_per_user', violation_error_message='You already have an open order.')],
            },
        ),
        migrations.CreateModel(
            name='Payment',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('provider', models.CharField(max_length=20)),
                ('provider_ref', models.CharField(max_length=100, verbose_name='provider reference')),
                ('status', models.CharField(choices=[('processing', 'Processing'), ('succeeded', 'Succeeded'), ('failed', 'Failed'), ('surplus', 'Surplus')], max_length=10)),
                ('minor', models.BigIntegerField(help_text='In minor units: 900 is €9.00, or ¥900.', verbose_name='amount')),
                ('currency', models.CharField(max_length=3)),
                ('recorded_at', models.DateTimeField()),
                ('paid_at', models.DateTimeField(blank=True, null=True)),
                ('note', models.CharField(blank=True, max_length=200)),
                ('order', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='payments', to='subscriptions.order')),
            ],
            options={
                'ordering': ['-recorded_at', '-pk'],
                'constraints': [models.CheckConstraint(condition=models.Q(('minor__gte', 0)), name='payment_not_negative'), models.UniqueConstraint(fields=('provider', 'provider_ref'), name='one_row_per_payment'), models.UniqueConstraint(condition=models.Q(('status', 'succeeded')), fields=('order',), name='one_settling_payment_per_order')],
            },
        ),
        migrations.CreateModel(
            name='Price',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('minor', models.BigIntegerField(help_text='In minor units: 900 is €9.00, or ¥900.', verbose_name='amount')),
                ('currency', models.CharField(choices=[('AUD', 'AUD'), ('BHD', 'BHD'), ('BRL', 'BRL'), ('CAD', 'CAD'), ('CHF', 'CHF'), ('CLP', 'CLP'), ('CNY', 'CNY'), ('CZK', 'CZK'), ('DKK', 'DKK'), ('EUR', 'EUR'), ('GBP', 'GBP'), ('HKD', 'HKD'), ('ILS', 'ILS'), ('INR', 'INR'), ('ISK', 'ISK'), ('JOD', 'JOD'), ('JPY', 'JPY'), ('KRW', 'KRW'), ('KWD', 'KWD'), ('MXN', 'MXN'), ('NOK', 'NOK'), ('NZD', 'NZD'), ('OMR', 'OMR'), ('PLN', 'PLN'), ('PYG', 'PYG'), ('SEK', 'SEK'), ('SGD', 'SGD'), ('TND', 'TND'), ('TRY', 'TRY'), ('UAH', 'UAH'), ('UGX', 'UGX'), ('USD', 'USD'), ('VND', 'VND'), ('XAF', 'XAF'), ('XOF', 'XOF'), ('ZAR', 'ZAR')], max_length=3)),
                ('interval', models.CharField(choices=[('month', 'month'), ('year', 'year')], max_length=5)),
                ('count', models.PositiveSmallIntegerField(default=1, verbose_name='interval count')),
                ('archived_at', models.DateTimeField(blank=True, help_text='Not sold from this time on.', null=True)),
                ('plan', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='prices', to='subscriptions.plan')),
            ],
            options={
                'ordering': ['plan', 'currency', 'interval', 'count'],
                'constraints': [models.CheckConstraint(condition=models.Q(('minor__gte', 0)), name='price_not_negative'), models.CheckConstraint(condition=models.Q(('count__gte', 1), ('count__lte', 120)), name='price_interval_count_in_range'), models.UniqueConstraint(condition=models.Q(('archived_at', None)), fields=('plan', 'currency', 'interval', 'count'), name='one_current_price', violation_error_message='This plan already has a price for this period and currency. Archive it first.')],
            },
        ),
        migrations.CreateModel(
            name='OrderLine',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('description', models.CharField(max_length=120)),
                ('total_minor', models.BigIntegerField()),
                ('currency', models.CharField(max_length=3)),
                ('order', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='lines', to='subscriptions.order')),
                ('price', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='order_lines', to='subscriptions.price')),
            ],
            options={
                'constraints': [models.CheckConstraint(condition=models.Q(('total_minor__gte', 0)), name='order_line_not_negative')],
            },
        ),
        migrations.CreateModel(
            name='CartLine',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('quoted_minor', models.BigIntegerField()),
                ('cart', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='lines', to='subscriptions.cart')),
                ('price', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='cart_lines', to='subscriptions.price')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('cart',), name='one_recurring_line_per_cart'), models.CheckConstraint(condition=models.Q(('quoted_minor__gte', 0)), name='quote_not_negative')],
            },
        ),
        migrations.CreateModel(
            name='Subscription',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('uuid', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ('provider', models.CharField(max_length=20)),
                ('status', models.CharField(choices=[('pending', 'Pending'), ('active', 'Active'), ('ended', 'Ended')], default='pending', max_length=7)),
                ('anchor', models.DateTimeField(verbose_name='billing anchor')),
                ('period_start', models.DateTimeField()),
                ('period_end', models.DateTimeField()),
                ('cancel_at', models.DateTimeField(blank=True, null=True)),
                ('ended_at', models.DateTimeField(blank=True, null=True)),
                ('end_reason', models.CharField(blank=True, choices=[('canceled', 'Canceled'), ('term_over', 'Paid period ended'), ('editor', 'Ended by an editor'), ('abandoned', 'Abandoned'), ('deleted', 'Account deleted')], max_length=9)),
                ('price', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='subscriptions', to='subscriptions.price')),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='subscriptions', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ['-period_start', '-pk'],
                'indexes': [models.Index(fields=['status', 'period_end'], name='subscription_due')],
                'constraints': [models.UniqueConstraint(condition=models.Q(('status__in', ('pending', 'active'))), fields=('user',), name='one_live_subscription_per_user', violation_error_message='You already have a subscription.'), models.CheckConstraint(condition=models.Q(models.Q(('ended_at__isnull', False), ('status', 'ended')), models.Q(models.Q(('status', 'ended'), _negated=True), ('ended_at', None)), _connector='OR'), name='ended_subscription_has_end_date')],
            },
        ),
        migrations.CreateModel(
            name='Grant',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('level', models.PositiveSmallIntegerField(choices=[(10, 'Subscriber'), (20, 'Supporter')])),
                ('may_comment', models.BooleanField(default=True, verbose_name='can comment')),
                ('starts_at', models.DateTimeField()),
                ('ends_at', models.DateTimeField()),
                ('source', models.CharField(choices=[('order', 'Paid order'), ('comp', 'Complimentary')], default='comp', max_length=8)),
                ('source_key', models.CharField(default=subscriptions.models.grants.new_key, editable=False, max_length=60)),
                ('note', models.CharField(blank=True, max_length=200)),
                ('revoked_at', models.DateTimeField(blank=True, editable=False, null=True)),
                ('revoked_by', models.CharField(blank=True, editable=False, max_length=60)),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='grants', to=settings.AUTH_USER_MODEL)),
                ('subscription', models.ForeignKey(blank=True, editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='grants', to='subscriptions.subscription')),
            ],
            options={
                'ordering': ['-ends_at', '-pk'],
                'indexes': [models.Index(fields=['user', 'ends_at', 'level'], name='grant_by_user')],
                'constraints': [models.UniqueConstraint(fields=('source', 'source_key'), name='one_grant_per_source'), models.CheckConstraint(condition=models.Q(('ends_at__gte', models.F('starts_at'))), name='grant_ends_after_it_starts', violation_error_message='The end must be after the start.')],
            },
        ),
        migrations.CreateModel(
            name='SubscriptionChange',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('at', models.DateTimeField(verbose_name='date')),
                ('event', models.CharField(choices=[('abandoned', 'Abandoned'), ('account_deleted', 'Account deleted'), ('cancel_reached', 'Cancel reached'), ('cancel_requested', 'Cancel requested'), ('cancel_undone', 'Cancel undone'), ('ended_by_editor', 'Ended by editor'), ('first_paid', 'First paid'), ('term_over', 'Term over')], max_length=20)),
                ('was', models.CharField(max_length=7, verbose_name='from')),
                ('became', models.CharField(max_length=7, verbose_name='to')),
                ('actor', models.CharField(help_text='“reader”, “clock”, a provider, or an editor’s name.', max_length=60)),
                ('note', models.CharField(blank=True, max_length=200)),
                ('subscription', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='changes', to='subscriptions.subscription')),
            ],
            options={
                'ordering': ['at', 'pk'],
            },
        ),
        migrations.AddField(
            model_name='plan',
            name='tier',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='plans', to='subscriptions.tier'),
        ),
    ]
