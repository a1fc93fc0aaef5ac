import articles.richtext.short_text
import django.core.validators
import django.db.models.deletion
import django.db.models.functions.text
import django.utils.timezone
import truthlytics.newsletters.models.newsletters
import truthlytics.web.create_models
import uuid
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    replaces = [('newsletters', '0001_squashed_0001_initial'), ('newsletters', '0002_sanitise_issue_texts'), ('newsletters', '0003_follow_dossiers'), ('newsletters', '0004_word_settings'), ('newsletters', '0005_sentences_of_digests'), ('newsletters', '0006_look_of_newsletters'), ('newsletters', '0007_audience_of_issues'), ('newsletters', '0008_deleted_addresses'), ('newsletters', '0009_origin_of_consent'), ('newsletters', '0010_use_of_ai_in_letters')]

    initial = True

    dependencies = [
        ('articles', '0017_unfinished_articles'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        truthlytics.web.create_models.CreateModels(
            operations=[
                migrations.CreateModel(
                    name='Address',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('uuid', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                        ('email', models.EmailField(max_length=254, verbose_name='email address')),
                        ('created_at', models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                        ('frequency', models.CharField(choices=[('at_once', 'At once, an email for each article'), ('daily', 'One email a day'), ('weekly', 'One email a week')], default='daily', max_length=8)),
                        ('followed_until', models.DateTimeField(blank=True, editable=False, null=True)),
                        ('follows_stopped_at', models.DateTimeField(blank=True, editable=False, null=True)),
                        ('suppression', models.CharField(blank=True, choices=[('bounce', 'Emails could not be delivered'), ('complaint', 'An email was reported as spam'), ('newsroom', 'The newsroom turned it off')], editable=False, max_length=10)),
                        ('suppressed_at', models.DateTimeField(blank=True, editable=False, null=True)),
                        ('suppression_detail', models.CharField(blank=True, editable=False, max_length=300)),
                        ('paused_until', models.DateTimeField(blank=True, editable=False, null=True)),
                        ('user', models.OneToOneField(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='newsletter_address', to=settings.AUTH_USER_MODEL)),
                    ],
                    options={
                        'verbose_name': 'reader of newsletters',
                        'verbose_name_plural': 'readers of newsletters',
                        'permissions': [('export_address', 'Can export the readers of newsletters')],
                        'indexes': [models.Index(condition=models.Q(('followed_until__isnull', False)), fields=['frequency', 'followed_until'], name='address_by_followed_until')],
                        'constraints': [models.UniqueConstraint(django.db.models.functions.text.Lower('email'), name='one_newsletter_address_per_email'), models.CheckConstraint(condition=models.Q(models.Q(('suppressed_at', None), ('suppression', '')), models.Q(models.Q(('suppression', ''), _negated=True), ('suppressed_at__isnull', False)), _connector='OR'), name='suppression_has_a_reason_and_a_time')],
                    },
                ),
                migrations.CreateModel(
                    name='Follow',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('since', models.DateTimeField(default=django.utils.timezone.now)),
                        ('address', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='follows', to='newsletters.address')),
                        ('author', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='articles.author')),
                        ('section', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='articles.section')),
                        ('series', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='articles.series')),
                        ('topic', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='articles.topic')),
                        ('dossier', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='articles.dossier')),
                    ],
                    options={
                        'constraints': [models.UniqueConstraint(fields=('address', 'author'), name='follows_author_once'), models.UniqueConstraint(fields=('address', 'topic'), name='follows_topic_once'), models.UniqueConstraint(fields=('address', 'section'), name='follows_section_once'), models.UniqueConstraint(fields=('address', 'series'), name='follows_series_once'), models.CheckConstraint(condition=models.Q(models.Q(('author__isnull', False), ('dossier__isnull', True), ('section__isnull', True), ('series__isnull', True), ('topic__isnull', True)), models.Q(('author__isnull', True), ('dossier__isnull', True), ('section__isnull', True), ('series__isnull', True), ('topic__isnull', False)), models.Q(('author__isnull', True), ('dossier__isnull', True), ('section__isnull', False), ('series__isnull', True), ('topic__isnull', True)), models.Q(('author__isnull', True), ('dossier__isnull', True), ('section__isnull', True), ('series__isnull', False), ('topic__isnull', True)), models.Q(('author__isnull', True), ('dossier__isnull', False), ('section__isnull', True), ('series__isnull', True), ('topic__isnull', True)), _connector='OR'), name='follows_one_thing'), models.UniqueConstraint(fields=('address', 'dossier'), name='follows_dossier_once')],
                    },
                ),
                migrations.CreateModel(
                    name='FollowedEmail',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('sent_at', models.DateTimeField(default=django.utils.timezone.now)),
                        ('address', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='followed_emails', to='newsletters.address')),
                        ('article', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='articles.article')),
                    ],
                    options={
                        'indexes': [models.Index(fields=['sent_at'], name='followed_email_by_date')],
                        'constraints': [models.UniqueConstraint(fields=('address', 'article'), name='followed_article_sent_once')],
                    },
                ),
                migrations.CreateModel(
                    name='Newsletter',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('name', models.CharField(max_length=100, verbose_name='name')),
                        ('slug', models.SlugField(max_length=80, unique=True, validators=[truthlytics.newsletters.models.newsletters.check_slug], verbose_name='slug')),
                        ('description', models.CharField(help_text='What readers get, and how often. Shown where they sign up.', max_length=300, verbose_name='description')),
                        ('sender_name', models.CharField(blank=True, help_text='Leave blank to use the publication’s.', max_length=100, verbose_name='sender’s name')),
                        ('sender_address', models.EmailField(blank=True, help_text='Without one, that of all other emails is used.', max_length=254, verbose_name='sender’s address')),
                        ('reply_to', models.EmailField(blank=True, help_text='Without one, replies go to the contact address.', max_length=254, verbose_name='address for replies')),
                        ('required_level', models.PositiveSmallIntegerField(choices=[(0, 'Everyone'), (1, 'Registered readers'), (10, 'Subscribers'), (20, 'Supporters')], default=0, help_text='Others get nothing. Of an article, each reader gets the part that they may read.', verbose_name='who may get it')),
                        ('schedule', models.CharField(blank=True, choices=[('', 'Only when an editor sends it'), ('daily', 'A digest every day'), ('weekly', 'A digest every week')], default='', max_length=6, verbose_name='digest')),
                        ('weekday', models.PositiveSmallIntegerField(blank=True, choices=[(0, 'Monday'), (1, 'Tuesday'), (2, 'Wednesday'), (3, 'Thursday'), (4, 'Friday'), (5, 'Saturday'), (6, 'Sunday')], null=True, verbose_name='on')),
                        ('time', models.TimeField(blank=True, help_text='In the publication’s time zone.', null=True, verbose_name='at')),
                        ('needs_approval', models.BooleanField(default=False, help_text='Otherwise they are sent automatically.', verbose_name='digests wait for approval')),
                        ('scheduled_since', models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                        ('is_offered', models.BooleanField(default=True, verbose_name='readers can sign up')),
                        ('position', models.PositiveSmallIntegerField(default=0, validators=[django.core.validators.MaxValueValidator(32767)], verbose_name='position')),
                        ('sections', models.ManyToManyField(blank=True, help_text='Digests contain articles of these sections only. Without any, they contain all.', related_name='+', to='articles.section', verbose_name='sections')),
                        ('accent', models.CharField(blank=True, db_default='', default='', help_text='The colour of links and buttons, such as #0f5c47. Leave blank to use the publication’s.', max_length=7, verbose_name='accent colour')),
                        ('footer', models.TextField(blank=True, db_default='', default='', help_text='Plain text at the end of each issue. URLs become links.', max_length=600, verbose_name='footer')),
                        ('header', models.ForeignKey(blank=True, help_text='At the top of each issue, as wide as its text.', null=True, on_delete=django.db.models.deletion.PROTECT, related_name='newsletter_headers', to='articles.image', verbose_name='header picture')),
                        ('shows_pictures', models.BooleanField(db_default=True, default=True, help_text='The lead image beside each article.', verbose_name='pictures in digests')),
                    ],
                    options={
                        'verbose_name': 'newsletter',
                        'verbose_name_plural': 'newsletters',
                        'ordering': ['position', 'name'],
                        'constraints': [models.CheckConstraint(condition=models.Q(('schedule', ''), ('time__isnull', False), _connector='OR'), name='digest_has_a_time', violation_error_message='Choose at what time the digest is sent.'), models.CheckConstraint(condition=models.Q(models.Q(('schedule', 'weekly'), _negated=True), ('weekday__isnull', False), _connector='OR'), name='weekly_digest_has_a_weekday', violation_error_message='Choose the day on which the digest is sent.')],
                    },
                ),
                migrations.CreateModel(
                    name='Issue',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('uuid', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                        ('kind', models.CharField(choices=[('article', 'An article in full'), ('digest', 'Digest'), ('letter', 'Letter')], max_length=8)),
                        ('subject', models.CharField(max_length=150, verbose_name='subject')),
                        ('preview_text', models.CharField(blank=True, help_text='Mail programs show it beside the subject.', max_length=200, verbose_name='preview text')),
                        ('body', articles.richtext.short_text.LetterField(blank=True, verbose_name='text')),
                        ('slug', models.SlugField(blank=True, editable=False, max_length=20)),
                        ('digest_until', models.DateTimeField(blank=True, editable=False, null=True)),
                        ('digest_day', models.DateField(blank=True, editable=False, null=True)),
                        ('state', models.CharField(choices=[('draft', 'Draft'), ('waiting', 'Waits for approval'), ('scheduled', 'Scheduled'), ('preparing', 'Being prepared'), ('sending', 'Being sent'), ('paused', 'Paused'), ('stopped', 'Stopped'), ('sent', 'Sent'), ('cancelled', 'Cancelled')], default='draft', max_length=10)),
                        ('send_at', models.DateTimeField(blank=True, null=True)),
                        ('created_at', models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                        ('approved_at', models.DateTimeField(blank=True, editable=False, null=True)),
                        ('prepared_at', models.DateTimeField(blank=True, editable=False, null=True)),
                        ('finished_at', models.DateTimeField(blank=True, editable=False, null=True)),
                        ('pause_reason', models.CharField(blank=True, editable=False, max_length=300)),
                        ('accepted_failures', models.PositiveIntegerField(default=0, editable=False)),
                        ('wait_until', models.DateTimeField(blank=True, editable=False, null=True)),
                        ('sender', models.UUIDField(blank=True, editable=False, null=True)),
                        ('sender_until', models.DateTimeField(blank=True, editable=False, null=True)),
                        ('approved_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                        ('correction', models.ForeignKey(blank=True, editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='articles.correction')),
                        ('corrects', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='corrections', to='newsletters.issue')),
                        ('created_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                        ('newsletter', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='issues', to='newsletters.newsletter')),
                        ('pictures', models.JSONField(editable=False, null=True)),
                        ('audience', models.JSONField(blank=True, editable=False, null=True)),
                        ('ai_draft', models.TextField(blank=True, db_default='', default='', max_length=300, verbose_name='AI for the first draft')),
                        ('ai_language', models.TextField(blank=True, db_default='', default='', max_length=300, verbose_name='AI for spelling and language')),
                        ('ai_parts', models.TextField(blank=True, db_default='', default='', max_length=300, verbose_name='AI for parts of the text')),
                        ('ai_pictures', models.TextField(blank=True, db_default='', default='', max_length=300, verbose_name='AI for pictures')),
                        ('ai_research', models.TextField(blank=True, db_default='', default='', max_length=300, verbose_name='AI for research or transcription')),
                        ('ai_sound', models.TextField(blank=True, db_default='', default='', max_length=300, verbose_name='AI for sound')),
                        ('ai_translation', models.TextField(blank=True, db_default='', default='', max_length=300, verbose_name='AI for the translation')),
                        ('ai_uses', models.JSONField(blank=True, db_default=models.Value([], models.JSONField()), default=list, verbose_name='AI used for')),
                        ('reviews', models.JSONField(db_default=models.Value([], models.JSONField()), default=list, editable=False)),
                    ],
                    options={
                        'verbose_name': 'issue',
                        'verbose_name_plural': 'issues',
                        'ordering': ['-created_at', '-pk'],
                        'indexes': [models.Index(fields=['state', 'send_at'], name='issue_by_state')],
                        'constraints': [models.UniqueConstraint(condition=models.Q(('slug', ''), _negated=True), fields=('newsletter', 'slug'), name='issue_has_an_address_of_its_own'), models.UniqueConstraint(fields=('newsletter', 'digest_day'), name='one_scheduled_digest_per_day'), models.UniqueConstraint(fields=('corrects', 'correction'), name='correction_once_per_issue'), models.CheckConstraint(condition=models.Q(models.Q(('state', 'scheduled'), _negated=True), ('send_at__isnull', False), _connector='OR'), name='scheduled_issue_has_a_time'), models.CheckConstraint(condition=models.Q(models.Q(('state__in', ['sending', 'sent']), _negated=True), ('prepared_at__isnull', False), _connector='OR'), name='issue_is_prepared_before_it_is_sent')],
                    },
                ),
                migrations.CreateModel(
                    name='Delivery',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('level', models.PositiveSmallIntegerField(choices=[(0, 'Everyone'), (1, 'Registered readers'), (10, 'Subscribers'), (20, 'Supporters')])),
                        ('state', models.CharField(choices=[('queued', 'Waiting'), ('claimed', 'About to be submitted'), ('submitting', 'Being submitted'), ('submitted', 'Accepted by the mail server'), ('rejected', 'Rejected'), ('uncertain', 'Uncertain'), ('skipped', 'Not sent')], db_default='queued', default='queued', max_length=10)),
                        ('sender', models.UUIDField(editable=False, null=True)),
                        ('attempts', models.PositiveSmallIntegerField(db_default=0, default=0)),
                        ('retry_at', models.DateTimeField(null=True)),
                        ('submitted_at', models.DateTimeField(null=True)),
                        ('answer', models.CharField(blank=True, db_default='', default='', max_length=300)),
                        ('address', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='deliveries', to='newsletters.address')),
                        ('issue', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='deliveries', to='newsletters.issue')),
                    ],
                    options={
                        'indexes': [models.Index(fields=['issue', 'state', 'id'], name='delivery_by_state'), models.Index(condition=models.Q(('submitted_at__isnull', False)), fields=['submitted_at'], name='delivery_by_submission')],
                        'constraints': [models.UniqueConstraint(fields=('issue', 'address'), name='one_delivery_per_issue')],
                    },
                ),
                migrations.CreateModel(
                    name='IssueArticle',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('position', models.PositiveSmallIntegerField(default=0)),
                        ('is_repeated', models.BooleanField(default=False)),
                        ('article', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='newsletter_issues', to='articles.article')),
                        ('issue', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='articles', to='newsletters.issue')),
                        ('version', models.ForeignKey(editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='articles.version')),
                        ('newsletter', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='newsletters.newsletter')),
                        ('sentence', models.CharField(blank=True, db_default='', default='', max_length=500, verbose_name='sentence of your own')),
                    ],
                    options={
                        'ordering': ['position', 'pk'],
                        'constraints': [models.UniqueConstraint(condition=models.Q(('is_repeated', False)), fields=('newsletter', 'article'), name='article_once_per_newsletter', violation_error_message='This newsletter already has an issue with this article.'), models.UniqueConstraint(fields=('issue', 'article'), name='article_once_per_issue')],
                    },
                ),
                migrations.CreateModel(
                    name='ProviderEvent',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('provider', models.CharField(max_length=30)),
                        ('event_id', models.CharField(max_length=200)),
                        ('kind', models.CharField(choices=[('delivered', 'Delivered'), ('soft_bounce', 'Could not be delivered for now'), ('hard_bounce', 'Could not be delivered'), ('complaint', 'Reported as spam')], max_length=12)),
                        ('happened_at', models.DateTimeField()),
                        ('received_at', models.DateTimeField(default=django.utils.timezone.now)),
                        ('applied_at', models.DateTimeField(blank=True, null=True)),
                        ('detail', models.CharField(blank=True, max_length=300)),
                        ('address', models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='events', to='newsletters.address')),
                        ('delivery', models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='events', to='newsletters.delivery')),
                    ],
                    options={
                        'indexes': [models.Index(fields=['address', 'kind', 'happened_at'], name='event_by_address')],
                        'constraints': [models.UniqueConstraint(fields=('provider', 'event_id'), name='provider_event_once')],
                    },
                ),
                migrations.CreateModel(
                    name='SignUp',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('source', models.CharField(choices=[('article', 'Below an article'), ('footer', 'Foot of a page'), ('page', 'Page of newsletters'), ('account', 'Account'), ('registration', 'Registration'), ('cart', 'Cart'), ('import', 'Import')], max_length=12)),
                        ('asked_at', models.DateTimeField(default=django.utils.timezone.now)),
                        ('confirmed_at', models.DateTimeField(default=django.utils.timezone.now)),
                        ('ended_at', models.DateTimeField(blank=True, null=True)),
                        ('address', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='sign_ups', to='newsletters.address')),
                        ('ended_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='newsletters.issue')),
                        ('newsletter', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='sign_ups', to='newsletters.newsletter')),
                        ('origin', models.CharField(blank=True, db_default='', default='', max_length=300, verbose_name='origin of the consent')),
                    ],
                    options={
                        'indexes': [models.Index(fields=['newsletter', 'address'], name='sign_up_by_newsletter')],
                        'constraints': [models.UniqueConstraint(fields=('address', 'newsletter'), name='one_sign_up_per_newsletter')],
                    },
                ),
                migrations.CreateModel(
                    name='Variant',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('level', models.PositiveSmallIntegerField(choices=[(0, 'Everyone'), (1, 'Registered readers'), (10, 'Subscribers'), (20, 'Supporters')])),
                        ('html', models.TextField()),
                        ('text', models.TextField()),
                        ('issue', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='variants', to='newsletters.issue')),
                    ],
                    options={
                        'ordering': ['level'],
                        'constraints': [models.UniqueConstraint(fields=('issue', 'level'), name='one_variant_per_level')],
                    },
                ),
                migrations.CreateModel(
                    name='IssueImage',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('image', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='newsletter_issues', to='articles.image')),
                        ('issue', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='images', to='newsletters.issue')),
                    ],
                    options={
                        'constraints': [models.UniqueConstraint(fields=('issue', 'image'), name='image_once_per_issue')],
                    },
                ),
                migrations.CreateModel(
                    name='DeletedAddress',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('digest', models.CharField(editable=False, max_length=64, unique=True)),
                        ('deleted_at', models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                    ],
                ),
            ],
        ),
    ]
