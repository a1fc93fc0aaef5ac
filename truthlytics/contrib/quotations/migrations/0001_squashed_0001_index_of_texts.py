import django.db.models.deletion
import truthlytics.web.create_models
from django.db import migrations, models


class Migration(migrations.Migration):

    replaces = [('quotations', '0001_index_of_texts')]

    initial = True

    dependencies = [
        ('articles', '0018_sections_in_the_menu'),
    ]

    operations = [
        truthlytics.web.create_models.CreateModels(
            operations=[
                migrations.CreateModel(
                    name='IndexProgress',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('item', models.CharField(max_length=8, unique=True)),
                        ('created_at', models.DateTimeField()),
                        ('next_pk', models.BigIntegerField(null=True)),
                    ],
                ),
                migrations.CreateModel(
                    name='IndexedText',
                    fields=[
                        ('id', models.AutoField(primary_key=True, serialize=False)),
                        ('served_from', models.DateTimeField(null=True)),
                        ('served_until', models.DateTimeField(null=True)),
                        ('newest', models.PositiveIntegerField()),
                        ('count', models.PositiveSmallIntegerField()),
                        ('is_free', models.BooleanField()),
                        ('article', models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='articles.article')),
                        ('dossier', models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='articles.dossier')),
                        ('page', models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='articles.page')),
                    ],
                    options={
                        'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('article__isnull', False), ('dossier', None), ('page', None)), models.Q(('article', None), ('dossier', None), ('page__isnull', False)), models.Q(('article', None), ('dossier__isnull', False), ('page', None)), _connector='OR'), name='indexed_text_of_one_item')],
                    },
                ),
                migrations.CreateModel(
                    name='Fingerprint',
                    fields=[
                        ('pk', models.CompositePrimaryKey('hash', 'text_id', 'first', blank=True, editable=False, primary_key=True, serialize=False)),
                        ('hash', models.BigIntegerField()),
                        ('first', models.PositiveSmallIntegerField()),
                        ('last', models.PositiveSmallIntegerField()),
                        ('text', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='fingerprints', to='quotations.indexedtext')),
                    ],
                ),
            ],
        ),
    ]
