"""Documents become public with the versions that link to them: store these links, and make the files private."""

import json
import re

import articles.models.documents
import articles.models.media
import django.db.models.deletion
from django.core.files.storage import storages
from django.db import migrations, models

LINK = re.compile(r"/media/([0-9a-f]{64})\.(?:pdf|csv|xlsx|ods|json)\b")
VERSIONS = {"version": "Version", "page_version": "PageVersion", "dossier_version": "DossierVersion"}


def store_links(apps, schema_editor):
    DocumentLink = apps.get_model("articles", "DocumentLink")
    for name, model in VERSIONS.items():
        rows = apps.get_model("articles", model).objects.exclude(content=None).order_by("pk")
        for pk, content in rows.values_list("pk", "content").iterator(500):
            text = content if isinstance(content, str) else json.dumps(content)
            digests = sorted(set(LINK.findall(text)))
            DocumentLink.objects.bulk_create(DocumentLink(sha256=digest, **{f"{name}_id": pk}) for digest in digests)


def move(apps, source, target):
    """Safe to repeat."""
    for name in apps.get_model("articles", "Document").objects.values_list("file", flat=True):
        if not storages[source].exists(name):
            continue
        if not storages[target].exists(name):
            with storages[source].open(name) as file:
                storages[target].save(name, file)
        storages[source].delete(name)


def make_private(apps, schema_editor):
    move(apps, "default", "originals")


def make_public(apps, schema_editor):
    move(apps, "originals", "default")


class Migration(migrations.Migration):

    dependencies = [
        ('articles', '0003_newsroom_search'),
    ]

    operations = [
        migrations.AlterField(
            model_name='document',
            name='file',
            field=models.FileField(max_length=200, storage=articles.models.media.originals, upload_to=articles.models.documents.document_name),
        ),
        migrations.CreateModel(
            name='DocumentLink',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('sha256', models.CharField(db_index=True, max_length=64)),
                ('dossier_version', models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='document_links', to='articles.dossierversion')),
                ('page_version', models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='document_links', to='articles.pageversion')),
                ('version', models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='document_links', to='articles.version')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('version', 'sha256'), name='document_link_unique'), models.UniqueConstraint(fields=('page_version', 'sha256'), name='document_link_unique_in_page'), models.UniqueConstraint(fields=('dossier_version', 'sha256'), name='document_link_unique_in_dossier')],
            },
        ),
        migrations.RunPython(store_links, migrations.RunPython.noop),
        migrations.RunPython(make_private, make_public),
    ]
