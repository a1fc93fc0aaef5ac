"""Each size knows the file that it was made of, each picture the texts and versions that it stands in."""

import json
import re
from itertools import batched

from django.db import migrations
from django.db.models import OuterRef, Subquery

NAMED = re.compile(r'data-image="([0-9a-f-]{36})"')
ROWS = 500


def note(apps, schema_editor):
    image, rendition, article, version, use = (
        apps.get_model("articles", name) for name in ("Image", "Rendition", "Article", "Version", "PictureUse")
    )
    made_of = image.objects.filter(pk=OuterRef("image_id")).values("sha256")[:1]
    rendition.objects.update(original=Subquery(made_of))
    known = {str(uuid): pk for pk, uuid in image.objects.values_list("pk", "uuid")}
    if not known:
        return

    def in_texts():
        for pk, body, lead in article.objects.values_list("pk", "body", "lead_id").iterator(ROWS):
            found = {known[uuid] for uuid in NAMED.findall(body) if uuid in known} | ({lead} if lead else set())
            yield from (use(image_id=one, article_id=pk) for one in found)

    def in_versions():
        contents = version.objects.exclude(content=None).values_list("pk", "article_id", "content")
        for pk, article_id, content in contents.iterator(ROWS):
            found = {known[uuid] for uuid in json.loads(content).get("pictures", {}) if uuid in known}
            yield from (use(image_id=one, article_id=article_id, version_id=pk) for one in found)

    for uses in (in_texts(), in_versions()):
        for batch in batched(uses, ROWS):
            use.objects.bulk_create(batch, ignore_conflicts=True)


class Migration(migrations.Migration):
    dependencies = [("articles", "0017_media_library")]

    operations = [migrations.RunPython(note, migrations.RunPython.noop)]
