"""Many articles at a time: into a section, under a topic. Each stays a save like any other, with its history."""

from typing import Any

from django.db import transaction

from articles.models import Article, Section, Topic
from articles.services import revisions


@transaction.atomic
def move_to_section(*, article: Article, section: Section, by: Any) -> bool:
    """Move the working row of `article`; readers see it with its next publication. False where it is there already."""
    locked = Article.objects.select_for_update().get(pk=article.pk)
    if locked.section_id == section.pk:
        return False
    text = revisions.current_fields(locked) | {"section": {"uuid": str(section.uuid), "name": section.name}}
    revisions.write(item=locked, fields=text, by=by)
    return True


@transaction.atomic
def add_topic(*, article: Article, topic: Topic, by: Any) -> bool:
    """Put `article` under one topic more, as above. False where it has that topic already."""
    locked = Article.objects.select_for_update().get(pk=article.pk)
    if locked.topics.filter(pk=topic.pk).exists():
        return False
    text = revisions.current_fields(locked)
    text["topics"] = [*text["topics"], {"uuid": str(topic.uuid), "name": topic.name}]
    revisions.write(item=locked, fields=text, by=by)
    return True
