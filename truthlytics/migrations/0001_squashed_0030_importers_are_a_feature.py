import django.core.serializers.json
import django.core.validators
import django.db.models.deletion
import django.db.models.functions.text
import django.utils.timezone
import truthlytics.publication.countries
import truthlytics.publication.design
import truthlytics.publication.files
import truthlytics.publication.models
import truthlytics.web.agents
import truthlytics.web.create_models
import uuid
from decimal import Decimal
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    replaces = [('truthlytics', '0001_squashed_0027_statistics_for_authors'), ('truthlytics', '0028_signed_rehearsals'), ('truthlytics', '0029_example_of_a_vat_id'), ('truthlytics', '0030_importers_are_a_feature')]

    initial = True

    dependencies = [
        ('articles', '0011_redirects_with_queries_and_to_images'),
        ('comments', '0005_imported_comments'),
        ('subscriptions', '0022_contracts_from_another_system'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        truthlytics.web.create_models.CreateModels(
            operations=[
                migrations.CreateModel(
                    name='PageChange',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('machine', models.BigIntegerField(help_text='The machine that made the change and has invalidated its own pages.')),
                        ('transaction', models.BigIntegerField(db_index=True, help_text='Transaction ID in the database.')),
                        ('tags', models.TextField(help_text='Separated by spaces.')),
                        ('made_at', models.DateTimeField(db_index=True, default=django.utils.timezone.now)),
                    ],
                ),
                migrations.CreateModel(
                    name='Publication',
                    fields=[
                        ('id', models.PositiveSmallIntegerField(default=1, editable=False, primary_key=True, serialize=False)),
                        ('name', models.CharField(default='Truthlytics', max_length=60, verbose_name='name')),
                        ('tagline', models.CharField(blank=True, default='News and analysis on the record', help_text='A few words after the name in the front page’s title.', max_length=120, verbose_name='tagline')),
                        ('description', models.CharField(blank=True, default='Independent news and analysis that shows its sources and every change.', help_text='One sentence for search engines, feeds and link previews.', max_length=300, verbose_name='description')),
                        ('logo', truthlytics.publication.files.PublicationFileField(blank=True, help_text='SVG or PNG. Without a logo, the name is set in the site’s type.', max_length=200, storage=truthlytics.publication.files.originals, upload_to='publication', verbose_name='logo')),
                        ('logo_dark', truthlytics.publication.files.PublicationFileField(blank=True, help_text='Leave blank to show the logo on a light background.', max_length=200, storage=truthlytics.publication.files.originals, upload_to='publication', verbose_name='logo for dark mode')),
                        ('favicon', truthlytics.publication.files.PublicationFileField(blank=True, help_text='A square PNG, at least 180 × 180 px, for browser tabs and phones. Leave blank to make it from a square PNG logo, or from the first letter of the name.', max_length=200, storage=truthlytics.publication.files.originals, upload_to='publication', verbose_name='icon')),
                        ('social_image', truthlytics.publication.files.PublicationFileField(blank=True, help_text='PNG or JPEG, 1200 × 630 px, for pages without a picture. Leave blank to show the name in the site’s type.', max_length=200, storage=truthlytics.publication.files.originals, upload_to='publication', verbose_name='image for link previews')),
                        ('accent', models.CharField(blank=True, help_text='The colour of links and buttons, such as #0f5c47. Leave blank for the default green.', max_length=7, verbose_name='accent colour')),
                        ('accent_dark', models.CharField(blank=True, help_text='Leave blank to use the accent colour, lightened for dark mode.', max_length=7, verbose_name='accent colour in dark mode')),
                        ('publisher', models.CharField(blank=True, help_text='The company, association or person responsible. Leave blank to use the publication’s name.', max_length=150, verbose_name='publisher')),
                        ('legal_address', models.TextField(blank=True, max_length=600, verbose_name='legal address')),
                        ('tax_id', models.CharField(blank=True, help_text='As printed on invoices, such as “Tax number 12/345/67890”.', max_length=60, verbose_name='tax number')),
                        ('contact_email', models.EmailField(blank=True, max_length=254, verbose_name='contact address')),
                        ('tips_email', models.EmailField(blank=True, help_text='Leave blank to keep tips in the newsroom.', max_length=254, verbose_name='address for tips')),
                        ('social_profiles', models.TextField(blank=True, help_text='One URL per line.', max_length=1000, verbose_name='social profiles')),
                        ('time_zone', models.CharField(default=truthlytics.publication.models.default_time_zone, max_length=64, validators=[truthlytics.publication.models.validate_time_zone], verbose_name='time zone')),
                        ('language', models.CharField(choices=[('en-gb', 'English'), ('de', 'Deutsch')], default='en-gb', max_length=10, verbose_name='language')),
                        ('default_access', models.PositiveSmallIntegerField(default=0, verbose_name='access to new articles')),
                        ('comments_open', models.BooleanField(default=True, verbose_name='open comments on new articles')),
                        ('comments_close_after_days', models.PositiveSmallIntegerField(blank=True, default=14, help_text='Leave blank to keep comments open.', null=True, verbose_name='close comments after (days)')),
                        ('hold_first_comments', models.BooleanField(default=True, verbose_name='hold the first comment of each reader')),
                        ('hold_links', models.BooleanField(default=False, verbose_name='hold comments with links')),
                        ('held_words', models.TextField(blank=True, help_text='One word or phrase per line.', max_length=4000, verbose_name='words that hold a comment')),
                        ('who_may_comment', models.CharField(choices=[('subscribers', 'Subscribers'), ('readers', 'Every registered reader')], default='subscribers', max_length=12, verbose_name='who may comment')),
                        ('check_links', models.BooleanField(default=False, help_text='Requests each address that articles cite about once a week, and tells you which are gone.', verbose_name='check the addresses of sources')),
                        ('updated_at', models.DateTimeField(auto_now=True)),
                        ('country', models.CharField(blank=True, choices=truthlytics.publication.countries.country_choices, help_text='Where the publisher pays tax on subscriptions.', max_length=2, verbose_name='country')),
                        ('small_business', models.BooleanField(default=False, help_text='No VAT is charged; invoices give the reason instead.', verbose_name='small-business scheme')),
                        ('small_business_note', models.CharField(blank=True, help_text='Said with prices and on invoices, such as “No VAT is charged under § 19 UStG.”', max_length=200, verbose_name='sentence of the scheme')),
                        ('tax_rate', models.DecimalField(blank=True, decimal_places=2, help_text='In per cent. Prices include it. Leave blank to say nothing about tax.', max_digits=4, null=True, validators=[django.core.validators.MinValueValidator(Decimal('0'))], verbose_name='VAT rate of subscriptions')),
                        ('vat_id', models.CharField(blank=True, help_text='Printed on invoices, such as DE136695976.', max_length=20, verbose_name='VAT ID')),
                        ('bank_bic', models.CharField(blank=True, help_text='Only if payers from other countries need it.', max_length=11, verbose_name='BIC')),
                        ('bank_holder', models.CharField(blank=True, max_length=70, verbose_name='account holder')),
                        ('bank_iban', models.CharField(blank=True, max_length=42, verbose_name='IBAN')),
                        ('default_currency', models.CharField(blank=True, max_length=3, verbose_name='default currency')),
                        ('sender_address', models.EmailField(blank=True, max_length=254, verbose_name='sender’s address')),
                        ('sender_name', models.CharField(blank=True, max_length=60, verbose_name='sender’s name')),
                        ('immediate_start', models.CharField(choices=[('eu', 'If the publisher is in the European Union'), ('always', 'Always'), ('never', 'Never')], default='eu', help_text='Readers then have to tick a sentence before they order. The order keeps it.', max_length=6, verbose_name='ask readers whether to begin at once')),
                        ('immediate_start_text', models.TextField(blank=True, help_text='Leave blank for the usual sentence, in the language of the site.', max_length=600, verbose_name='sentence to tick')),
                        ('withdrawal_refund', models.CharField(choices=[('whole', 'Everything that was paid'), ('unused', 'What was paid, less the days until the withdrawal')], default='whole', help_text='Days are deducted only from orders that have agreed to begin at once.', max_length=6, verbose_name='refund after a withdrawal')),
                        ('offers_newsletters', models.BooleanField(db_default=False, default=False, editable=False)),
                        ('cancellation_notice', models.CharField(choices=[('country', 'As the law wants: a month later in Germany, elsewhere at the end of the period'), ('period', 'At the end of the period that is paid for'), ('month', 'A month after it was declared; what was paid for the days after that is paid back')], db_default='country', default='country', help_text='Only of subscriptions that renew by themselves. A change applies to all contracts, so keep what readers agreed to with their orders.', max_length=8, verbose_name='cancelling after the first term')),
                        ('email_arrived_from', models.CharField(blank=True, db_default='', default='', editable=False, max_length=330)),
                        ('selling_reason', models.CharField(blank=True, db_default='', default='', editable=False, max_length=300)),
                        ('selling_waits_since', models.DateTimeField(blank=True, editable=False, null=True)),
                        ('design', models.JSONField(blank=True, db_default={}, default=dict, editable=False, validators=[truthlytics.publication.design.validate_design])),
                        ('staff_idle_minutes', models.PositiveSmallIntegerField(blank=True, help_text='Without a click or a change. Leave blank to keep sessions for two weeks after the login.', null=True, validators=[django.core.validators.MinValueValidator(5), django.core.validators.MaxValueValidator(20160)], verbose_name='log staff out after (minutes)')),
                        ('four_eyes', models.CharField(choices=[('never', 'Not required'), ('ai', 'Required for text by AI'), ('always', 'Always required')], db_default='never', default='never', help_text='Then an article is published only after someone who has not written its text has reviewed it.', max_length=6, verbose_name='review by a second person')),
                        ('allow_assistants', models.BooleanField(db_default=True, default=True, verbose_name='allow assistants')),
                        ('allow_search', models.BooleanField(db_default=True, default=True, verbose_name='allow search engines')),
                        ('allow_training', models.BooleanField(db_default=True, default=True, verbose_name='allow the training of AI')),
                        ('crawler_exceptions', models.JSONField(blank=True, db_default=[], default=list, editable=False)),
                        ('offers_license', models.BooleanField(db_default=False, default=False, verbose_name='publish a licence for machines')),
                        ('refuse_crawlers', models.BooleanField(db_default=False, default=False, verbose_name='refuse those that ignore robots.txt')),
                        ('trust_txt', models.JSONField(blank=True, db_default={}, default=dict, editable=False)),
                        ('authors_see_statistics', models.BooleanField(db_default=False, default=False, help_text='If not, only those who may publish see statistics.', verbose_name='authors see the statistics of their own articles')),
                    ],
                    options={
                        'verbose_name': 'settings',
                        'verbose_name_plural': 'settings',
                        'constraints': [models.CheckConstraint(condition=models.Q(('id', 1)), name='publication_is_one_row'), models.CheckConstraint(condition=models.Q(('tax_rate', None), models.Q(('tax_rate__gte', 0), ('tax_rate__lt', 100)), _connector='OR'), name='publication_tax_rate_in_range')],
                    },
                ),
                migrations.CreateModel(
                    name='AuditEntry',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('at', models.DateTimeField(default=django.utils.timezone.now)),
                        ('actor_name', models.CharField(max_length=200, verbose_name='user')),
                        ('action', models.CharField(choices=[('added', 'Added'), ('changed', 'Changed'), ('removed', 'Removed')], max_length=8)),
                        ('model', models.CharField(help_text='Label of the row’s model, such as “articles.article”.', max_length=100)),
                        ('row_id', models.CharField(max_length=64)),
                        ('row_name', models.CharField(max_length=200, verbose_name='object')),
                        ('message', models.CharField(blank=True, max_length=500)),
                        ('before', models.JSONField(default=dict, encoder=django.core.serializers.json.DjangoJSONEncoder)),
                        ('after', models.JSONField(default=dict, encoder=django.core.serializers.json.DjangoJSONEncoder)),
                        ('actor', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ],
                    options={
                        'verbose_name_plural': 'audit entries',
                        'ordering': ['-pk'],
                        'indexes': [models.Index(fields=['model', 'row_id', '-id'], name='audit_by_row'), models.Index(condition=models.Q(('actor__isnull', False)), fields=['actor', '-id'], name='audit_by_actor')],
                    },
                ),
                migrations.CreateModel(
                    name='Message',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('subject', models.CharField(choices=[('question', 'A question or comment for the editors'), ('mistake', 'A mistake in an article'), ('tip', 'A tip, in confidence'), ('subscription', 'My subscription')], max_length=12, verbose_name='subject')),
                        ('text', models.TextField(max_length=20000, verbose_name='message')),
                        ('name', models.CharField(blank=True, max_length=120, verbose_name='name')),
                        ('email', models.EmailField(blank=True, max_length=254, verbose_name='email address')),
                        ('created_at', models.DateTimeField(default=django.utils.timezone.now, editable=False, verbose_name='received')),
                        ('handled_at', models.DateTimeField(blank=True, editable=False, null=True, verbose_name='handled')),
                        ('handled_by', models.ForeignKey(blank=True, editable=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ],
                    options={
                        'verbose_name': 'message',
                        'verbose_name_plural': 'messages',
                        'ordering': ['-created_at', '-pk'],
                        'indexes': [models.Index(fields=['handled_at', '-created_at'], name='message_waiting')],
                    },
                ),
                migrations.CreateModel(
                    name='TaxRate',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('country', models.CharField(choices=truthlytics.publication.countries.country_choices, max_length=2, verbose_name='country of the buyer')),
                        ('rate', models.DecimalField(decimal_places=2, max_digits=4, validators=[django.core.validators.MinValueValidator(Decimal('0'))], verbose_name='rate in per cent')),
                        ('valid_from', models.DateField(default=django.utils.timezone.localdate, verbose_name='valid from')),
                        ('note', models.CharField(blank=True, help_text='The reason, said with prices and on invoices: “Not subject to VAT in the European Union.”', max_length=200, verbose_name='sentence of a rate of 0 %')),
                        ('publication', models.ForeignKey(default=1, on_delete=django.db.models.deletion.CASCADE, related_name='tax_rates', to='truthlytics.publication')),
                    ],
                    options={
                        'verbose_name': 'VAT rate',
                        'verbose_name_plural': 'VAT rates by country',
                        'ordering': ['country', '-valid_from'],
                        'constraints': [models.CheckConstraint(condition=models.Q(('rate__gte', 0), ('rate__lt', 100)), name='tax_rate_in_range'), models.UniqueConstraint(fields=('country', 'valid_from'), name='one_tax_rate_per_country_and_day', violation_error_message='There is a rate for this country from this day on. Change that one.')],
                    },
                ),
                migrations.CreateModel(
                    name='TaxSettings',
                    fields=[
                    ],
                    options={
                        'verbose_name': 'tax settings',
                        'verbose_name_plural': 'tax settings',
                        'proxy': True,
                    },
                    bases=('truthlytics.publication',),
                ),
                migrations.CreateModel(
                    name='EmailSettings',
                    fields=[
                    ],
                    options={
                        'verbose_name': 'email settings',
                        'verbose_name_plural': 'email settings',
                        'proxy': True,
                    },
                    bases=('truthlytics.publication',),
                ),
                migrations.CreateModel(
                    name='PaymentSettings',
                    fields=[
                    ],
                    options={
                        'verbose_name': 'payment settings',
                        'verbose_name_plural': 'payment settings',
                        'proxy': True,
                    },
                    bases=('truthlytics.publication',),
                ),
                migrations.CreateModel(
                    name='ContractSettings',
                    fields=[
                    ],
                    options={
                        'verbose_name': 'contract settings',
                        'verbose_name_plural': 'contract settings',
                        'proxy': True,
                    },
                    bases=('truthlytics.publication',),
                ),
                migrations.CreateModel(
                    name='BackupRun',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('day', models.DateField(help_text='In the time zone of the settings.', unique=True)),
                        ('started_at', models.DateTimeField()),
                        ('finished_at', models.DateTimeField(blank=True, null=True)),
                        ('problem', models.TextField(blank=True, help_text='Why the last attempt failed.')),
                        ('size', models.BigIntegerField(default=0, help_text='Of the database and all files, in bytes.')),
                    ],
                    options={
                        'ordering': ['-day'],
                    },
                ),
                migrations.CreateModel(
                    name='CdnPurge',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('tags', models.TextField(help_text='Separated by spaces.')),
                        ('made_at', models.DateTimeField(default=django.utils.timezone.now)),
                        ('sent_at', models.DateTimeField(blank=True, help_text='Sent for the first of two times.', null=True)),
                    ],
                ),
                migrations.CreateModel(
                    name='RecordSettings',
                    fields=[
                    ],
                    options={
                        'verbose_name': 'record settings',
                        'verbose_name_plural': 'record settings',
                        'proxy': True,
                    },
                    bases=('truthlytics.publication',),
                ),
                migrations.CreateModel(
                    name='JobProblem',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('job', models.CharField(max_length=100, unique=True)),
                        ('problem', models.TextField()),
                        ('failures', models.PositiveIntegerField(default=0, help_text='In a row.')),
                        ('noticed_at', models.DateTimeField()),
                        ('next_attempt_at', models.DateTimeField(help_text='The job is not run before.', null=True)),
                    ],
                    options={
                        'ordering': ['job'],
                    },
                ),
                migrations.CreateModel(
                    name='ConnectionSettings',
                    fields=[
                    ],
                    options={
                        'verbose_name': 'connection settings',
                        'verbose_name_plural': 'connection settings',
                        'proxy': True,
                    },
                    bases=('truthlytics.publication',),
                ),
                migrations.CreateModel(
                    name='SystemSettings',
                    fields=[
                    ],
                    options={
                        'verbose_name': 'system',
                        'verbose_name_plural': 'system',
                        'proxy': True,
                    },
                    bases=('truthlytics.publication',),
                ),
                migrations.CreateModel(
                    name='SlowPage',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('day', models.DateField(help_text='In the time zone of the settings.')),
                        ('route', models.CharField(help_text='The name of a URL pattern.', max_length=200)),
                        ('requests', models.PositiveIntegerField(default=0)),
                        ('total', models.PositiveBigIntegerField(default=0, help_text='Milliseconds of all these requests together.')),
                        ('longest', models.PositiveIntegerField(default=0, help_text='Milliseconds of the longest one.')),
                    ],
                    options={
                        'constraints': [models.UniqueConstraint(fields=('day', 'route'), name='one_slow_page_a_day_and_route')],
                    },
                ),
                migrations.CreateModel(
                    name='DesignSettings',
                    fields=[
                    ],
                    options={
                        'verbose_name': 'design',
                        'verbose_name_plural': 'design',
                        'proxy': True,
                    },
                    bases=('truthlytics.publication',),
                ),
                migrations.CreateModel(
                    name='DesignDraft',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('content', models.JSONField(default=dict)),
                        ('saved_at', models.DateTimeField(auto_now=True)),
                        ('user', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ],
                ),
                migrations.CreateModel(
                    name='DesignEdition',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('published_at', models.DateTimeField(default=django.utils.timezone.now)),
                        ('content', models.JSONField(default=dict)),
                        ('published_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ],
                    options={
                        'verbose_name': 'published design',
                        'verbose_name_plural': 'published designs',
                        'ordering': ['-pk'],
                    },
                ),
                migrations.CreateModel(
                    name='LoginSettings',
                    fields=[
                    ],
                    options={
                        'verbose_name': 'login settings',
                        'verbose_name_plural': 'login settings',
                        'proxy': True,
                    },
                    bases=('truthlytics.publication',),
                ),
                migrations.CreateModel(
                    name='CrawlerSettings',
                    fields=[
                    ],
                    options={
                        'verbose_name': 'crawler settings',
                        'verbose_name_plural': 'crawler settings',
                        'proxy': True,
                    },
                    bases=('truthlytics.publication',),
                ),
                migrations.CreateModel(
                    name='CrawlerDay',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('day', models.DateField(help_text='In the time zone of the settings.')),
                        ('name', models.CharField(max_length=60)),
                        ('requests', models.PositiveBigIntegerField(default=0)),
                        ('refused', models.PositiveBigIntegerField(default=0)),
                        ('forged', models.PositiveBigIntegerField(default=0)),
                    ],
                    options={
                        'constraints': [models.UniqueConstraint(fields=('day', 'name'), name='one_crawler_day')],
                    },
                ),
                migrations.CreateModel(
                    name='SignedAgent',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('name', models.CharField(max_length=60, verbose_name='name')),
                        ('kind', models.CharField(choices=[(truthlytics.web.agents.Kind['SEARCH'], 'Search engine'), (truthlytics.web.agents.Kind['ASSISTANT'], 'Assistant'), (truthlytics.web.agents.Kind['TRAINING'], 'Training of AI')], max_length=10, verbose_name='kind')),
                        ('host', models.CharField(blank=True, max_length=255, verbose_name='site of the agent')),
                        ('keys', models.JSONField(default=list)),
                        ('fetch_at', models.DateTimeField(help_text='When the keys are fetched next; empty if they were pasted.', null=True)),
                        ('fetched_at', models.DateTimeField(null=True)),
                        ('problem', models.CharField(blank=True, choices=[('unreachable', 'It does not answer.'), ('not_public', 'Its address is not public.'), ('no_directory', 'It answers without a key directory.')], default='', max_length=12)),
                    ],
                    options={
                        'verbose_name': 'signed agent',
                        'verbose_name_plural': 'signed agents',
                        'ordering': ['name'],
                        'constraints': [models.UniqueConstraint(django.db.models.functions.text.Lower('name'), name='one_signed_agent_by_name', violation_error_message='An agent with this name is in the list. Remove that one first.')],
                    },
                ),
            ],
        ),
    ]
