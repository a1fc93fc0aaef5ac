"""Bulk changes to articles. Each is stored as a revision of the article, like any other change."""

from django.db import transaction

from articles.models import Article, Author, Section, Topic
from articles.services import revisions
from truthlytics.web.users import User


@transaction.atomic
def move_to_section(*, article: Article, section: Section, by: User) -> bool:
    """Move the draft of `article` to `section`. Return False if it is there already."""
    locked = Article.objects.select_for_update().get(pk=article.pk)
    if locked.section_id == section.pk:
        return False
    fields = revisions.current_fields(locked) | {"section": {"uuid": str(section.uuid), "name": section.name}}
    revisions.write(item=locked, fields=fields, by=by)
    return True


@transaction.atomic
def set_access(*, article: Article, required_level: int, by: User) -> bool:
    """Change the access level of the draft of `article`. Return False if it has that access already."""
    locked = Article.objects.select_for_update().get(pk=article.pk)
    if locked.required_level == required_level:
        return False
    fields = revisions.current_fields(locked) | {"required_level": required_level}
    revisions.write(item=locked, fields=fields, by=by)
    return True


@transaction.atomic
def set_author(*, article: Article, author: Author, replace: bool, by: User) -> bool:
    """Add `author` to the byline of the draft of `article`, or replace the whole byline. False if nothing changes."""
    locked = Article.objects.select_for_update().get(pk=article.pk)
    fields = revisions.current_fields(locked)
    present = [byline["uuid"] for byline in fields["bylines"]]
    own = {"uuid": str(author.uuid), "name": author.name}
    if present == [own["uuid"]] or (not replace and own["uuid"] in present):
        return False
    fields["bylines"] = [own] if replace else [*fields["bylines"], own]
    revisions.write(item=locked, fields=fields, by=by)
    return True


@transaction.atomic
def add_topic(*, article: Article, topic: Topic, by: User) -> bool:
    """Add `topic` to the draft of `article`. Return False if it has it already."""
    locked = Article.objects.select_for_update().get(pk=article.pk)
    if locked.topics.filter(pk=topic.pk).exists():
        return False
    fields = revisions.current_fields(locked)
    fields["topics"] = [*fields["topics"], {"uuid": str(topic.uuid), "name": topic.name}]
    revisions.write(item=locked, fields=fields, by=by)
    return True
