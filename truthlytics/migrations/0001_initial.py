import django.core.serializers.json
import django.db.models.deletion
import django.utils.timezone
import truthlytics.publication.files
import truthlytics.publication.models
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('articles', '0001_initial'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='ImportRun',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('format', models.CharField(max_length=20)),
                ('file', models.CharField(help_text='File name without its folder.', max_length=255)),
                ('started_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('finished_at', models.DateTimeField(blank=True, null=True)),
                ('counts', models.JSONField(blank=True, default=dict)),
            ],
            options={
                'ordering': ['-started_at', '-pk'],
            },
        ),
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
                ('logo_dark', truthlytics.publication.files.PublicationFileField(blank=True, help_text='Blank: the logo is shown on a light background.', max_length=200, storage=truthlytics.publication.files.originals, upload_to='publication', verbose_name='logo for dark mode')),
                ('favicon', truthlytics.publication.files.PublicationFileField(blank=True, help_text='A square PNG, at least 180 × 180 px, for browser tabs and phones. Blank: made from a square PNG logo, or from the first letter of the name.', max_length=200, storage=truthlytics.publication.files.originals, upload_to='publication', verbose_name='icon')),
                ('social_image', truthlytics.publication.files.PublicationFileField(blank=True, help_text='PNG or JPEG, 1200 × 630 px, for pages without a picture. Blank: the name in the site’s type.', max_length=200, storage=truthlytics.publication.files.originals, upload_to='publication', verbose_name='image for link previews')),
                ('accent', models.CharField(blank=True, help_text='Links and buttons, as in #0f5c47. Blank: the site’s green.', max_length=7, verbose_name='accent colour')),
                ('accent_dark', models.CharField(blank=True, help_text='Blank: the accent colour, as light as dark mode needs.', max_length=7, verbose_name='accent colour in dark mode')),
                ('publisher', models.CharField(blank=True, help_text='The company, association or person responsible. Blank: the publication’s name.', max_length=150, verbose_name='publisher')),
                ('legal_address', models.TextField(blank=True, max_length=600, verbose_name='legal address')),
                ('tax_id', models.CharField(blank=True, help_text='Printed on receipts, such as “VAT ID DE123456789”.', max_length=60, verbose_name='tax number')),
                ('contact_email', models.EmailField(blank=True, max_length=254, verbose_name='contact address')),
                ('tips_email', models.EmailField(blank=True, help_text='Blank: tips are kept in the newsroom.', max_length=254, verbose_name='address for tips')),
                ('social_profiles', models.TextField(blank=True, help_text='One URL per line.', max_length=1000, verbose_name='social profiles')),
                ('time_zone', models.CharField(default=truthlytics.publication.models.default_time_zone, max_length=64, validators=[truthlytics.publication.models.validate_time_zone], verbose_name='time zone')),
                ('language', models.CharField(choices=[('en-gb', 'English'), ('de', 'Deutsch')], default='en-gb', max_length=10, verbose_name='language')),
                ('default_access', models.PositiveSmallIntegerField(default=0, verbose_name='access to new articles')),
                ('comments_open', models.BooleanField(default=True, verbose_name='open comments on new articles')),
                ('comments_close_after_days', models.PositiveSmallIntegerField(blank=True, default=14, help_text='Blank: never.', null=True, verbose_name='close comments after (days)')),
                ('hold_first_comments', models.BooleanField(default=True, verbose_name='hold the first comment of each reader')),
                ('hold_links', models.BooleanField(default=False, verbose_name='hold comments with links')),
                ('held_words', models.TextField(blank=True, help_text='One word or phrase per line.', max_length=4000, verbose_name='words that hold a comment')),
                ('who_may_comment', models.CharField(choices=[('subscribers', 'Subscribers'), ('readers', 'Every registered reader')], default='subscribers', max_length=12, verbose_name='who may comment')),
                ('check_links', models.BooleanField(default=False, help_text='Requests each address that articles cite about once a week, and tells you which are gone.', verbose_name='check the addresses of sources')),
                ('updated_at', models.DateTimeField(auto_now=True)),
            ],
            options={
                'verbose_name': 'settings',
                'verbose_name_plural': 'settings',
                'constraints': [models.CheckConstraint(condition=models.Q(('id', 1)), name='publication_is_one_row')],
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
            name='ImportedObject',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('source', models.CharField(max_length=200)),
                ('kind', models.CharField(default='article', max_length=20)),
                ('source_id', models.CharField(max_length=500)),
                ('source_digest', models.CharField(max_length=64)),
                ('written_digest', models.CharField(max_length=64)),
                ('article', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='articles.article')),
                ('run', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='imported_objects', to='truthlytics.importrun')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('source', 'kind', 'source_id'), name='imported_once', violation_error_message='This record of this source was already imported.')],
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
    ]
