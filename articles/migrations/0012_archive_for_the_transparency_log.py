"""Begin the transparency log of a site that has published something: `manage.py tick` adds that first."""

from django.db import migrations

from truthlytics.transparency.models import origin_of


def begin_log(apps, schema_editor):
    names = ("Version", "PageVersion", "DossierVersion")
    if any(apps.get_model("articles", name).objects.exists() for name in names):
        apps.get_model("transparency", "Log").objects.get_or_create(number=1, defaults={"origin": origin_of(1)})


class Migration(migrations.Migration):

    dependencies = [
        ("articles", "0011_redirects_with_queries_and_to_images"),
        ("transparency", "0001_initial"),
    ]

    operations = [migrations.RunPython(begin_log, migrations.RunPython.noop)]
