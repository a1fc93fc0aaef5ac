"""Reviews of the texts of articles, and what has to be stated and reviewed before a text is published."""

import json
from collections import defaultdict
from collections.abc import Iterable, Sequence

from django.db import transaction
from django.utils.translation import gettext as _

from articles.models import Article, Review, Reviewer
from articles.models.reviews import responsible
from articles.responsibility import NEEDED, TEXT_LABELS, ReviewedFor, text_digest
from truthlytics.publication import get_publication
from truthlytics.publication.models import Publication
from truthlytics.web.types import JsonObject
from truthlytics.web.users import User


@transaction.atomic
def add_review(
    *, article: Article, content: JsonObject, by: User, checked: Iterable[str], role: str, is_named: bool
) -> Review:
    """Record that `by` has checked the text of `content`, the draft of `article`, and answers for it.

    Keeps role and naming for the next review of this user.
    """
    choice = {"role": role, "is_named": is_named}
    reviewer = Reviewer.objects.update_or_create(user=by, defaults=choice)[0]
    name = str(by) if is_named else ""
    return Review.objects.create(
        article=article,
        reviewer=reviewer,
        checked=[value for value in ReviewedFor.values if value in set(checked)],
        name=name,
        role=role,
        responsible=responsible(name),
        text_digest=text_digest(content),
        revision_number=article.revision_number,
    )


def with_reviews(items: Sequence[Article], contents: Sequence[JsonObject]) -> list[JsonObject]:
    """Return the contents of `items` with the reviews that a version keeps: the newest of each reviewer.

    Reviews of an earlier text are left out if there is one of this text. One query.
    """
    rows: defaultdict[int, dict[int, Review]] = defaultdict(dict)
    for review in Review.objects.filter(article__in=items).select_related("reviewer").order_by("reviewed_at", "pk"):
        rows[review.article_id][review.reviewer_id] = review
    kept = []
    for item, content in zip(items, contents, strict=True):
        digest = text_digest(content) if item.pk in rows else ""
        reviews = [review.as_content(digest) for review in rows[item.pk].values()]
        current = [review for review in reviews if review["of_this_text"]]
        kept.append(content | {"reviews": current or reviews} if reviews else content)
    return kept


def obstacles(article: Article, content: JsonObject) -> list[str]:
    """Return sentences for what must be stated or reviewed before a user publishes `content` as `article`."""
    if not content.get("ai_uses") and must_state_ai_uses(article):
        return [_("State what AI was used for, or that none was used.")]
    if _needs_second_person(article, content) and not _has_second_person(article, content):
        return [_("Someone who has not written this text must check its facts and sources first.")]
    return []


def must_state_ai_uses(article: Article) -> bool:
    """Return whether the next version has to say what AI was used for.

    Versions of articles that were published before it was asked for need not, unless one has stated it since.
    """
    stated = (version.head.get("ai_uses") for version in (article.live, article.upcoming) if version is not None)
    return article.published_at is None or any(stated)


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
