import django.core.serializers.json
import django.db.models.deletion
import django.utils.timezone
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
    ]
