import django.db.models.deletion
import truthlytics.web.create_models
from django.db import migrations, models


class Migration(migrations.Migration):

    replaces = [('statistics', '0001_sums_of_requests'), ('statistics', '0002_recent_reads'), ('statistics', '0003_hours_of_new_articles')]

    initial = True

    dependencies = [
        ('articles', '0020_who_reads'),
    ]

    operations = [
        truthlytics.web.create_models.CreateModels(
            operations=[
                migrations.CreateModel(
                    name='Hour',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('at', models.DateTimeField(unique=True)),
                        ('people', models.PositiveIntegerField(default=0)),
                        ('assistants', models.PositiveIntegerField(default=0)),
                        ('programs', models.PositiveIntegerField(default=0)),
                        ('not_counted', models.PositiveIntegerField(default=0)),
                    ],
                ),
                migrations.CreateModel(
                    name='AgentDay',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('day', models.DateField()),
                        ('name', models.CharField(blank=True, max_length=40)),
                        ('kind', models.CharField(choices=[('person', 'person'), ('assistant', 'assistant'), ('search', 'search'), ('training', 'training'), ('preview', 'preview'), ('feed', 'feed'), ('program', 'program')], max_length=10)),
                        ('requests', models.PositiveIntegerField(default=0)),
                    ],
                    options={
                        'constraints': [models.UniqueConstraint(fields=('day', 'name', 'kind'), name='agent_day_unique', violation_error_message='This program already has a count for this day.')],
                    },
                ),
                migrations.CreateModel(
                    name='NotCounted',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('day', models.DateField()),
                        ('reason', models.CharField(choices=[('again', 'Opened again on the same day'), ('prefetch', 'Loaded in advance by a browser'), ('staff', 'Staff'), ('address', 'Too many from one address'), ('full', 'More people than can be told apart')], max_length=10)),
                        ('requests', models.PositiveIntegerField(default=0)),
                    ],
                    options={
                        'verbose_name_plural': 'not counted',
                        'constraints': [models.UniqueConstraint(fields=('day', 'reason'), name='not_counted_unique', violation_error_message='This reason already has a count for this day.')],
                    },
                ),
                migrations.CreateModel(
                    name='SourceDay',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('day', models.DateField()),
                        ('name', models.CharField(blank=True, max_length=80)),
                        ('kind', models.CharField(choices=[('direct', 'Direct'), ('site', 'This site'), ('search', 'Search'), ('host', 'Other site'), ('campaign', 'Campaign'), ('newsletter', 'Newsletter'), ('feed', 'Feed'), ('gift', 'Gift link')], max_length=10)),
                        ('people', models.PositiveIntegerField(default=0)),
                    ],
                    options={
                        'constraints': [models.UniqueConstraint(fields=('day', 'name', 'kind'), name='source_day_unique', violation_error_message='This source already has a count for this day.')],
                    },
                ),
                migrations.CreateModel(
                    name='ReadSource',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('day', models.DateField()),
                        ('kind', models.CharField(choices=[('direct', 'Direct'), ('site', 'This site'), ('search', 'Search'), ('host', 'Other site'), ('campaign', 'Campaign'), ('newsletter', 'Newsletter'), ('feed', 'Feed'), ('gift', 'Gift link')], max_length=10)),
                        ('name', models.CharField(blank=True, max_length=80)),
                        ('people', models.PositiveIntegerField(default=0)),
                        ('article', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='read_sources', to='articles.article')),
                    ],
                    options={
                        'constraints': [models.UniqueConstraint(fields=('article', 'day', 'kind', 'name'), name='read_source_unique', violation_error_message='This article already has a count for this month.')],
                    },
                ),
                migrations.CreateModel(
                    name='RecentRead',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('at', models.DateTimeField()),
                        ('people', models.PositiveIntegerField(default=0)),
                        ('article', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='articles.article')),
                    ],
                    options={
                        'constraints': [models.UniqueConstraint(fields=('at', 'article'), name='recent_read_unique')],
                    },
                ),
                migrations.CreateModel(
                    name='ArticleHour',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('at', models.DateTimeField()),
                        ('people', models.PositiveIntegerField(default=0)),
                        ('halves', models.PositiveIntegerField(default=0)),
                        ('article', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='read_hours', to='articles.article')),
                    ],
                    options={
                        'constraints': [models.UniqueConstraint(fields=('article', 'at'), name='article_hour_unique', violation_error_message='This article already has a count for this hour.')],
                    },
                ),
            ],
        ),
    ]
