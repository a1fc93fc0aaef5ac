"""Posting and editing comments."""

import uuid
from datetime import datetime, timedelta

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import ngettext

from articles.models import Article, Version
from articles.models.publishable import reader_number
from comments.holds import hold_reason
from comments.models import Comment, Revision, Thread
from comments.quotes import Passage
from comments.services.comment_events import status_changed
from comments.services.notifications import create_notifications
from comments.services.quotes import refresh_quotes
from comments.text import clean, render
from truthlytics.web.text import split_words
from truthlytics.web.users import User

Status = Comment.Status


class AlreadyPosted(Exception):
    """The same form was sent before with a different text; `comment` is the one it created."""

    def __init__(self, comment: Comment) -> None:
        super().__init__("This form was already sent.")
        self.comment = comment


class TooSoon(Exception):
    """Slow mode: the writer commented on this article a short time ago. `message` says when they can comment again."""

    def __init__(self, minutes: int, at: datetime) -> None:
        super().__init__(f"The next comment is possible at {at.isoformat()}.")
        # Rounded up, so that the time shown is not too early.
        time = date_format(timezone.localtime(at + timedelta(seconds=59)), "H:i")
        self.message = ngettext(
            "You can comment on this article once a minute, and again at %(time)s. Your text is below.",
            "You can comment on this article once in %(minutes)d minutes, and again at %(time)s. Your text is below.",
            minutes,
        ) % {"minutes": minutes, "time": time}


class EditWindowClosed(Exception):
    """More than five minutes have passed since the comment was posted."""


def posted_before(*, article: Article, author: User, key: uuid.UUID, text: str) -> Comment | None:
    """Return the comment that the form with this `key` created before, None if it was not sent yet.

    Raises AlreadyPosted if it had a different text then.
    """
    found = Comment.objects.select_related("article").filter(article=article, author=author, key=key).first()
    if found is not None and clean(text) not in {found.text, *found.revisions.values_list("text", flat=True)}:
        raise AlreadyPosted(found)
    return found


def post_comment(
    *,
    article: Article,
    author: User,
    text: str,
    key: uuid.UUID,
    parent: Comment | None = None,
    passage: Passage | None = None,
    version: Version | None = None,
) -> Comment:
    """Create a comment on `article`, as a reply to `parent`. The same `key` again returns the existing comment.

    With a `passage`, it quotes the text of `version`.

    Comments of staff and of users with another visible comment are visible at once; others wait for review. The count
    of visible comments changes in the same transaction. Raises InvalidText, and AlreadyPosted if the key belongs to a
    comment with a different text, and TooSoon in slow mode. Callers check `comments.permissions` first.
    """
    text = clean(text)
    try:
        with transaction.atomic():
            comment = _create(article, author, text, key, parent, _quote_fields(passage, version))
            if passage is not None and article.scheduled_version() is not None:
                refresh_quotes(article=article)
            return comment
    except IntegrityError:
        existing = posted_before(article=article, author=author, key=key, text=text)
        if existing is None:
            raise
        return existing


def _quote_fields(passage: Passage | None, version: Version | None) -> dict[str, object]:
    """Return the columns of a comment that quotes `passage` of `version`. A query if there is one."""
    if passage is None or version is None:
        return {}
    return {
        "quote": passage.anchor.quote,
        "quote_prefix": passage.anchor.prefix,
        "quote_suffix": passage.anchor.suffix,
        "quote_position": passage.anchor.position,
        "quote_version": version,
        "quote_number": reader_number(Version.objects.filter(article=version.article_id), version.number),
        "quote_is_gated": passage.is_gated,
    }


def _create(
    article: Article, author: User, text: str, key: uuid.UUID, parent: Comment | None, quote: dict[str, object]
) -> Comment:
    thread, _created = Thread.objects.get_or_create(article=article)
    now = timezone.now()
    if thread.slow_minutes and not author.is_staff:
        _check_pace(thread, author, key, now)
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
        **quote,
    )
    comment.set_path(parent)
    comment.save(update_fields=["path"])
    status_changed(comment)
    if visible:
        Thread.objects.count_change(article.pk, 1)
        create_notifications(comment)
    return comment


def _check_pace(thread: Thread, author: User, key: uuid.UUID, now: datetime) -> None:
    """Raise TooSoon if `author` has commented within the thread's slow mode. Locks the thread.

    Deleted and removed comments count too, but not the one with the same `key`: that form was sent twice.
    """
    Thread.objects.select_for_update().get(pk=thread.pk)
    pause = timedelta(minutes=thread.slow_minutes or 0)
    own = Comment.objects.filter(article=thread.article_id, author=author, created_at__gt=now - pause)
    latest = own.exclude(key=key).order_by("-created_at").values_list("created_at", flat=True).first()
    if latest is not None:
        raise TooSoon(thread.slow_minutes or 0, latest + pause)


@transaction.atomic
def edit_comment(*, comment: Comment, text: str) -> Comment:
    """Change the text of `comment` within five minutes of posting; the old text is kept as a revision.

    A visible comment returns to review if a new comment by its author would have to wait, and one that a moderator
    asked to edit in any case. An editors' pick is of the text before, and ends. An unchanged text does nothing. Raises
    EditWindowClosed and InvalidText.
    """
    text = clean(text)
    now = timezone.now()
    locked = Comment.objects.lock().get(pk=comment.pk)
    if not locked.is_editable(now):
        raise EditWindowClosed
    if text == locked.text:
        return locked
    Revision.objects.create(comment=locked, text=locked.text, replaced_at=now)
    locked.text, locked.html, locked.edited_at = text, render(text), now
    hold = hold_reason(author=locked.author, text=text, excluding=locked)
    if locked.is_visible and hold:
        locked.status = Status.WAITING
        status_changed(locked)
        Thread.objects.count_change(locked.article_id, -1)
    locked.hold = hold or locked.hold
    locked.clear_pick()
    if locked.edit_requested_at is not None:
        locked.edit_requested_at, locked.edit_request, locked.hold = None, "", Comment.Hold.EDITED
    locked.save(
        update_fields=split_words(
            "text html edited_at status hold edit_requested_at edit_request picked_at picked_by picked_beside"
        )
    )
    if locked.is_visible:
        create_notifications(locked)  # It may mention someone now.
    return locked
