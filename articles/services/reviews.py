"""Reviews of texts, and what has to be stated and reviewed before a text is published."""

import json
from collections import defaultdict
from collections.abc import Iterable, Sequence

from django.db import transaction
from django.utils.translation import gettext as _

from articles.models import Article, Review, Reviewer
from articles.models.publishable import Item
from articles.models.reviews import responsible
from articles.responsibility import NEEDED, TEXT_LABELS, UNSTATED, ReviewedFor, text_digest
from truthlytics.publication import get_publication
from truthlytics.publication.models import Publication
from truthlytics.web.types import JsonObject
from truthlytics.web.users import User


@transaction.atomic
def add_review(
    *, item: Item, content: JsonObject, by: User, checked: Iterable[str], role: str, is_named: bool
) -> Review:
    """Record that `by` has checked the text of `content`, the draft of `item`, and answers for it.

    Keeps role and naming for the next review of this user.
    """
    review = new_review(content=content, by=by, checked=checked, role=role, is_named=is_named)
    setattr(review, _column_of(item), item)
    review.revision_number = getattr(item, "revision_number", 0)
    review.save()
    return review


def new_review(*, content: JsonObject, by: User, checked: Iterable[str], role: str, is_named: bool) -> Review:
    """Return an unsaved review of the text of `content` by `by`. Keeps role and naming for their next one."""
    choice = {"role": role, "is_named": is_named}
    name = str(by) if is_named else ""
    return Review(
        reviewer=Reviewer.objects.update_or_create(user=by, defaults=choice)[0],
        checked=[value for value in ReviewedFor.values if value in set(checked)],
        name=name,
        role=role,
        responsible=responsible(name),
        text_digest=text_digest(content),
    )


def _column_of(item: Item) -> str:
    """Return the name of the foreign key of reviews to `item`: that of its model."""
    return str(item._meta.model_name)


def with_reviews(items: Sequence[Item], contents: Sequence[JsonObject]) -> list[JsonObject]:
    """Return the contents of `items` of one type with the reviews that a version keeps: the newest of each reviewer.

    Reviews of an earlier text are left out if there is one of this text. One query.
    """
    if not items:
        return []
    column = _column_of(items[0])
    rows: defaultdict[int, dict[int, Review]] = defaultdict(dict)
    reviews_of_items = Review.objects.filter(**{f"{column}__in": items}).select_related("reviewer")
    for review in reviews_of_items.order_by("reviewed_at", "pk"):
        rows[getattr(review, f"{column}_id")][review.reviewer_id] = review
    kept = []
    for item, content in zip(items, contents, strict=True):
        digest = text_digest(content) if item.pk in rows else ""
        reviews = [review.as_content(digest) for review in rows[item.pk].values()]
        current = [review for review in reviews if review["of_this_text"]]
        kept.append(content | {"reviews": current or reviews} if reviews else content)
    return kept


def obstacles(item: Item, content: JsonObject) -> list[str]:
    """Return sentences for what must be stated or reviewed before a user publishes `content` as `item`.

    A review by a second person is asked for articles only.
    """
    if not content.get("ai_uses") and must_state_ai_uses(item):
        return [str(UNSTATED)]
    if not isinstance(item, Article):
        return []
    if _needs_second_person(item, content) and not _has_second_person(item, content):
        return [_("Someone who has not written this text must check its facts and sources first.")]
    return []


def must_state_ai_uses(item: Item) -> bool:
    """Return whether the next version has to say what AI was used for.

    Versions of items that were published before it was asked for need not, unless one has stated it since.
    """
    if item.last_public_from() is None:
        return True
    if isinstance(item, Article):
        return any(version.head.get("ai_uses") for version in (item.live, item.upcoming) if version is not None)
    contents = [version.content for version in (item.served_version(), item.scheduled_version()) if version]
    return any("ai_uses" in (json.loads(each) if isinstance(each, str) else each or {}) for each in contents)


def _needs_second_person(article: Article, content: JsonObject) -> bool:
    """Return whether the settings, or the section, ask for a review by a second person of this changed text."""
    rule, section = get_publication().four_eyes, article.section
    is_asked = (
        rule == Publication.FourEyes.ALWAYS
        or (rule == Publication.FourEyes.AI and bool({*TEXT_LABELS} & {*content.get("ai_uses", ())}))
        or (section is not None and section.needs_second_person)
    )
    if not is_asked:
        return False
    live = article.live.content if article.live is not None else None
    return live is None or text_digest(json.loads(live)) != text_digest(content)


def _has_second_person(article: Article, content: JsonObject) -> bool:
    digest = text_digest(content)
    writers = {article.created_by_id, _last_writer(article, digest)}
    writers |= set(article.bylines.values_list("author__user", flat=True))
    reviews = article.reviews.filter(text_digest=digest).select_related("reviewer")
    return any(set(review.checked) >= NEEDED and review.reviewer.user_id not in writers for review in reviews)


def _last_writer(article: Article, digest: str) -> int | None:
    """Return the id of the user who saved the text with this digest first, of the revisions in a row that have it."""
    writer = None
    revisions = article.revisions.saved().order_by("-number").only("content", "created_by")
    for revision in revisions.iterator(chunk_size=10):
        if text_digest(json.loads(revision.content)) != digest:
            break
        writer = revision.created_by_id
    return writer
