import articles.models.documents
import articles.models.gift_links
import articles.models.media
import articles.models.profile_links
import articles.models.recordings
import articles.models.revisions
import articles.models.share_links
import django.core.validators
import django.db.models.deletion
import django.db.models.functions.comparison
import django.db.models.functions.text
import django.utils.timezone
import truthlytics.web.partial_dates
import uuid
from django.conf import settings
from django.db import migrations, models

from articles.search import schema


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Dossier',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('uuid', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                ('updated_at', models.DateTimeField(auto_now=True)),
                ('withdrawn_at', models.DateTimeField(blank=True, editable=False, null=True)),
                ('withdrawn_note', models.CharField(blank=True, editable=False, max_length=300)),
                ('title', models.CharField(error_messages={'unique': 'Another dossier has this title.'}, max_length=120, unique=True)),
                ('slug', models.SlugField(error_messages={'unique': 'Another dossier has this URL. Choose a different one.'}, max_length=120, unique=True)),
                ('summary', models.TextField(blank=True)),
                ('order', models.CharField(choices=[('hand', 'As numbered'), ('newest', 'Newest first')], default='newest', max_length=6)),
            ],
            options={
                'ordering': ['-updated_at', '-pk'],
                'permissions': [('publish_dossier', 'Can publish and withdraw dossiers')],
            },
        ),
        migrations.CreateModel(
            name='Section',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('uuid', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ('name', models.CharField(max_length=80)),
                ('slug', models.SlugField(max_length=80, unique=True)),
                ('intro', models.CharField(blank=True, help_text='One sentence shown under the name.', max_length=300)),
                ('position', models.PositiveSmallIntegerField(default=0, help_text='Order in the masthead, smallest first.')),
            ],
            options={
                'ordering': ['position', 'pk'],
            },
        ),
        migrations.CreateModel(
            name='Series',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('uuid', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ('name', models.CharField(max_length=120)),
                ('slug', models.SlugField(max_length=120, unique=True)),
                ('intro', models.CharField(blank=True, help_text='One or two sentences shown under the name.', max_length=300)),
            ],
            options={
                'verbose_name_plural': 'series',
                'ordering': ['name'],
            },
        ),
        migrations.CreateModel(
            name='Article',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('why_written', models.TextField(blank=True, max_length=600, verbose_name='why we wrote this')),
                ('how_known', models.TextField(blank=True, max_length=600, verbose_name='how we know')),
                ('not_known', models.TextField(blank=True, max_length=600, verbose_name='what we don’t know')),
                ('interests', models.TextField(blank=True, max_length=600, verbose_name='interests and funding')),
                ('ai_use', models.TextField(blank=True, max_length=600, verbose_name='use of AI')),
                ('uuid', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                ('updated_at', models.DateTimeField(auto_now=True)),
                ('withdrawn_at', models.DateTimeField(blank=True, editable=False, null=True)),
                ('withdrawn_note', models.CharField(blank=True, editable=False, max_length=300)),
                ('headline', models.CharField(max_length=200)),
                ('standfirst', models.TextField(blank=True, help_text='One or two sentences under the headline.', max_length=600)),
                ('body', models.TextField(blank=True)),
                ('kind', models.CharField(choices=[('analysis', 'Analysis'), ('report', 'Report'), ('opinion', 'Opinion'), ('explainer', 'Explainer'), ('review', 'Review')], default='analysis', max_length=12, verbose_name='type')),
                ('series_part', models.PositiveSmallIntegerField(blank=True, null=True, validators=[django.core.validators.MinValueValidator(1), django.core.validators.MaxValueValidator(9999)], verbose_name='part')),
                ('required_level', models.PositiveSmallIntegerField(choices=[(0, 'Everyone'), (1, 'Registered readers'), (10, 'Subscribers'), (20, 'Supporters')], default=0, help_text='Who can read past the paywall.', verbose_name='access')),
                ('lead_caption', models.CharField(blank=True, help_text='Leave blank to use the caption from the library.', max_length=500)),
                ('seo_title', models.CharField(blank=True, max_length=120, verbose_name='title for search engines')),
                ('seo_description', models.CharField(blank=True, max_length=300, verbose_name='description for search engines')),
                ('social_title', models.CharField(blank=True, max_length=120, verbose_name='title for shared links')),
                ('language', models.CharField(blank=True, max_length=10, verbose_name='language')),
                ('translation_group', models.UUIDField(blank=True, editable=False, null=True)),
                ('slug', models.SlugField(error_messages={'unique': 'Another article has this URL. Choose a different one.'}, help_text='The last part of the URL. If you change it, the old URL redirects.', max_length=120, unique=True)),
                ('revision_number', models.PositiveIntegerField(default=0, editable=False)),
                ('upcoming_at', models.DateTimeField(blank=True, editable=False, null=True)),
                ('published_at', models.DateTimeField(blank=True, editable=False, null=True)),
                ('stage', models.CharField(choices=[('draft', 'Draft'), ('review', 'In review'), ('ready', 'Ready'), ('published', 'Published')], default='draft', editable=False, max_length=10)),
                ('due_on', models.DateField(blank=True, editable=False, null=True, verbose_name='due date')),
                ('assignee', models.ForeignKey(blank=True, editable=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('created_by', models.ForeignKey(blank=True, editable=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ['-updated_at', '-pk'],
                'permissions': [('publish_article', 'Can publish and withdraw articles')],
            },
            bases=(articles.models.revisions.Editable, models.Model),
        ),
        migrations.CreateModel(
            name='Author',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('uuid', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ('name', models.CharField(max_length=120)),
                ('slug', models.SlugField(max_length=120, unique=True)),
                ('role', models.CharField(blank=True, help_text='One line, such as “Climate editor”.', max_length=120)),
                ('bio', models.TextField(blank=True, max_length=2000)),
                ('expertise', models.CharField(blank=True, help_text='Topics of expertise, separated by commas.', max_length=300)),
                ('links', models.TextField(blank=True, help_text='One link per line: a name and a URL, such as “Mastodon https://example.org/@ines”.', max_length=3000, validators=[articles.models.profile_links.validate_links])),
                ('user', models.OneToOneField(blank=True, help_text='Their user account, if any. It gives them access to their own drafts.', null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='author', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ['name'],
            },
        ),
        migrations.CreateModel(
            name='Byline',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('position', models.PositiveSmallIntegerField(default=0)),
                ('article', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='bylines', to='articles.article')),
                ('author', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='bylines', to='articles.author')),
            ],
            options={
                'ordering': ['position', 'pk'],
            },
        ),
        migrations.AddField(
            model_name='article',
            name='authors',
            field=models.ManyToManyField(related_name='articles', through='articles.Byline', to='articles.author'),
        ),
        migrations.CreateModel(
            name='Correction',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('correction', 'Correction'), ('clarification', 'Clarification'), ('update', 'Update'), ('note', 'Editor’s note'), ('retraction', 'Retraction'), ('minor', 'Minor edit')], max_length=13)),
                ('made_at', models.DateTimeField()),
                ('digest', models.CharField(max_length=64)),
                ('made_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('supersedes', models.OneToOneField(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='superseded_by', to='articles.correction')),
            ],
        ),
        migrations.CreateModel(
            name='Document',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('uuid', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ('file', models.FileField(max_length=200, upload_to=articles.models.documents.document_name)),
                ('title', models.CharField(help_text='Link text and file name for readers.', max_length=200)),
                ('credit', models.CharField(help_text='Who made it, such as “Court of Auditors”.', max_length=200)),
                ('format', models.CharField(choices=[('pdf', 'PDF'), ('csv', 'CSV'), ('xlsx', 'Excel'), ('ods', 'OpenDocument'), ('json', 'JSON')], editable=False, max_length=8)),
                ('size', models.PositiveIntegerField(editable=False, help_text='In bytes.')),
                ('sha256', models.CharField(editable=False, max_length=64)),
                ('file_name', models.CharField(blank=True, editable=False, max_length=200)),
                ('uploaded_at', models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                ('uploaded_by', models.ForeignKey(blank=True, editable=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ['-uploaded_at', '-pk'],
            },
        ),
        migrations.CreateModel(
            name='DossierArticle',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('position', models.PositiveSmallIntegerField(default=0)),
                ('article', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='articles.article')),
                ('dossier', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='articles', to='articles.dossier')),
            ],
            options={
                'ordering': ['position', 'pk'],
            },
        ),
        migrations.CreateModel(
            name='DossierEntry',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('date', models.CharField(max_length=10, validators=[truthlytics.web.partial_dates.validate_partial_date])),
                ('text', models.CharField(max_length=400)),
                ('source', models.URLField(blank=True, max_length=500)),
                ('position', models.PositiveSmallIntegerField(default=0)),
                ('article', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='articles.article')),
                ('dossier', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='entries', to='articles.dossier')),
            ],
            options={
                'verbose_name_plural': 'dossier entries',
                'ordering': ['date', 'position', 'pk'],
            },
        ),
        migrations.CreateModel(
            name='DossierVersion',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.PositiveIntegerField()),
                ('public_from', models.DateTimeField()),
                ('created_at', models.DateTimeField()),
                ('note', models.CharField(blank=True, help_text='What changed, for readers.', max_length=500)),
                ('content_digest', models.CharField(max_length=64)),
                ('digest', models.CharField(max_length=64, unique=True)),
                ('superseded_at', models.DateTimeField(blank=True, null=True)),
                ('removal_reason', models.CharField(blank=True, editable=False, max_length=300)),
                ('content', models.JSONField(editable=False, null=True)),
                ('created_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('dossier', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='versions', to='articles.dossier')),
            ],
            options={
                'ordering': ['dossier', 'number'],
            },
        ),
        migrations.CreateModel(
            name='DossierVersionArticle',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('position', models.PositiveSmallIntegerField()),
                ('article', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='articles.article')),
                ('version', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='articles', to='articles.dossierversion')),
            ],
            options={
                'ordering': ['position'],
            },
        ),
        migrations.CreateModel(
            name='GiftLink',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('token', models.CharField(default=articles.models.gift_links.new_token, editable=False, max_length=32, unique=True)),
                ('level', models.PositiveSmallIntegerField()),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('replaced_at', models.DateTimeField(blank=True, null=True)),
                ('month', models.DateField()),
                ('slot', models.PositiveSmallIntegerField()),
                ('opens', models.PositiveIntegerField(default=0)),
                ('article', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='gift_links', to='articles.article')),
                ('giver', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='gift_links', to=settings.AUTH_USER_MODEL)),
            ],
        ),
        migrations.CreateModel(
            name='HomepageDraft',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('slot', models.PositiveSmallIntegerField(default=1, editable=False, unique=True)),
                ('version', models.PositiveIntegerField(default=0)),
                ('content', models.TextField()),
                ('saved_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('saved_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
        ),
        migrations.CreateModel(
            name='HomepageEdition',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.PositiveIntegerField(unique=True)),
                ('public_from', models.DateTimeField()),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('note', models.CharField(blank=True, help_text='For the newsroom only.', max_length=200)),
                ('content', models.TextField()),
                ('superseded_at', models.DateTimeField(blank=True, null=True)),
                ('created_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name': 'front page edition',
                'verbose_name_plural': 'front page editions',
                'ordering': ['-number'],
            },
        ),
        migrations.CreateModel(
            name='Image',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('uuid', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ('file', models.FileField(max_length=200, storage=articles.models.media.originals, upload_to=articles.models.media.original_name)),
                ('title', models.CharField(blank=True, help_text='For the newsroom only.', max_length=200)),
                ('alt', models.CharField(blank=True, help_text='Describes the image for people who cannot see it.', max_length=500)),
                ('caption', models.CharField(blank=True, max_length=500)),
                ('credit', models.CharField(blank=True, help_text='For example “Photograph: A. Name”.', max_length=200)),
                ('licence', models.CharField(blank=True, choices=[('All rights reserved', 'All rights reserved'), ('CC BY 4.0', 'CC BY 4.0'), ('CC BY-SA 4.0', 'CC BY-SA 4.0'), ('CC0 1.0', 'CC0 1.0'), ('Public domain', 'Public domain'), ('Agency', 'Agency'), ('Other terms', 'Other terms')], max_length=20)),
                ('terms', models.CharField(blank=True, help_text='A URL, or what was agreed. For the newsroom only.', max_length=300, verbose_name='terms or source')),
                ('focal_x', models.PositiveSmallIntegerField(default=50, validators=[django.core.validators.MaxValueValidator(100)], verbose_name='% from the left')),
                ('focal_y', models.PositiveSmallIntegerField(default=50, validators=[django.core.validators.MaxValueValidator(100)], verbose_name='% from the top')),
                ('complete', models.GeneratedField(db_persist=True, expression=models.Case(models.When(models.Q(('alt', ''), ('credit', ''), _connector='OR'), then=models.Value(False)), default=models.Value(True)), output_field=models.BooleanField())),
                ('proposed', models.JSONField(blank=True, default=dict, editable=False)),
                ('file_name', models.CharField(blank=True, editable=False, max_length=200)),
                ('rendition_error', models.CharField(blank=True, editable=False, max_length=200)),
                ('format', models.CharField(editable=False, max_length=8)),
                ('sha256', models.CharField(editable=False, max_length=64)),
                ('width', models.PositiveIntegerField(editable=False)),
                ('height', models.PositiveIntegerField(editable=False)),
                ('uploaded_at', models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                ('uploaded_by', models.ForeignKey(blank=True, editable=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ['-uploaded_at', '-pk'],
            },
        ),
        migrations.AddField(
            model_name='author',
            name='portrait',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='portrait_of', to='articles.image'),
        ),
        migrations.AddField(
            model_name='article',
            name='lead',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='leads', to='articles.image', verbose_name='lead image'),
        ),
        migrations.AddField(
            model_name='article',
            name='social_image',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='articles.image', verbose_name='image for shared links'),
        ),
        migrations.CreateModel(
            name='MenuEdition',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.PositiveIntegerField(unique=True)),
                ('content', models.JSONField(editable=False)),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('created_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name': 'menus',
                'verbose_name_plural': 'menus',
                'ordering': ['-number'],
            },
        ),
        migrations.CreateModel(
            name='Page',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('uuid', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                ('updated_at', models.DateTimeField(auto_now=True)),
                ('withdrawn_at', models.DateTimeField(blank=True, editable=False, null=True)),
                ('withdrawn_note', models.CharField(blank=True, editable=False, max_length=300)),
                ('headline', models.CharField(max_length=120, verbose_name='title')),
                ('standfirst', models.TextField(blank=True, help_text='One sentence under the title.', max_length=300)),
                ('body', models.TextField(blank=True)),
                ('purpose', models.CharField(blank=True, choices=[('AboutPage', 'About us'), ('ContactPage', 'Contact'), ('publishingPrinciples', 'Publishing principles'), ('ethicsPolicy', 'Ethics policy'), ('correctionsPolicy', 'Corrections policy'), ('verificationFactCheckingPolicy', 'Fact-checking policy'), ('unnamedSourcesPolicy', 'Unnamed sources'), ('noBylinesPolicy', 'Articles without a byline'), ('ownershipFundingInfo', 'Ownership and funding'), ('masthead', 'Masthead'), ('diversityPolicy', 'Diversity policy'), ('diversityStaffingReport', 'Staff diversity report'), ('actionableFeedbackPolicy', 'Feedback policy'), ('missionCoveragePrioritiesPolicy', 'Mission and coverage priorities')], max_length=40, verbose_name='page type')),
                ('slug', models.SlugField(error_messages={'unique': 'Another page has this URL. Choose a different one.'}, max_length=120, unique=True)),
                ('revision_number', models.PositiveIntegerField(default=0, editable=False)),
                ('created_by', models.ForeignKey(blank=True, editable=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ['headline', 'pk'],
                'permissions': [('publish_page', 'Can publish and withdraw pages')],
            },
            bases=(articles.models.revisions.Editable, models.Model),
        ),
        migrations.CreateModel(
            name='Autosave',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('form_data', models.TextField()),
                ('based_on', models.PositiveIntegerField(default=0, help_text='The number of the revision the changes started from.')),
                ('tab', models.CharField(blank=True, max_length=40)),
                ('sequence', models.PositiveIntegerField(default=0)),
                ('saved_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('article', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='%(class)ss', to='articles.article')),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('page', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='%(class)ss', to='articles.page')),
            ],
        ),
        migrations.CreateModel(
            name='PageVersion',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.PositiveIntegerField()),
                ('public_from', models.DateTimeField()),
                ('created_at', models.DateTimeField()),
                ('note', models.CharField(blank=True, help_text='What changed, for readers.', max_length=500)),
                ('content_digest', models.CharField(max_length=64)),
                ('digest', models.CharField(max_length=64, unique=True)),
                ('superseded_at', models.DateTimeField(blank=True, null=True)),
                ('removal_reason', models.CharField(blank=True, editable=False, max_length=300)),
                ('content', models.TextField(editable=False, null=True)),
                ('created_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('page', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='versions', to='articles.page')),
            ],
            options={
                'ordering': ['page', 'number'],
            },
        ),
        migrations.CreateModel(
            name='Presence',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('seen_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('article', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='%(class)ss', to='articles.article')),
                ('page', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='%(class)ss', to='articles.page')),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
        ),
        migrations.CreateModel(
            name='ReadCount',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('day', models.DateField()),
                ('count', models.PositiveIntegerField(default=0)),
                ('article', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='reads', to='articles.article')),
            ],
        ),
        migrations.CreateModel(
            name='Recording',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('title', models.CharField(help_text='For the newsroom only.', max_length=200)),
                ('file', models.FileField(max_length=200, storage=articles.models.media.originals, upload_to=articles.models.recordings._name)),
                ('format', models.CharField(editable=False, max_length=8)),
                ('seconds', models.PositiveIntegerField(editable=False)),
                ('size', models.PositiveIntegerField(editable=False)),
                ('sha256', models.CharField(editable=False, max_length=64)),
                ('uploaded_at', models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                ('uploaded_by', models.ForeignKey(blank=True, editable=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ['-uploaded_at', '-pk'],
            },
        ),
        migrations.AddField(
            model_name='article',
            name='audio',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='articles', to='articles.recording'),
        ),
        migrations.CreateModel(
            name='Redirect',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('path', models.CharField(max_length=500, unique=True)),
                ('article', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='redirects', to='articles.article')),
                ('dossier', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='redirects', to='articles.dossier')),
                ('page', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='redirects', to='articles.page')),
            ],
        ),
        migrations.CreateModel(
            name='Rendition',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('original', models.CharField(default='', max_length=64)),
                ('format', models.CharField(choices=[('jpeg', 'JPEG'), ('webp', 'WebP'), ('avif', 'AVIF')], max_length=8)),
                ('width', models.PositiveIntegerField()),
                ('height', models.PositiveIntegerField()),
                ('sha256', models.CharField(max_length=64)),
                ('file', models.FileField(max_length=200, upload_to=articles.models.media.rendition_name)),
                ('image', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='renditions', to='articles.image')),
            ],
            options={
                'ordering': ['width'],
            },
        ),
        migrations.CreateModel(
            name='ReplacedFile',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('file', models.FileField(max_length=200, storage=articles.models.media.originals, upload_to='')),
                ('format', models.CharField(max_length=8)),
                ('sha256', models.CharField(max_length=64)),
                ('width', models.PositiveIntegerField()),
                ('height', models.PositiveIntegerField()),
                ('replaced_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('image', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='replaced_files', to='articles.image')),
                ('replaced_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ['-replaced_at', '-pk'],
            },
        ),
        migrations.CreateModel(
            name='Revision',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.PositiveIntegerField()),
                ('set_aside', models.BooleanField(default=False)),
                ('content', models.TextField()),
                ('content_digest', models.CharField(max_length=64)),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('name', models.CharField(blank=True, max_length=80)),
                ('article', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='%(class)ss', to='articles.article')),
                ('created_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('page', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='%(class)ss', to='articles.page')),
            ],
            options={
                'ordering': ['-created_at', '-pk'],
            },
        ),
        migrations.CreateModel(
            name='SavedArticle',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('saved_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('article', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='saved_by', to='articles.article')),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='saved_articles', to=settings.AUTH_USER_MODEL)),
            ],
        ),
        migrations.CreateModel(
            name='SavedFilter',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=40)),
                ('query', models.CharField(max_length=500)),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
        ),
        migrations.CreateModel(
            name='SearchWord',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('level', models.PositiveSmallIntegerField(choices=[(0, 'Everyone'), (1, 'Registered readers'), (10, 'Subscribers'), (20, 'Supporters')])),
                ('term', models.CharField(max_length=40)),
                ('word', models.CharField(max_length=40)),
                ('since', models.DateTimeField()),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('level', 'term'), name='search_word_unique')],
            },
        ),
        migrations.AddField(
            model_name='article',
            name='section',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='articles', to='articles.section'),
        ),
        migrations.AddField(
            model_name='article',
            name='series',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='articles', to='articles.series'),
        ),
        migrations.CreateModel(
            name='ShareLink',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('key', models.CharField(default=articles.models.share_links.new_key, editable=False, max_length=32, unique=True)),
                ('newest_public', models.PositiveIntegerField(default=0, editable=False)),
                ('name', models.CharField(blank=True, max_length=80)),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('created_by_name', models.CharField(max_length=80)),
                ('expires_at', models.DateTimeField()),
                ('revoked_at', models.DateTimeField(blank=True, null=True)),
                ('article', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='share_links', to='articles.article')),
                ('created_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('revoked_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ['-created_at', '-pk'],
            },
        ),
        migrations.CreateModel(
            name='Remark',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('key', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ('text', models.TextField(max_length=4000)),
                ('quote', models.TextField(blank=True, max_length=1000)),
                ('prefix', models.CharField(blank=True, max_length=48)),
                ('suffix', models.CharField(blank=True, max_length=48)),
                ('position', models.PositiveIntegerField(default=0)),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('edited_at', models.DateTimeField(blank=True, null=True)),
                ('author_name', models.CharField(max_length=80)),
                ('resolved_at', models.DateTimeField(blank=True, null=True)),
                ('article', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='remarks', to='articles.article')),
                ('author', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('mentions', models.ManyToManyField(blank=True, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('parent', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='replies', to='articles.remark')),
                ('resolved_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('link', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='remarks', to='articles.sharelink')),
            ],
            options={
                'ordering': ['created_at', 'pk'],
            },
        ),
        migrations.CreateModel(
            name='SocialCrop',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('original', models.CharField(max_length=64)),
                ('focal_x', models.PositiveSmallIntegerField()),
                ('focal_y', models.PositiveSmallIntegerField()),
                ('width', models.PositiveIntegerField()),
                ('height', models.PositiveIntegerField()),
                ('file', models.FileField(max_length=200, upload_to='')),
                ('image', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='social_crops', to='articles.image')),
            ],
        ),
        migrations.CreateModel(
            name='Source',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('key', models.CharField(editable=False, max_length=64, unique=True)),
                ('url', models.CharField(blank=True, editable=False, max_length=2000, verbose_name='address')),
                ('title', models.CharField(max_length=300, verbose_name='title')),
                ('kind', models.CharField(choices=[('document', 'Document'), ('data', 'Data'), ('interview', 'Interview'), ('report', 'Report'), ('law', 'Law'), ('other', 'Other')], default='other', max_length=12, verbose_name='kind')),
                ('publisher', models.CharField(blank=True, max_length=200, verbose_name='publisher')),
                ('author', models.CharField(blank=True, max_length=200, verbose_name='author')),
                ('published_on', models.CharField(blank=True, help_text='A day, month or year, such as 20 November 2024.', max_length=10, validators=[truthlytics.web.partial_dates.validate_partial_date], verbose_name='published on')),
                ('archived_url', models.URLField(blank=True, help_text='The address of a copy, for example in a web archive. Shown first if the original is gone.', max_length=2000, verbose_name='archived copy')),
                ('accessed_on', models.CharField(blank=True, max_length=10, validators=[truthlytics.web.partial_dates.validate_partial_date], verbose_name='accessed on')),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('checked_at', models.DateTimeField(blank=True, editable=False, null=True)),
                ('failing_since', models.DateTimeField(blank=True, editable=False, null=True)),
                ('gone_at', models.DateTimeField(blank=True, editable=False, null=True, verbose_name='gone since')),
                ('document', models.ForeignKey(blank=True, help_text='A copy from the library, for readers. Articles keep its digest.', null=True, on_delete=django.db.models.deletion.PROTECT, related_name='sources', to='articles.document', verbose_name='document')),
            ],
            options={
                'verbose_name': 'source',
                'verbose_name_plural': 'sources',
                'ordering': ['-created_at', '-pk'],
            },
        ),
        migrations.CreateModel(
            name='Topic',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('uuid', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ('name', models.CharField(max_length=80, unique=True)),
                ('slug', models.SlugField(max_length=80, unique=True)),
                ('intro', models.CharField(blank=True, max_length=300)),
                ('merged_into', models.ForeignKey(blank=True, editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='merged', to='articles.topic')),
            ],
            options={
                'ordering': ['name'],
            },
        ),
        migrations.AddField(
            model_name='article',
            name='topics',
            field=models.ManyToManyField(blank=True, related_name='articles', to='articles.topic'),
        ),
        migrations.CreateModel(
            name='Version',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.PositiveIntegerField()),
                ('public_from', models.DateTimeField()),
                ('created_at', models.DateTimeField()),
                ('note', models.CharField(blank=True, help_text='What changed, for readers.', max_length=500)),
                ('content', models.TextField(editable=False, null=True)),
                ('content_digest', models.CharField(max_length=64)),
                ('digest', models.CharField(max_length=64, unique=True)),
                ('superseded_at', models.DateTimeField(blank=True, null=True)),
                ('removal_reason', models.CharField(blank=True, editable=False, max_length=300)),
                ('changed_at', models.DateTimeField()),
                ('is_corrected', models.BooleanField(default=False)),
                ('headline', models.CharField(max_length=200)),
                ('standfirst', models.TextField(blank=True)),
                ('kind', models.CharField(max_length=12)),
                ('required_level', models.PositiveSmallIntegerField(choices=[(0, 'Everyone'), (1, 'Registered readers'), (10, 'Subscribers'), (20, 'Supporters')], default=0)),
                ('free_html', models.TextField(blank=True)),
                ('free_notes', models.TextField(blank=True)),
                ('paid_html', models.TextField(blank=True)),
                ('paid_notes', models.TextField(blank=True)),
                ('free_sources', models.JSONField(blank=True, default=list)),
                ('paid_sources', models.JSONField(blank=True, default=list)),
                ('plain_free', models.TextField(blank=True)),
                ('plain_all', models.TextField(blank=True)),
                ('words_free', models.PositiveIntegerField(default=0)),
                ('words_all', models.PositiveIntegerField(default=0)),
                ('head', models.JSONField(default=dict)),
                ('article', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='versions', to='articles.article')),
                ('created_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('section', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='articles.section')),
            ],
            options={
                'ordering': ['article', 'number'],
            },
        ),
        migrations.CreateModel(
            name='TopicEntry',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('published_at', models.DateTimeField()),
                ('served_from', models.DateTimeField()),
                ('served_until', models.DateTimeField(blank=True, null=True)),
                ('article', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='articles.article')),
                ('topic', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='entries', to='articles.topic')),
                ('version', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='articles.version')),
            ],
        ),
        migrations.CreateModel(
            name='SeriesEntry',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('published_at', models.DateTimeField()),
                ('served_from', models.DateTimeField()),
                ('served_until', models.DateTimeField(blank=True, null=True)),
                ('part', models.PositiveSmallIntegerField()),
                ('article', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='articles.article')),
                ('series', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='entries', to='articles.series')),
                ('version', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='articles.version')),
            ],
        ),
        migrations.CreateModel(
            name='SectionEntry',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('published_at', models.DateTimeField()),
                ('served_from', models.DateTimeField()),
                ('served_until', models.DateTimeField(blank=True, null=True)),
                ('article', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='articles.article')),
                ('section', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='entries', to='articles.section')),
                ('version', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='articles.version')),
            ],
        ),
        migrations.CreateModel(
            name='SearchEntry',
            fields=[
                ('published_at', models.DateTimeField()),
                ('served_from', models.DateTimeField()),
                ('served_until', models.DateTimeField(blank=True, null=True)),
                ('id', models.BigIntegerField(primary_key=True, serialize=False)),
                ('article', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='articles.article')),
                ('version', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='articles.version')),
            ],
        ),
        migrations.CreateModel(
            name='ImageUsage',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('article', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='image_usages', to='articles.article')),
                ('image', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='usages', to='articles.image')),
                ('version', models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='image_usages', to='articles.version')),
            ],
        ),
        migrations.CreateModel(
            name='ErrorReport',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('key', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ('quote', models.TextField(blank=True, max_length=1000, verbose_name='passage')),
                ('prefix', models.CharField(blank=True, max_length=48)),
                ('suffix', models.CharField(blank=True, max_length=48)),
                ('position', models.PositiveIntegerField(default=0)),
                ('text', models.TextField(max_length=4000, verbose_name='what is wrong')),
                ('source', models.TextField(blank=True, max_length=1000, verbose_name='source')),
                ('email', models.EmailField(blank=True, max_length=254, verbose_name='email address')),
                ('name', models.CharField(blank=True, max_length=80, verbose_name='name')),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now, editable=False, verbose_name='received')),
                ('state', models.CharField(choices=[('open', 'Open'), ('drafted', 'Correction in progress'), ('corrected', 'Corrected'), ('answered', 'Answered'), ('dismissed', 'Dismissed')], default='open', editable=False, max_length=9, verbose_name='state')),
                ('drafted_at', models.DateTimeField(blank=True, editable=False, null=True)),
                ('settled_from', models.PositiveIntegerField(blank=True, editable=False, null=True)),
                ('closed_at', models.DateTimeField(blank=True, editable=False, null=True, verbose_name='closed')),
                ('answer', models.TextField(blank=True, editable=False, max_length=4000, verbose_name='answer')),
                ('closed_by', models.ForeignKey(blank=True, editable=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('correction', models.ForeignKey(blank=True, editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='error_reports', to='articles.correction')),
                ('drafted_by', models.ForeignKey(blank=True, editable=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('remark', models.ForeignKey(blank=True, editable=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='articles.remark')),
                ('version', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='error_reports', to='articles.version')),
            ],
            options={
                'verbose_name': 'error report',
                'verbose_name_plural': 'error reports',
                'ordering': ['created_at', 'pk'],
            },
        ),
        migrations.AddField(
            model_name='correction',
            name='version',
            field=models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='correction', to='articles.version'),
        ),
        migrations.CreateModel(
            name='Citation',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.PositiveIntegerField()),
                ('is_gated', models.BooleanField(default=False)),
                ('source', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='citations', to='articles.source')),
                ('version', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='citations', to='articles.version')),
            ],
            options={
                'ordering': ['version', 'number'],
            },
        ),
        migrations.CreateModel(
            name='AuthorEntry',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('published_at', models.DateTimeField()),
                ('served_from', models.DateTimeField()),
                ('served_until', models.DateTimeField(blank=True, null=True)),
                ('article', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='articles.article')),
                ('author', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='entries', to='articles.author')),
                ('version', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='articles.version')),
            ],
        ),
        migrations.AddField(
            model_name='article',
            name='live',
            field=models.ForeignKey(blank=True, editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='live_in', to='articles.version'),
        ),
        migrations.AddField(
            model_name='article',
            name='upcoming',
            field=models.ForeignKey(blank=True, editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='upcoming_in', to='articles.version'),
        ),
        migrations.CreateModel(
            name='WorkflowStep',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.PositiveIntegerField()),
                ('action', models.CharField(choices=[('sent', 'Sent to review'), ('withdrawn', 'Withdrawn from review'), ('returned', 'Sent back'), ('ready', 'Marked ready'), ('assigned', 'Assigned'), ('published', 'Published'), ('unscheduled', 'Unscheduled')], max_length=20)),
                ('before', models.CharField(choices=[('draft', 'Draft'), ('review', 'In review'), ('ready', 'Ready'), ('published', 'Published')], max_length=10)),
                ('after', models.CharField(choices=[('draft', 'Draft'), ('review', 'In review'), ('ready', 'Ready'), ('published', 'Published')], max_length=10)),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('revision_number', models.PositiveIntegerField(default=0)),
                ('message', models.CharField(blank=True, max_length=1000)),
                ('due_on', models.DateField(blank=True, null=True)),
                ('article', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='steps', to='articles.article')),
                ('assignee', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('created_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ['article', '-number'],
            },
        ),
        migrations.AddConstraint(
            model_name='byline',
            constraint=models.UniqueConstraint(fields=('article', 'author'), name='byline_author_unique', violation_error_message='This author is already in the byline.'),
        ),
        migrations.AddConstraint(
            model_name='document',
            constraint=models.UniqueConstraint(fields=('sha256',), name='one_document_per_file', violation_error_message='This file is already in the library.'),
        ),
        migrations.AddConstraint(
            model_name='dossierarticle',
            constraint=models.UniqueConstraint(fields=('dossier', 'article'), name='dossier_article_unique', violation_error_message='This article is already in the dossier.'),
        ),
        migrations.AddConstraint(
            model_name='dossierversion',
            constraint=models.UniqueConstraint(fields=('dossier', 'number'), name='dossier_version_number_unique'),
        ),
        migrations.AddConstraint(
            model_name='dossierversionarticle',
            constraint=models.UniqueConstraint(fields=('version', 'article'), name='dossier_version_article_unique'),
        ),
        migrations.AddIndex(
            model_name='giftlink',
            index=models.Index(fields=['giver', '-created_at', '-id'], name='gift_links_by_giver'),
        ),
        migrations.AddConstraint(
            model_name='giftlink',
            constraint=models.UniqueConstraint(condition=models.Q(('replaced_at', None)), fields=('article', 'giver'), name='gift_link_once_per_article', violation_error_message='You have already given this article.'),
        ),
        migrations.AddConstraint(
            model_name='giftlink',
            constraint=models.UniqueConstraint(fields=('giver', 'month', 'slot'), name='gift_link_slot_unique', violation_error_message='You have already given ten articles this month.'),
        ),
        migrations.AddConstraint(
            model_name='giftlink',
            constraint=models.CheckConstraint(condition=models.Q(('slot__gte', 1), ('slot__lte', 10)), name='gift_link_slot_range', violation_error_message='You have already given ten articles this month.'),
        ),
        migrations.AddConstraint(
            model_name='homepagedraft',
            constraint=models.CheckConstraint(condition=models.Q(('slot', 1)), name='homepage_draft_single_row'),
        ),
        migrations.AddIndex(
            model_name='homepageedition',
            index=models.Index(fields=['-public_from', '-number'], name='edition_by_date'),
        ),
        migrations.AddIndex(
            model_name='image',
            index=models.Index(fields=['-uploaded_at', '-id'], name='image_by_date'),
        ),
        migrations.AddConstraint(
            model_name='image',
            constraint=models.UniqueConstraint(fields=('sha256',), name='one_image_per_file', violation_error_message='This file is already in the library.'),
        ),
        migrations.AddConstraint(
            model_name='image',
            constraint=models.CheckConstraint(condition=models.Q(('focal_x__lte', 100), ('focal_y__lte', 100)), name='image_focal_point_valid', violation_error_message='The focal point is outside the image.'),
        ),
        migrations.AddConstraint(
            model_name='page',
            constraint=models.UniqueConstraint(condition=models.Q(('purpose', ''), _negated=True), fields=('purpose',), name='page_purpose_unique', violation_error_message='Another page already has this type.'),
        ),
        migrations.AddConstraint(
            model_name='autosave',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('article__isnull', False), ('page', None)), models.Q(('article', None), ('page__isnull', False)), _connector='OR'), name='autosave_belongs_to_one', violation_error_message='Choose either an article or a page.'),
        ),
        migrations.AddConstraint(
            model_name='autosave',
            constraint=models.UniqueConstraint(condition=models.Q(('article__isnull', False)), fields=('article', 'user'), name='one_autosave_per_article_and_user', violation_error_message='This user already has unsaved changes to this article.'),
        ),
        migrations.AddConstraint(
            model_name='autosave',
            constraint=models.UniqueConstraint(condition=models.Q(('page__isnull', False)), fields=('page', 'user'), name='one_autosave_per_page_and_user', violation_error_message='This user already has unsaved changes to this page.'),
        ),
        migrations.AddConstraint(
            model_name='pageversion',
            constraint=models.UniqueConstraint(fields=('page', 'number'), name='page_version_number_unique'),
        ),
        migrations.AddConstraint(
            model_name='presence',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('article__isnull', False), ('page', None)), models.Q(('article', None), ('page__isnull', False)), _connector='OR'), name='presence_belongs_to_one', violation_error_message='Choose either an article or a page.'),
        ),
        migrations.AddConstraint(
            model_name='presence',
            constraint=models.UniqueConstraint(condition=models.Q(('article__isnull', False)), fields=('article', 'user'), name='one_presence_per_article_and_user', violation_error_message='This user is already recorded as present.'),
        ),
        migrations.AddConstraint(
            model_name='presence',
            constraint=models.UniqueConstraint(condition=models.Q(('page__isnull', False)), fields=('page', 'user'), name='one_presence_per_page_and_user', violation_error_message='This user is already recorded as present.'),
        ),
        migrations.AddIndex(
            model_name='readcount',
            index=models.Index(fields=['day'], name='reads_by_day'),
        ),
        migrations.AddConstraint(
            model_name='readcount',
            constraint=models.UniqueConstraint(fields=('article', 'day'), name='read_count_day_unique', violation_error_message='This article already has a count for this day.'),
        ),
        migrations.AddConstraint(
            model_name='recording',
            constraint=models.UniqueConstraint(fields=('sha256',), name='one_recording_per_file', violation_error_message='This file is already in the library.'),
        ),
        migrations.AddConstraint(
            model_name='redirect',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('article__isnull', False), ('dossier', None), ('page', None)), models.Q(('article', None), ('dossier', None), ('page__isnull', False)), models.Q(('article', None), ('dossier__isnull', False), ('page', None)), _connector='OR'), name='redirect_has_one_target', violation_error_message='Choose either an article, a page or a dossier.'),
        ),
        migrations.AddConstraint(
            model_name='rendition',
            constraint=models.UniqueConstraint(fields=('image', 'original', 'format', 'width'), name='rendition_unique'),
        ),
        migrations.AddConstraint(
            model_name='replacedfile',
            constraint=models.UniqueConstraint(fields=('image', 'sha256'), name='replaced_file_unique'),
        ),
        migrations.AddConstraint(
            model_name='revision',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('article__isnull', False), ('page', None)), models.Q(('article', None), ('page__isnull', False)), _connector='OR'), name='revision_belongs_to_one', violation_error_message='Choose either an article or a page.'),
        ),
        migrations.AddConstraint(
            model_name='revision',
            constraint=models.UniqueConstraint(condition=models.Q(('article__isnull', False), ('set_aside', False)), fields=('article', 'number'), name='revision_number_unique_per_article', violation_error_message='This article already has a revision with this number.'),
        ),
        migrations.AddConstraint(
            model_name='revision',
            constraint=models.UniqueConstraint(condition=models.Q(('page__isnull', False), ('set_aside', False)), fields=('page', 'number'), name='revision_number_unique_per_page', violation_error_message='This page already has a revision with this number.'),
        ),
        migrations.AddIndex(
            model_name='savedarticle',
            index=models.Index(fields=['user', '-saved_at', '-id'], name='saved_by_user'),
        ),
        migrations.AddConstraint(
            model_name='savedarticle',
            constraint=models.UniqueConstraint(fields=('user', 'article'), name='article_saved_once_per_user', violation_error_message='You have already saved this article.'),
        ),
        migrations.AddConstraint(
            model_name='savedfilter',
            constraint=models.UniqueConstraint(fields=('user', 'name'), name='saved_filter_name_unique', violation_error_message='You already have a filter with this name.'),
        ),
        migrations.AddConstraint(
            model_name='remark',
            constraint=models.CheckConstraint(condition=models.Q(('parent', None), models.Q(('quote', ''), ('resolved_at', None)), _connector='OR'), name='remark_reply_has_no_quote', violation_error_message='A reply cannot have its own quote or be resolved on its own.'),
        ),
        migrations.AddConstraint(
            model_name='socialcrop',
            constraint=models.UniqueConstraint(fields=('image', 'original', 'focal_x', 'focal_y'), name='one_social_crop_per_focal_point'),
        ),
        migrations.AddConstraint(
            model_name='socialcrop',
            constraint=models.CheckConstraint(condition=models.Q(('focal_x__lte', 100), ('focal_y__lte', 100)), name='social_crop_focal_point_valid'),
        ),
        migrations.AddIndex(
            model_name='source',
            index=models.Index(fields=['checked_at'], name='source_by_check'),
        ),
        migrations.AddConstraint(
            model_name='topic',
            constraint=models.UniqueConstraint(django.db.models.functions.text.Lower('name'), name='topic_name_unique', violation_error_message='There is already a topic with this name.'),
        ),
        migrations.AddConstraint(
            model_name='topic',
            constraint=models.CheckConstraint(condition=models.Q(('merged_into', None), models.Q(('merged_into', models.F('id')), _negated=True), _connector='OR'), name='topic_not_merged_into_itself'),
        ),
        migrations.AddIndex(
            model_name='version',
            index=models.Index(fields=['public_from', 'created_at', 'superseded_at', 'digest'], name='version_by_date'),
        ),
        migrations.AddConstraint(
            model_name='version',
            constraint=models.UniqueConstraint(fields=('article', 'number'), name='version_number_unique'),
        ),
        migrations.AddIndex(
            model_name='topicentry',
            index=models.Index(fields=['topic', '-published_at', '-article'], name='topic_by_date'),
        ),
        migrations.AddConstraint(
            model_name='topicentry',
            constraint=models.UniqueConstraint(fields=('topic', 'version'), name='topic_entry_unique'),
        ),
        migrations.AddIndex(
            model_name='seriesentry',
            index=models.Index(fields=['series', 'part', 'article'], name='series_by_part'),
        ),
        migrations.AddConstraint(
            model_name='seriesentry',
            constraint=models.UniqueConstraint(fields=('series', 'version'), name='series_entry_unique'),
        ),
        migrations.AddIndex(
            model_name='sectionentry',
            index=models.Index(fields=['section', '-published_at', '-article'], name='section_by_date'),
        ),
        migrations.AddConstraint(
            model_name='sectionentry',
            constraint=models.UniqueConstraint(fields=('section', 'version'), name='section_entry_unique'),
        ),
        migrations.AddConstraint(
            model_name='searchentry',
            constraint=models.UniqueConstraint(fields=('version',), name='search_entry_unique'),
        ),
        migrations.AddConstraint(
            model_name='imageusage',
            constraint=models.UniqueConstraint(fields=('image', 'version'), name='image_usage_unique_per_version'),
        ),
        migrations.AddConstraint(
            model_name='imageusage',
            constraint=models.UniqueConstraint(condition=models.Q(('version', None)), fields=('image', 'article'), name='image_usage_unique_per_draft'),
        ),
        migrations.AddIndex(
            model_name='errorreport',
            index=models.Index(fields=['state', 'created_at'], name='error_report_by_age'),
        ),
        migrations.AddIndex(
            model_name='errorreport',
            index=models.Index(condition=models.Q(('closed_at__isnull', False)), fields=['closed_at'], name='error_report_closed'),
        ),
        migrations.AddConstraint(
            model_name='errorreport',
            constraint=models.CheckConstraint(condition=models.Q(('state__in', ['open', 'drafted', 'corrected', 'answered', 'dismissed'])), name='error_report_state_valid'),
        ),
        migrations.AddConstraint(
            model_name='errorreport',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('closed_at', None), ('state__in', ('open', 'drafted'))), models.Q(models.Q(('state__in', ('open', 'drafted')), _negated=True), ('closed_at__isnull', False)), _connector='OR'), name='error_report_closed_has_time'),
        ),
        migrations.AddConstraint(
            model_name='errorreport',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('correction__isnull', False), ('state', 'corrected')), models.Q(models.Q(('state', 'corrected'), _negated=True), ('correction', None)), _connector='OR'), name='error_report_corrected_has_correction'),
        ),
        migrations.AddConstraint(
            model_name='errorreport',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('state', 'drafted'), _negated=True), ('drafted_at__isnull', False), _connector='OR'), name='error_report_drafted_has_time'),
        ),
        migrations.AddConstraint(
            model_name='correction',
            constraint=models.CheckConstraint(condition=models.Q(('kind__in', ['correction', 'clarification', 'update', 'note', 'retraction', 'minor'])), name='correction_kind_valid'),
        ),
        migrations.AddConstraint(
            model_name='correction',
            constraint=models.CheckConstraint(condition=models.Q(('supersedes', models.F('id')), _negated=True), name='correction_supersedes_another'),
        ),
        migrations.AddConstraint(
            model_name='citation',
            constraint=models.UniqueConstraint(fields=('version', 'source'), name='citation_unique'),
        ),
        migrations.AddConstraint(
            model_name='citation',
            constraint=models.UniqueConstraint(fields=('version', 'number'), name='citation_number_unique'),
        ),
        migrations.AddIndex(
            model_name='authorentry',
            index=models.Index(fields=['author', '-published_at', '-article'], name='author_by_date'),
        ),
        migrations.AddConstraint(
            model_name='authorentry',
            constraint=models.UniqueConstraint(fields=('author', 'version'), name='author_entry_unique'),
        ),
        migrations.AddIndex(
            model_name='article',
            index=models.Index(fields=['-published_at', '-id'], name='article_by_date'),
        ),
        migrations.AddIndex(
            model_name='article',
            index=models.Index(fields=['-updated_at', '-id'], name='article_by_last_change'),
        ),
        migrations.AddIndex(
            model_name='article',
            index=models.Index(models.OrderBy(django.db.models.functions.comparison.Coalesce('upcoming_at', 'published_at', 'updated_at'), descending=True), models.OrderBy(models.F('id'), descending=True), name='article_by_shown_date'),
        ),
        migrations.AddIndex(
            model_name='article',
            index=models.Index(condition=models.Q(('upcoming_at__isnull', False)), fields=['upcoming_at'], name='article_due'),
        ),
        migrations.AddIndex(
            model_name='article',
            index=models.Index(condition=models.Q(('withdrawn_at__isnull', False)), fields=['withdrawn_at'], name='article_withdrawn'),
        ),
        migrations.AddIndex(
            model_name='article',
            index=models.Index(fields=['stage', 'due_on'], name='article_by_stage'),
        ),
        migrations.AddIndex(
            model_name='article',
            index=models.Index(condition=models.Q(('due_on__isnull', False)), fields=['due_on'], name='article_by_due'),
        ),
        migrations.AddConstraint(
            model_name='article',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('upcoming', None), ('upcoming_at', None)), models.Q(('upcoming__isnull', False), ('upcoming_at__isnull', False)), _connector='OR'), name='article_upcoming_has_time'),
        ),
        migrations.AddConstraint(
            model_name='article',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('series', None), ('series_part', None)), models.Q(('series__isnull', False), ('series_part__isnull', False)), _connector='OR'), name='article_series_has_part'),
        ),
        migrations.AddConstraint(
            model_name='article',
            constraint=models.CheckConstraint(condition=models.Q(('stage__in', ['draft', 'review', 'ready', 'published'])), name='article_stage_valid'),
        ),
        migrations.AddConstraint(
            model_name='article',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('stage', 'published'), _negated=True), ('published_at__isnull', False), _connector='OR'), name='article_published_stage_has_date'),
        ),
        migrations.AddConstraint(
            model_name='article',
            constraint=models.UniqueConstraint(fields=('series', 'series_part'), name='series_part_unique', violation_error_message='Another article already has this number in the series.'),
        ),
        migrations.AddConstraint(
            model_name='article',
            constraint=models.UniqueConstraint(fields=('translation_group', 'language'), name='article_translation_language_unique', violation_error_message='Another translation of this article is in the same language.'),
        ),
        migrations.AddConstraint(
            model_name='workflowstep',
            constraint=models.UniqueConstraint(fields=('article', 'number'), name='workflow_step_number_unique', violation_error_message='Another user took this step in the meantime.'),
        ),
        migrations.AddConstraint(
            model_name='workflowstep',
            constraint=models.CheckConstraint(condition=models.Q(('action__in', ['sent', 'withdrawn', 'returned', 'ready', 'assigned', 'published', 'unscheduled']), ('after__in', ['draft', 'review', 'ready', 'published']), ('before__in', ['draft', 'review', 'ready', 'published'])), name='workflow_step_valid'),
        ),
        migrations.AddConstraint(
            model_name='workflowstep',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('action', 'returned'), _negated=True), models.Q(('message', ''), _negated=True), _connector='OR'), name='workflow_step_return_has_message', violation_error_message='Say what needs to change.'),
        ),
        migrations.RunPython(schema.create, schema.drop),
    ]
