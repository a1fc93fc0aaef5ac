"""Comments imported from another site, by people without an account here."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils import timezone

from articles.models import Article
from comments.models import Comment, Thread
from comments.text import render

Status = Comment.Status
MAX_NAME_LENGTH = 80


@dataclass(frozen=True, slots=True)
class NewComment:
    """A comment of another site. `text` is cleaned (see `comments.text.clean`); `parent` is the key of another one."""

    key: str
    parent: str
    name: str
    text: str
    written_at: datetime
    is_visible: bool


@transaction.atomic
def import_comments(
    *, article: Article, comments: Sequence[NewComment], existing: Mapping[str, Comment] | None = None
) -> dict[str, Comment]:
    """Add `comments` to `article` with their names, times and tree, and return them by key.

    `comments` has parents before their replies; `existing` has comments by key that were imported before. Comments that
    are not visible wait for a moderator. Nobody is notified. The caller invalidates the pages of the article, because
    this sends no signals.
    """
    if not comments:
        return {}
    rows = {comment.key: _row(article, comment) for comment in comments}
    Comment.objects.bulk_create(rows.values())
    known = {**(existing or {}), **rows}
    for comment in comments:
        row = rows[comment.key]
        row.parent = known.get(comment.parent)
        row.set_path(row.parent)
    Comment.objects.bulk_update(rows.values(), ["parent", "path"], batch_size=200)
    thread, _created = Thread.objects.get_or_create(article=article)
    Thread.objects.count_change(thread.article_id, sum(comment.is_visible for comment in comments))
    return rows


def _row(article: Article, comment: NewComment) -> Comment:
    visible = comment.is_visible
    return Comment(
        article=article,
        imported_name=comment.name[:MAX_NAME_LENGTH],
        text=comment.text,
        html=render(comment.text),
        status=Status.VISIBLE if visible else Status.WAITING,
        hold="" if visible else Comment.Hold.IMPORTED,
        created_at=comment.written_at,
        approved_at=timezone.now() if visible else None,
    )
