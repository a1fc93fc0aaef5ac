"""Revisions of articles and pages: what was saved can be compared and restored. A statement about AI is one, too."""

import json
from collections.abc import Iterable, Mapping
from typing import Any

from django.db import transaction
from django.http import QueryDict

from articles.integrity import digest_of
from articles.models import Article, Image, Page, Recording, Revision, Topic
from articles.models.how_we_know import AI_SENTENCES
from articles.models.publishable import Item
from articles.responsibility import stated_uses
from articles.revisions.fields import Comparison, EditableFields, compare, differing, editable_fields, media_key
from articles.services import revisions
from articles.services.item_types import editable_type
from articles.services.item_types.articles import unique_topics
from articles.services.publishing import lock
from truthlytics.web.canonical_json import canonical
from truthlytics.web.users import User

ArticleOrPage = Article | Page
UUID_LENGTH = 36


def current_fields(item: ArticleOrPage) -> EditableFields:
    return editable_fields(editable_type(item).working_content(item))


def fields_of(stored: Any) -> EditableFields:
    """Return the fields of a revision or version. Topics merged since are replaced by those they were merged into."""
    fields = editable_fields(json.loads(stored.content))
    return (
        fields | {"topics": unique_topics(Topic.objects.current(fields["topics"]))} if fields.get("topics") else fields
    )


def compare_in_library(old: EditableFields, new: EditableFields) -> Comparison:
    """Compare two texts, with images and recordings by their titles in the library."""
    names = {"lead", "social_image", "audio"}.intersection(differing(old, new))
    keys = {media_key(name, fields[name]) for name in names for fields in (old, new)} - {""}
    titles: dict[str, str] = {}
    if "audio" in names:
        titles |= dict(Recording.objects.filter(sha256__in=keys).values_list("sha256", "title"))
    if names - {"audio"}:
        images = Image.objects.filter(uuid__in=[key for key in keys if len(key) == UUID_LENGTH])
        titles |= {str(image.uuid): str(image) for image in images}
    return compare(old, new, titles)


def fields_from_form(item: ArticleOrPage, form: QueryDict, current: EditableFields | None = None) -> EditableFields:
    """Return what would be saved from `form`. `current` is `current_fields(item)` where the caller has it already."""
    return editable_type(item).fields_from_form(item, form, current or current_fields(item))


def content_with(item: ArticleOrPage, fields: EditableFields) -> dict[str, object]:
    """Return the content of a revision of `item` with these fields."""
    return editable_type(item).content_with(item, fields)


@transaction.atomic
def save_revision(*, item: ArticleOrPage, by: User | None, name: str = "") -> Revision | None:
    """Store the working row of `item` as its next revision; None if nothing changed since the last one.

    The row must be locked: editors detect each other's saves by the revision number.
    """
    behaviour = editable_type(item)
    content = behaviour.working_content(item)
    if (last := _last_revision(item)) is not None and last.content_digest == _digest(content):
        return None
    item.revision_number += 1
    type(item).objects.filter(pk=item.pk).update(revision_number=item.revision_number)
    behaviour.after_revision(item)
    return _create(item, content, number=item.revision_number, created_by=by, name=name)


def ensure_revision(*, item: ArticleOrPage) -> None:
    """Store what is about to be overwritten, if no revision has it yet (after an import, for example)."""
    if item.is_placeholder:
        return
    if _last_revision(item) is None:
        content = editable_type(item).working_content(item)
        _create(item, content, number=item.revision_number, created_at=item.updated_at)
    else:
        save_revision(item=item, by=None)


def set_aside(*, item: ArticleOrPage, fields: EditableFields, by: User, number: int) -> Revision:
    """Store a text that lost in a merge. It is listed in the history, and `number` is the revision it started from."""
    return _create(item, content_with(item, fields), number=number, set_aside=True, created_by=by)


@transaction.atomic
def write(*, item: ArticleOrPage, fields: EditableFields, by: User) -> Revision | None:
    """Write `fields` to the working row and store the revision, after one of what was there before.

    Leaves out sections, topics, authors and images that no longer exist. Refreshes `item`.
    """
    locked = lock(item)
    ensure_revision(item=locked)
    editable_type(item).write(locked, fields)
    revision = save_revision(item=locked, by=by)
    item.refresh_from_db()
    return revision


def _last_revision(item: ArticleOrPage) -> Revision | None:
    return item.revisions.saved().order_by("-number").only("content_digest").first()


def _create(item: ArticleOrPage, content: dict[str, object], **columns: object) -> Revision:
    return item.revisions.create(content=canonical(content), content_digest=_digest(content), **columns)


def _digest(content: dict[str, object]) -> str:
    """Digest what was edited here: a credit corrected in the image library is no change of the text."""
    return digest_of(canonical({name: value for name, value in content.items() if name != "pictures"}))


def state_ai_uses(*, item: Item, uses: Iterable[str], sentences: Mapping[str, str], by: User) -> None:
    """Write `uses` and `sentences` about them to the draft of `item`, if they are others.

    They are a revision of their own, if `item` has revisions. `sentences` are by column, see AI_SENTENCES. Refreshes
    `item`.
    """
    stated = {"ai_uses": stated_uses(uses), **sentences}
    if all(getattr(item, name) == value for name, value in stated.items()):
        return
    if isinstance(item, Article | Page):
        # Those about other uses are not in the content, but the draft keeps them.
        kept = {name: getattr(item, name) for name in AI_SENTENCES}
        revisions.write(item=item, fields=revisions.current_fields(item) | kept | stated, by=by)
        return
    for name, value in stated.items():
        setattr(item, name, value)
    item.save(update_fields=[*stated, "updated_at"])
