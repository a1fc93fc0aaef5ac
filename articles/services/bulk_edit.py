"""Bulk changes to articles. Each is stored as a revision of the article, like any other change."""

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from articles.models import Article, Author, Section, Topic, Version
from articles.services import publishing, revisions
from articles.services.publishing import NotReadyError
from articles.services.scheduling import set_scheduled_access
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
def set_access(*, article: Article, required_level: int, by: User, scheduled: bool = False) -> bool:
    """Change the access level of the draft of `article`, and of its `scheduled` version if wanted.

    Return False if nothing had to be changed.
    """
    locked = Article.objects.select_for_update().get(pk=article.pk)
    changed = scheduled and set_scheduled_access(article=locked, required_level=required_level, by=by)
    if locked.required_level != required_level:
        fields = revisions.current_fields(locked) | {"required_level": required_level}
        revisions.write(item=locked, fields=fields, by=by)
        changed = True
    return changed


def access_blocker(article: Article) -> str:
    """Return why the access of the draft cannot be published alone, "" if it can be. Not a sentence: no full stop."""
    now = timezone.now()
    if article.state(now) == "changing":
        return _("Another version is scheduled")
    served = article.served_version()
    if served is None:
        return _("Not published")
    if served.content is None:
        return _("The text that readers have was removed")
    if publishing.differs(article, served, publishing.content_of(article) | {"required_level": served.required_level}):
        return _("Has other unpublished changes")
    return "" if served.required_level != article.required_level else _("Readers have this access already")


@transaction.atomic
def publish_access(*, article: Article, required_level: int, by: User) -> Version:
    """Publish `article` with the access of its draft, which is `required_level`, and no other change.

    Readers see no other words, so it is no correction. Raises NotReadyError if the draft has other changes or another
    access by now, or if the checks find something.
    """
    locked = Article.objects.select_for_update().get(pk=article.pk)
    if locked.required_level != required_level:
        raise NotReadyError([_("Its access was changed in the meantime.")])
    if reason := access_blocker(locked):
        raise NotReadyError([f"{reason}."])
    version: Version = publishing.publish(item=locked, by=by)
    return version


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
