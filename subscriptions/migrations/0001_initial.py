import django.core.validators
import django.db.models.deletion
import django.db.models.functions.text
import django.utils.timezone
import subscriptions.models.cart
import subscriptions.models.gifts
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
            name='Coupon',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('code', models.CharField(help_text='What readers enter, in capitals: SPRING25.', max_length=40, unique=True)),
                ('kind', models.CharField(choices=[('percent', 'Percent'), ('amount', 'Amount')], default='percent', max_length=7)),
                ('percent', models.PositiveSmallIntegerField(blank=True, null=True)),
                ('minor', models.BigIntegerField(blank=True, null=True, verbose_name='amount')),
                ('currency', models.CharField(blank=True, choices=[('AUD', 'AUD'), ('BHD', 'BHD'), ('BRL', 'BRL'), ('CAD', 'CAD'), ('CHF', 'CHF'), ('CLP', 'CLP'), ('CNY', 'CNY'), ('CZK', 'CZK'), ('DKK', 'DKK'), ('EUR', 'EUR'), ('GBP', 'GBP'), ('HKD', 'HKD'), ('ILS', 'ILS'), ('INR', 'INR'), ('ISK', 'ISK'), ('JOD', 'JOD'), ('JPY', 'JPY'), ('KRW', 'KRW'), ('KWD', 'KWD'), ('MXN', 'MXN'), ('NOK', 'NOK'), ('NZD', 'NZD'), ('OMR', 'OMR'), ('PLN', 'PLN'), ('PYG', 'PYG'), ('SEK', 'SEK'), ('SGD', 'SGD'), ('TND', 'TND'), ('TRY', 'TRY'), ('UAH', 'UAH'), ('UGX', 'UGX'), ('USD', 'USD'), ('VND', 'VND'), ('XAF', 'XAF'), ('XOF', 'XOF'), ('ZAR', 'ZAR')], max_length=3)),
                ('duration', models.CharField(choices=[('once', 'The first period'), ('repeating', 'A number of periods'), ('forever', 'Every period')], default='once', max_length=9)),
                ('periods', models.PositiveSmallIntegerField(default=1, help_text='For “a number of periods”: how many payments are reduced.')),
                ('starts_at', models.DateTimeField(blank=True, null=True)),
                ('ends_at', models.DateTimeField(blank=True, null=True)),
                ('max_uses', models.PositiveIntegerField(blank=True, help_text='Leave blank for no limit.', null=True)),
                ('uses', models.PositiveIntegerField(default=0, editable=False)),
                ('first_time_only', models.BooleanField(default=False, help_text='Only for readers who have never had a paid subscription.')),
                ('archived_at', models.DateTimeField(blank=True, null=True)),
            ],
            options={
                'ordering': ['code'],
            },
        ),
        migrations.CreateModel(
            name='LedgerContract',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('ref', models.CharField(max_length=100, unique=True)),
                ('order_uuid', models.UUIDField(unique=True)),
                ('discount_minor', models.BigIntegerField(default=0)),
                ('discounts_left', models.PositiveSmallIntegerField(default=0, null=True)),
                ('trial_days', models.PositiveSmallIntegerField(default=0)),
                ('starts_at', models.DateTimeField(blank=True, null=True)),
                ('status', models.CharField(choices=[('pending', 'Pending'), ('trialing', 'Trialing'), ('active', 'Active'), ('past_due', 'Past Due'), ('ended', 'Ended')], default='pending', max_length=8)),
                ('period_start', models.DateTimeField(blank=True, null=True)),
                ('period_end', models.DateTimeField(blank=True, null=True)),
                ('cancel_at', models.DateTimeField(blank=True, null=True)),
                ('past_due_at', models.DateTimeField(blank=True, null=True)),
                ('ended_at', models.DateTimeField(blank=True, null=True)),
                ('card_declines', models.BooleanField(default=False)),
            ],
        ),
        migrations.CreateModel(
            name='Plan',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('slug', models.SlugField(unique=True)),
                ('name', models.CharField(max_length=60)),
                ('summary', models.CharField(blank=True, max_length=200)),
                ('benefits', models.TextField(blank=True, help_text='One benefit per line. Leave blank to use the tier’s benefits.')),
                ('trial_days', models.PositiveSmallIntegerField(default=0, help_text='Days, 0 for none. Once for each reader.', validators=[django.core.validators.MaxValueValidator(90)], verbose_name='free trial')),
                ('position', models.PositiveSmallIntegerField(default=0)),
                ('archived_at', models.DateTimeField(blank=True, help_text='Not sold from this time on.', null=True)),
            ],
            options={
                'ordering': ['position', 'pk'],
            },
        ),
        migrations.CreateModel(
            name='ReceiptSeries',
            fields=[
                ('year', models.PositiveSmallIntegerField(primary_key=True, serialize=False)),
                ('last', models.PositiveIntegerField(default=0)),
            ],
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
            name='TrialUse',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('fingerprint', models.CharField(max_length=64, unique=True)),
                ('started_at', models.DateTimeField()),
            ],
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
            },
        ),
        migrations.CreateModel(
            name='AccountNote',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('text', models.TextField(max_length=2000)),
                ('by', models.CharField(max_length=60)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='account_notes', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ['-created_at', '-pk'],
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
                ('coupon', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='carts', to='subscriptions.coupon')),
            ],
        ),
        migrations.CreateModel(
            name='EmailOptOut',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('reply', 'Replies to your comments'), ('mention', 'Comments that mention you'), ('followed', 'New comments on articles that you follow'), ('workflow', 'Steps of articles: sent to review, returned, ready, assigned to you'), ('remarks', 'Remarks on drafts that mention you or come from readers of a share link')], max_length=20)),
                ('since', models.DateTimeField(default=django.utils.timezone.now)),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='email_opt_outs', to=settings.AUTH_USER_MODEL)),
            ],
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
                ('kind', models.CharField(choices=[('subscription', 'Subscription'), ('extension', 'Extension'), ('gift', 'Gift')], default='subscription', max_length=12)),
                ('status', models.CharField(choices=[('open', 'Open'), ('paid', 'Paid'), ('canceled', 'Canceled')], default='open', max_length=8)),
                ('placed_at', models.DateTimeField()),
                ('paid_at', models.DateTimeField(blank=True, null=True)),
                ('subtotal_minor', models.BigIntegerField(default=0, verbose_name='subtotal')),
                ('discount_minor', models.BigIntegerField(default=0, verbose_name='discount')),
                ('total_minor', models.BigIntegerField()),
                ('currency', models.CharField(choices=[('AUD', 'AUD'), ('BHD', 'BHD'), ('BRL', 'BRL'), ('CAD', 'CAD'), ('CHF', 'CHF'), ('CLP', 'CLP'), ('CNY', 'CNY'), ('CZK', 'CZK'), ('DKK', 'DKK'), ('EUR', 'EUR'), ('GBP', 'GBP'), ('HKD', 'HKD'), ('ILS', 'ILS'), ('INR', 'INR'), ('ISK', 'ISK'), ('JOD', 'JOD'), ('JPY', 'JPY'), ('KRW', 'KRW'), ('KWD', 'KWD'), ('MXN', 'MXN'), ('NOK', 'NOK'), ('NZD', 'NZD'), ('OMR', 'OMR'), ('PLN', 'PLN'), ('PYG', 'PYG'), ('SEK', 'SEK'), ('SGD', 'SGD'), ('TND', 'TND'), ('TRY', 'TRY'), ('UAH', 'UAH'), ('UGX', 'UGX'), ('USD', 'USD'), ('VND', 'VND'), ('XAF', 'XAF'), ('XOF', 'XOF'), ('ZAR', 'ZAR')], max_length=3)),
                ('trial_days', models.PositiveSmallIntegerField(default=0)),
                ('renews', models.BooleanField(default=False, help_text='Whether the provider charges again for each period.')),
                ('came_from', models.CharField(blank=True, max_length=300)),
                ('consent_text', models.TextField(help_text='The terms shown next to the order button.')),
                ('consented_at', models.DateTimeField()),
                ('provider', models.CharField(max_length=20)),
                ('checkout_ref', models.CharField(blank=True, db_index=True, max_length=100, verbose_name='checkout reference')),
                ('checkout_url', models.CharField(blank=True, max_length=2000)),
                ('attempt', models.PositiveSmallIntegerField(default=1)),
                ('checked_at', models.DateTimeField(blank=True, null=True, verbose_name='checked with the provider')),
                ('checkout_closed_at', models.DateTimeField(blank=True, null=True)),
                ('cart', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='orders', to='subscriptions.cart')),
                ('coupon', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='orders', to='subscriptions.coupon')),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='orders', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ['-placed_at', '-pk'],
            },
        ),
        migrations.CreateModel(
            name='Payment',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('uuid', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ('provider', models.CharField(max_length=20)),
                ('provider_ref', models.CharField(max_length=100, verbose_name='provider reference')),
                ('invoice_ref', models.CharField(blank=True, max_length=100, verbose_name='invoice reference')),
                ('invoice_url', models.URLField(blank=True, max_length=500)),
                ('description', models.CharField(blank=True, max_length=120)),
                ('period_start', models.DateTimeField(blank=True, null=True)),
                ('period_end', models.DateTimeField(blank=True, null=True)),
                ('status', models.CharField(choices=[('processing', 'Processing'), ('succeeded', 'Succeeded'), ('failed', 'Failed'), ('surplus', 'Surplus')], max_length=10)),
                ('minor', models.BigIntegerField(help_text='In minor units: 900 is €9.00, or ¥900.', verbose_name='amount')),
                ('tax_minor', models.BigIntegerField(default=0, verbose_name='tax included')),
                ('refunded_minor', models.BigIntegerField(default=0, verbose_name='refunded')),
                ('currency', models.CharField(max_length=3)),
                ('method', models.CharField(blank=True, max_length=60, verbose_name='payment method')),
                ('dispute', models.CharField(blank=True, choices=[('open', 'Chargeback open'), ('won', 'Chargeback won'), ('lost', 'Chargeback lost')], max_length=4, verbose_name='chargeback')),
                ('recorded_at', models.DateTimeField()),
                ('paid_at', models.DateTimeField(blank=True, null=True)),
                ('month', models.DateField(editable=False)),
                ('note', models.CharField(blank=True, max_length=200)),
                ('order', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='payments', to='subscriptions.order')),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='payments', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ['-recorded_at', '-pk'],
                'permissions': [('refund_payment', 'Can refund payments'), ('view_revenue', 'Can view revenue')],
            },
        ),
        migrations.AddField(
            model_name='coupon',
            name='plans',
            field=models.ManyToManyField(blank=True, help_text='Leave empty for all plans.', to='subscriptions.plan'),
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
        ),
        migrations.CreateModel(
            name='LedgerEntry',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('provider', models.CharField(max_length=20)),
                ('ref', models.CharField(max_length=100)),
                ('order_uuid', models.UUIDField()),
                ('period_start', models.DateTimeField(blank=True, null=True)),
                ('period_end', models.DateTimeField(blank=True, null=True)),
                ('minor', models.BigIntegerField()),
                ('refunds', models.JSONField(blank=True, default=list)),
                ('currency', models.CharField(max_length=3)),
                ('status', models.CharField(choices=[('open', 'Open'), ('waiting', 'Waiting'), ('declined', 'Declined'), ('paid', 'Paid'), ('closed', 'Closed')], default='open', max_length=8)),
                ('declines', models.PositiveSmallIntegerField(default=0)),
                ('due_at', models.DateTimeField(blank=True, null=True)),
                ('settled_at', models.DateTimeField(blank=True, null=True)),
                ('settled_by', models.CharField(blank=True, max_length=60)),
                ('contract', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='entries', to='subscriptions.ledgercontract')),
                ('price', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='subscriptions.price')),
            ],
            options={
                'verbose_name_plural': 'ledger entries',
            },
        ),
        migrations.AddField(
            model_name='ledgercontract',
            name='next_price',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='subscriptions.price'),
        ),
        migrations.AddField(
            model_name='ledgercontract',
            name='price',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='subscriptions.price'),
        ),
        migrations.CreateModel(
            name='Gift',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('code', models.CharField(default=subscriptions.models.gifts.new_code, editable=False, max_length=32, unique=True)),
                ('giver_name', models.CharField(blank=True, max_length=60)),
                ('recipient_name', models.CharField(blank=True, max_length=60)),
                ('recipient_email', models.EmailField(blank=True, max_length=254)),
                ('message', models.TextField(blank=True, max_length=500)),
                ('deliver_at', models.DateTimeField()),
                ('delivered_at', models.DateTimeField(blank=True, null=True)),
                ('redeem_by', models.DateTimeField(verbose_name='can be redeemed until')),
                ('redeemed_at', models.DateTimeField(blank=True, null=True)),
                ('postpone_to', models.DateTimeField(blank=True, editable=False, null=True)),
                ('refunded_at', models.DateTimeField(blank=True, null=True)),
                ('redeemed_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='gifts_redeemed', to=settings.AUTH_USER_MODEL)),
                ('order', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='gift', to='subscriptions.order')),
                ('price', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='gifts', to='subscriptions.price')),
            ],
            options={
                'ordering': ['-pk'],
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
        ),
        migrations.CreateModel(
            name='ProviderCustomer',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('provider', models.CharField(max_length=20)),
                ('ref', models.CharField(max_length=100, verbose_name='reference')),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='provider_customers', to=settings.AUTH_USER_MODEL)),
            ],
        ),
        migrations.CreateModel(
            name='Redemption',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('state', models.CharField(choices=[('reserved', 'Reserved'), ('used', 'Used'), ('released', 'Released')], default='reserved', max_length=8)),
                ('periods_left', models.PositiveSmallIntegerField(blank=True, default=0, null=True)),
                ('at', models.DateTimeField()),
                ('coupon', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='redemptions', to='subscriptions.coupon')),
                ('order', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='redemptions', to='subscriptions.order')),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='redemptions', to=settings.AUTH_USER_MODEL)),
            ],
        ),
        migrations.CreateModel(
            name='Refund',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('key', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ('provider_ref', models.CharField(blank=True, max_length=100, null=True, unique=True, verbose_name='provider reference')),
                ('minor', models.BigIntegerField(verbose_name='amount')),
                ('status', models.CharField(choices=[('requested', 'Requested'), ('done', 'Done'), ('failed', 'Failed')], default='requested', max_length=9)),
                ('reason', models.CharField(blank=True, max_length=200)),
                ('by', models.CharField(blank=True, max_length=60)),
                ('requested_at', models.DateTimeField()),
                ('done_at', models.DateTimeField(blank=True, null=True)),
                ('error', models.CharField(blank=True, max_length=200)),
                ('payment', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='refunds', to='subscriptions.payment')),
            ],
            options={
                'ordering': ['-requested_at', '-pk'],
            },
        ),
        migrations.CreateModel(
            name='Receipt',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('year', models.PositiveSmallIntegerField()),
                ('number', models.PositiveIntegerField()),
                ('issued_at', models.DateTimeField()),
                ('snapshot', models.JSONField(default=dict)),
                ('payment', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='receipts', to='subscriptions.payment')),
                ('refund', models.OneToOneField(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='receipt', to='subscriptions.refund')),
            ],
            options={
                'ordering': ['-year', '-number'],
            },
        ),
        migrations.CreateModel(
            name='SentEmail',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(max_length=40)),
                ('key', models.CharField(max_length=100)),
                ('subject', models.CharField(blank=True, max_length=200)),
                ('sent_at', models.DateTimeField(verbose_name='sent')),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='sent_emails', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ['-sent_at', '-pk'],
            },
        ),
        migrations.CreateModel(
            name='Subscription',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('uuid', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ('provider', models.CharField(max_length=20)),
                ('provider_ref', models.CharField(blank=True, max_length=100, verbose_name='provider reference')),
                ('status', models.CharField(choices=[('pending', 'Pending'), ('trialing', 'Free trial'), ('active', 'Active'), ('past_due', 'Payment overdue'), ('ended', 'Ended')], default='pending', max_length=8)),
                ('anchor', models.DateTimeField(verbose_name='billing anchor')),
                ('period_start', models.DateTimeField()),
                ('period_end', models.DateTimeField()),
                ('cancel_at', models.DateTimeField(blank=True, null=True)),
                ('ended_at', models.DateTimeField(blank=True, null=True)),
                ('end_reason', models.CharField(blank=True, choices=[('canceled', 'Canceled'), ('term_over', 'Paid period ended'), ('editor', 'Ended by an editor'), ('abandoned', 'Abandoned'), ('deleted', 'Account deleted'), ('unpaid', 'Renewal not paid'), ('refunded', 'Refunded'), ('chargeback', 'Charged back'), ('replaced', 'Replaced by another subscription')], max_length=10)),
                ('next_price_at', models.DateTimeField(blank=True, null=True)),
                ('past_due_since', models.DateTimeField(blank=True, null=True)),
                ('card', models.CharField(blank=True, help_text='Such as “Visa ending 4242”.', max_length=60)),
                ('card_expires_on', models.DateField(blank=True, null=True)),
                ('provider_request', models.CharField(blank=True, choices=[('cancel', 'Cancel'), ('end', 'End')], max_length=6)),
                ('version', models.PositiveIntegerField(default=0, editable=False)),
                ('synced_at', models.DateTimeField(blank=True, null=True)),
                ('next_price', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='subscriptions.price')),
                ('price', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='subscriptions', to='subscriptions.price')),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='subscriptions', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ['-period_start', '-pk'],
            },
        ),
        migrations.AddField(
            model_name='payment',
            name='subscription',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='payments', to='subscriptions.subscription'),
        ),
        migrations.CreateModel(
            name='Grant',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('level', models.PositiveSmallIntegerField(choices=[(10, 'Subscriber'), (20, 'Supporter')])),
                ('may_comment', models.BooleanField(default=True, verbose_name='can comment')),
                ('starts_at', models.DateTimeField()),
                ('ends_at', models.DateTimeField()),
                ('source', models.CharField(choices=[('order', 'Paid order'), ('invoice', 'Paid invoice'), ('trial', 'Free trial'), ('grace', 'Payment overdue'), ('gift', 'Gift'), ('comp', 'Complimentary')], default='comp', max_length=8)),
                ('source_key', models.CharField(default=subscriptions.models.grants.new_key, editable=False, max_length=100)),
                ('note', models.CharField(blank=True, max_length=200)),
                ('revoked_at', models.DateTimeField(blank=True, editable=False, null=True)),
                ('revoked_by', models.CharField(blank=True, editable=False, max_length=60)),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='grants', to=settings.AUTH_USER_MODEL)),
                ('subscription', models.ForeignKey(blank=True, editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='grants', to='subscriptions.subscription')),
            ],
            options={
                'ordering': ['-ends_at', '-pk'],
            },
        ),
        migrations.CreateModel(
            name='SubscriptionChange',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('at', models.DateTimeField(verbose_name='date')),
                ('event', models.CharField(choices=[('abandoned', 'Abandoned'), ('account_deleted', 'Account deleted'), ('cancel_reached', 'Cancel reached'), ('cancel_requested', 'Cancel requested'), ('cancel_undone', 'Cancel undone'), ('charged_back', 'Charged back'), ('ended_by_editor', 'Ended by editor'), ('ended_by_provider', 'Ended by provider'), ('first_paid', 'First paid'), ('payment_failed', 'Payment failed'), ('plan_changed', 'Plan changed'), ('refunded', 'Refunded'), ('renewed', 'Renewed'), ('replaced', 'Replaced'), ('term_over', 'Term over'), ('trial_started', 'Trial started'), ('unpaid', 'Unpaid')], max_length=20)),
                ('was', models.CharField(max_length=8, verbose_name='from')),
                ('became', models.CharField(max_length=8, verbose_name='to')),
                ('mrr_minor', models.BigIntegerField(default=0, verbose_name='change of monthly revenue')),
                ('currency', models.CharField(blank=True, max_length=3)),
                ('month', models.DateField(editable=False)),
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
        migrations.AddConstraint(
            model_name='user',
            constraint=models.UniqueConstraint(django.db.models.functions.text.Lower('email'), name='one_account_per_email', violation_error_message='There’s already an account with this address.'),
        ),
        migrations.AddConstraint(
            model_name='cart',
            constraint=models.UniqueConstraint(condition=models.Q(('status', 'open')), fields=('user',), name='one_open_cart_per_user'),
        ),
        migrations.AddConstraint(
            model_name='emailoptout',
            constraint=models.UniqueConstraint(fields=('user', 'kind'), name='one_opt_out_per_email_kind'),
        ),
        migrations.AddIndex(
            model_name='order',
            index=models.Index(fields=['status', 'currency', 'paid_at', 'came_from', 'total_minor'], name='order_by_article'),
        ),
        migrations.AddConstraint(
            model_name='order',
            constraint=models.CheckConstraint(condition=models.Q(('total_minor__gte', 0)), name='order_not_negative'),
        ),
        migrations.AddConstraint(
            model_name='order',
            constraint=models.CheckConstraint(condition=models.Q(('discount_minor__gte', 0), ('discount_minor__lte', models.F('subtotal_minor'))), name='order_discount_in_range'),
        ),
        migrations.AddConstraint(
            model_name='order',
            constraint=models.UniqueConstraint(condition=models.Q(('status', 'open'), models.Q(('kind', 'gift'), _negated=True)), fields=('user',), name='one_open_order_per_user', violation_error_message='You already have an open order.'),
        ),
        migrations.AddConstraint(
            model_name='order',
            constraint=models.UniqueConstraint(condition=models.Q(('kind', 'gift'), ('status', 'open')), fields=('user',), name='one_open_gift_order_per_user'),
        ),
        migrations.AddConstraint(
            model_name='coupon',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('kind', 'percent'), ('minor', None), ('percent__gte', 1), ('percent__isnull', False), ('percent__lte', 100)), models.Q(('kind', 'amount'), ('minor__gt', 0), ('minor__isnull', False), ('percent', None), models.Q(('currency', ''), _negated=True)), _connector='OR'), name='coupon_has_one_discount', violation_error_message='Enter a percentage from 1 to 100, or an amount with its currency.'),
        ),
        migrations.AddConstraint(
            model_name='coupon',
            constraint=models.CheckConstraint(condition=models.Q(('max_uses', None), ('uses__lte', models.F('max_uses')), _connector='OR'), name='coupon_uses_within_limit'),
        ),
        migrations.AddConstraint(
            model_name='price',
            constraint=models.CheckConstraint(condition=models.Q(('minor__gte', 0)), name='price_not_negative'),
        ),
        migrations.AddConstraint(
            model_name='price',
            constraint=models.CheckConstraint(condition=models.Q(('count__gte', 1), ('count__lte', 120)), name='price_interval_count_in_range'),
        ),
        migrations.AddConstraint(
            model_name='price',
            constraint=models.UniqueConstraint(condition=models.Q(('archived_at', None)), fields=('plan', 'currency', 'interval', 'count'), name='one_current_price', violation_error_message='This plan already has a price for this period and currency. Archive it first.'),
        ),
        migrations.AddConstraint(
            model_name='orderline',
            constraint=models.CheckConstraint(condition=models.Q(('total_minor__gte', 0)), name='order_line_not_negative'),
        ),
        migrations.AddConstraint(
            model_name='ledgerentry',
            constraint=models.UniqueConstraint(fields=('provider', 'ref'), name='one_ledger_entry_per_ref'),
        ),
        migrations.AddConstraint(
            model_name='ledgerentry',
            constraint=models.CheckConstraint(condition=models.Q(('minor__gte', 0)), name='ledger_entry_not_negative'),
        ),
        migrations.AddConstraint(
            model_name='gift',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('redeemed_at', None), ('redeemed_by', None)), models.Q(('redeemed_at__isnull', False), ('redeemed_by__isnull', False)), _connector='OR'), name='redeemed_gift_has_reader_and_date'),
        ),
        migrations.AddConstraint(
            model_name='gift',
            constraint=models.CheckConstraint(condition=models.Q(('refunded_at', None), ('redeemed_at', None), _connector='OR'), name='gift_not_redeemed_and_refunded'),
        ),
        migrations.AddConstraint(
            model_name='cartline',
            constraint=models.UniqueConstraint(fields=('cart',), name='one_recurring_line_per_cart'),
        ),
        migrations.AddConstraint(
            model_name='cartline',
            constraint=models.CheckConstraint(condition=models.Q(('quoted_minor__gte', 0)), name='quote_not_negative'),
        ),
        migrations.AddConstraint(
            model_name='providercustomer',
            constraint=models.UniqueConstraint(fields=('provider', 'user'), name='one_customer_per_reader'),
        ),
        migrations.AddConstraint(
            model_name='providercustomer',
            constraint=models.UniqueConstraint(fields=('provider', 'ref'), name='one_reader_per_customer'),
        ),
        migrations.AddConstraint(
            model_name='redemption',
            constraint=models.UniqueConstraint(condition=models.Q(('state', 'released'), _negated=True), fields=('coupon', 'user'), name='one_redemption_per_reader'),
        ),
        migrations.AddConstraint(
            model_name='redemption',
            constraint=models.UniqueConstraint(condition=models.Q(('state', 'released'), _negated=True), fields=('order',), name='one_redemption_per_order'),
        ),
        migrations.AddConstraint(
            model_name='refund',
            constraint=models.CheckConstraint(condition=models.Q(('minor__gt', 0)), name='refund_positive'),
        ),
        migrations.AddConstraint(
            model_name='receipt',
            constraint=models.UniqueConstraint(fields=('year', 'number'), name='one_receipt_per_number'),
        ),
        migrations.AddConstraint(
            model_name='receipt',
            constraint=models.UniqueConstraint(condition=models.Q(('refund', None)), fields=('payment',), name='one_receipt_per_payment'),
        ),
        migrations.AddConstraint(
            model_name='sentemail',
            constraint=models.UniqueConstraint(fields=('kind', 'key'), name='one_email_per_kind_and_key'),
        ),
        migrations.AddIndex(
            model_name='subscription',
            index=models.Index(fields=['status', 'period_end'], name='subscription_due'),
        ),
        migrations.AddConstraint(
            model_name='subscription',
            constraint=models.UniqueConstraint(condition=models.Q(('status__in', ('pending', 'trialing', 'active', 'past_due'))), fields=('user',), name='one_live_subscription_per_user', violation_error_message='You already have a subscription.'),
        ),
        migrations.AddConstraint(
            model_name='subscription',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('ended_at__isnull', False), ('status', 'ended')), models.Q(models.Q(('status', 'ended'), _negated=True), ('ended_at', None)), _connector='OR'), name='ended_subscription_has_end_date'),
        ),
        migrations.AddConstraint(
            model_name='subscription',
            constraint=models.UniqueConstraint(condition=models.Q(('provider_ref', ''), _negated=True), fields=('provider', 'provider_ref'), name='one_subscription_per_provider_ref'),
        ),
        migrations.AddIndex(
            model_name='payment',
            index=models.Index(fields=['status', 'currency', 'month', 'minor', 'refunded_minor'], name='payment_by_month'),
        ),
        migrations.AddIndex(
            model_name='payment',
            index=models.Index(fields=['dispute', 'currency', 'month'], name='payment_by_dispute'),
        ),
        migrations.AddConstraint(
            model_name='payment',
            constraint=models.CheckConstraint(condition=models.Q(('minor__gte', 0)), name='payment_not_negative'),
        ),
        migrations.AddConstraint(
            model_name='payment',
            constraint=models.CheckConstraint(condition=models.Q(('refunded_minor__gte', 0), ('refunded_minor__lte', models.F('minor'))), name='refunds_within_payment', violation_error_message='More than was paid can’t be refunded.'),
        ),
        migrations.AddConstraint(
            model_name='payment',
            constraint=models.UniqueConstraint(fields=('provider', 'provider_ref'), name='one_row_per_payment'),
        ),
        migrations.AddConstraint(
            model_name='payment',
            constraint=models.UniqueConstraint(condition=models.Q(('status', 'succeeded')), fields=('order',), name='one_settling_payment_per_order'),
        ),
        migrations.AddConstraint(
            model_name='payment',
            constraint=models.UniqueConstraint(condition=models.Q(('status', 'succeeded'), models.Q(('invoice_ref', ''), _negated=True)), fields=('provider', 'invoice_ref'), name='one_settling_payment_per_invoice'),
        ),
        migrations.AddIndex(
            model_name='grant',
            index=models.Index(fields=['user', 'ends_at', 'level'], name='grant_by_user'),
        ),
        migrations.AddConstraint(
            model_name='grant',
            constraint=models.UniqueConstraint(fields=('source', 'source_key'), name='one_grant_per_source'),
        ),
        migrations.AddConstraint(
            model_name='grant',
            constraint=models.CheckConstraint(condition=models.Q(('ends_at__gte', models.F('starts_at'))), name='grant_ends_after_it_starts', violation_error_message='The end must be after the start.'),
        ),
        migrations.AddIndex(
            model_name='subscriptionchange',
            index=models.Index(fields=['currency', 'month', 'event', 'mrr_minor'], name='change_by_month'),
        ),
    ]
