"""Rename the parameter `hands` to `assignee` in the filters that users have saved."""

import re

from django.db import migrations


def rename(apps, old, new):
    SavedFilter = apps.get_model("articles", "SavedFilter")
    longest = SavedFilter._meta.get_field("query").max_length
    for row in SavedFilter.objects.filter(query__contains=f"{old}="):
        query = re.sub(rf"(^|&){old}=", rf"\1{new}=", row.query)
        if len(query) <= longest:
            SavedFilter.objects.filter(pk=row.pk).update(query=query)


def forwards(apps, schema_editor):
    rename(apps, "hands", "assignee")


def backwards(apps, schema_editor):
    rename(apps, "assignee", "hands")


class Migration(migrations.Migration):
    dependencies = [("articles", "0001_initial")]
    operations = [migrations.RunPython(forwards, backwards)]
