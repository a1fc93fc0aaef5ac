"""Documents that only gated text links to need access to it: store which links are gated."""

import json
import re

from django.db import migrations, models
from django.db.models import Q

LINK = re.compile(r"/media/([0-9a-f]{64})\.(?:pdf|csv|xlsx|ods|json)\b")


def find_free_links(apps, schema_editor):
    DocumentLink = apps.get_model("articles", "DocumentLink")
    DocumentLink.objects.filter(Q(version=None) | Q(version__required_level=0)).update(is_gated=False)
    gated = DocumentLink.objects.filter(is_gated=True).values("version")
    columns = ("pk", "content", "free_html", "free_notes")
    versions = apps.get_model("articles", "Version").objects.filter(pk__in=gated, content__isnull=False).order_by("pk")
    for pk, content, *free in versions.values_list(*columns).iterator(100):
        sources = [source for source in json.loads(content).get("sources", ()) if not source["gated"]]
        digests = LINK.findall(" ".join([*free, json.dumps(sources)]))
        DocumentLink.objects.filter(version=pk, sha256__in=digests).update(is_gated=False)


class Migration(migrations.Migration):

    dependencies = [
        ('articles', '0015_sections_off_the_front_page'),
    ]

    operations = [
        migrations.AddField(
            model_name='documentlink',
            name='is_gated',
            field=models.BooleanField(db_default=True, default=True),
        ),
        migrations.RunPython(find_free_links, migrations.RunPython.noop),
    ]
