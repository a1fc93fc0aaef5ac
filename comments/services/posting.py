"""Posting and editing comments."""

import uuid
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone

from articles.models import Article
from comments.holds import hold_reason
from comments.models import Comment, Revision, Thread
from comments.services.notifications import comment_shown
from comments.text import clean, render

Status = Comment.Status


class AlreadyPosted(Exception):
    """The same form was sent before with a different text; `comment` is the one it created."""

    def __init__(self, comment: Comment) -> None:
        super().__init__("This form was already sent.")
        self.comment = comment


class EditWindowClosed(Exception):
    """More than five minutes have passed since the comment was posted."""


def posted_before(*, article: Article, author: Any, key: uuid.UUID, text: str) -> Comment | None:
    """Return the comment that the form with this `key` created before, None if it was not sent yet.

    Raises AlreadyPosted if it had a different text then.
    """
    found = Comment.objects.select_related("article").filter(article=article, author=author, key=key).first()
    if found is not None and clean(text) not in {found.text, *found.revisions.values_list("text", flat=True)}:
        raise AlreadyPosted(found)
    return found


def post_comment(*, article: Article, author: Any, text: str, key: uuid.UUID, parent: Comment | None = None) -> Comment:
    """Create a comment on `article`, as a reply to `parent`. The same `key` again returns the existing comment.

    Comments of staff and of users with another visible comment are visible at once; others wait for review. The count
    of visible comments changes in the same transaction. Raises InvalidText, and AlreadyPosted if the key belongs to a
    comment with a different text. Callers check `comments.permissions` first.
    """
    text = clean(text)
    try:
        with transaction.atomic():
            return _create(article, author, text, key, parent)
    except IntegrityError:
        existing = posted_before(article=article, author=author, key=key, text=text)
        if existing is None:
            raise
        return existing


def _create(article: Article, author: Any, text: str, key: uuid.UUID, parent: Comment | None) -> Comment:
    Thread.objects.get_or_create(article=article)
    now = timezone.now()
    hold = hold_reason(author=author, text=text)
    visible = not hold
    comment = Comment.objects.create(
        article=article,
        author=author,
        parent=parent,
        key=key,
        text=text,
        html=render(text),
        status=Status.VISIBLE if visible else Status.WAITING,
        hold=hold,
        created_at=now,
        approved_at=now if visible else None,
    )
    comment.set_path(parent)
    comment.save(update_fields=["path"])
    if visible:
        Thread.objects.count_change(article.pk, 1)
        comment_shown(comment)
    return comment


@transaction.atomic
def edit_comment(*, comment: Comment, text: str) -> Comment:
    """Change the text of `comment` within five minutes of posting; the old text is kept as a revision.

    A visible comment returns to review if a new comment by its author would have to wait, and one that a moderator
    asked to edit in any case. An unchanged text does nothing. Raises EditWindowClosed and InvalidText.
    """
    text = clean(text)
    now = timezone.now()
    locked = Comment.objects.select_for_update().get(pk=comment.pk)
    if not locked.is_editable(now):
        raise EditWindowClosed
    if text == locked.text:
        return locked
    Revision.objects.create(comment=locked, text=locked.text, replaced_at=now)
    locked.text, locked.html, locked.edited_at = text, render(text), now
    hold = hold_reason(author=locked.author, text=text, excluding=locked)
    if locked.is_visible and hold:
        locked.status, locked.hold = Status.WAITING, hold
        Thread.objects.count_change(locked.article_id, -1)
    if locked.edit_requested_at is not None:
        locked.edit_requested_at, locked.edit_request, locked.hold = None, "", Comment.Hold.EDITED
    locked.save(update_fields=["text", "html", "edited_at", "status", "hold", "edit_requested_at", "edit_request"])
    return locked
