"""Posting, editing, moderating and reporting comments."""

import uuid
from collections.abc import Collection, Iterable
from typing import Any

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import Count
from django.utils import timezone

from articles.models import Article
from comments.models import Comment, Report, Revision, Thread, open_reports
from comments.text import clean, render
from truthlytics.web.mail import send_email

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
    visible = _is_trusted(author)
    comment = Comment.objects.create(
        article=article,
        author=author,
        parent=parent,
        key=key,
        text=text,
        html=render(text),
        status=Status.VISIBLE if visible else Status.WAITING,
        created_at=now,
        approved_at=now if visible else None,
    )
    comment.set_path(parent)
    comment.save(update_fields=["path"])
    if visible:
        Thread.objects.count_change(article.pk, 1)
    return comment


def _is_trusted(author: Any, excluding: Comment | None = None) -> bool:
    if author.is_staff:
        return True
    others = Comment.objects.visible().filter(author=author)
    return (others.exclude(pk=excluding.pk) if excluding else others).exists()


@transaction.atomic
def edit_comment(*, comment: Comment, text: str) -> Comment:
    """Change the text of `comment` within five minutes of posting; the old text is kept as a revision.

    A visible comment returns to review if a new comment by its author would have to wait. An unchanged text does
    nothing. Raises EditWindowClosed and InvalidText.
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
    if locked.is_visible and not _is_trusted(locked.author, excluding=locked):
        locked.status = Status.WAITING
        Thread.objects.count_change(locked.article_id, -1)
    locked.save(update_fields=["text", "html", "edited_at", "status"])
    return locked


@transaction.atomic
def approve(*, comments: Collection[Comment], by: Any) -> int:
    """Make `comments` visible, whether waiting or removed, and dismiss reports of visible ones.

    Returns how many were changed. Safe to call twice, and by two moderators at once: each comment is counted once.
    """
    now = timezone.now()
    approved = 0
    chosen = Comment.objects.filter(pk__in=[comment.pk for comment in comments])
    reported = set(chosen.filter(open_reports()).values_list("pk", flat=True))
    for comment in _locked(comments):
        was_visible = comment.is_visible
        if was_visible and comment.pk not in reported:
            continue
        comment.status = Status.VISIBLE
        # Dismisses earlier reports.
        comment.approved_at = now
        comment.approved_by = by
        comment.removed_at, comment.removed_by, comment.removed_reason = None, None, ""
        comment.save(
            update_fields=["status", "approved_at", "approved_by", "removed_at", "removed_by", "removed_reason"]
        )
        if not was_visible:
            Thread.objects.count_change(comment.article_id, 1)
        approved += 1
    return approved


@transaction.atomic
def remove(*, comments: Iterable[Comment], by: Any, reason: str) -> int:
    """Remove `comments` for a `reason` that is shown in their place. Returns how many were removed.

    Each author is emailed what was removed and why. Safe to call twice. Raises ValueError without a reason.
    """
    reason = " ".join(reason.split())
    if not reason:
        raise ValueError("Give a reason for the removal.")
    now = timezone.now()
    removed = 0
    for comment in (
        _locked(comments).exclude(status=Status.REMOVED).select_related("author", "article__live", "article__upcoming")
    ):
        was_visible = comment.is_visible
        comment.status, comment.removed_at, comment.removed_by = Status.REMOVED, now, by
        comment.removed_reason = reason
        comment.save(update_fields=["status", "removed_at", "removed_by", "removed_reason"])
        if was_visible:
            Thread.objects.count_change(comment.article_id, -1)
        _email_author(comment)
        removed += 1
    return removed


# Stored as the reason; readers see it in their own language.
DELETED_BY_AUTHOR = "Deleted by its author"


@transaction.atomic
def delete_own(*, comment: Comment) -> bool:
    """Remove `comment` for its author. Moderators can still read it. Returns False if it was removed before."""
    locked = Comment.objects.select_for_update().get(pk=comment.pk)
    if locked.is_removed:
        return False
    if locked.is_visible:
        Thread.objects.count_change(locked.article_id, -1)
    locked.status, locked.removed_at, locked.removed_by_id = Status.REMOVED, timezone.now(), locked.author_id
    locked.removed_reason = DELETED_BY_AUTHOR
    locked.save(update_fields=["status", "removed_at", "removed_by", "removed_reason"])
    return True


def _locked(comments: Iterable[Comment]) -> Any:
    ids = sorted(comment.pk for comment in comments)
    return Comment.objects.select_for_update(of=("self",)).filter(pk__in=ids).order_by("pk")


def _email_author(comment: Comment) -> None:
    if comment.author is None:
        return
    send_email(
        "comment_removed",
        to=comment.author.email,
        context={
            "comment": comment,
            "name": comment.author.display_name,
            "headline": comment.article.served().headline,
            "address": f"{settings.SITE_URL}{comment.article.get_absolute_url()}",
        },
    )


def report_comment(*, comment: Comment, reporter: Any, reason: str, words: str = "") -> bool:
    """Report `comment` to the moderators. Returns False if `reporter` reported it before: each user can do so once."""
    _report, created = Report.objects.get_or_create(
        comment=comment, reporter=reporter, defaults={"reason": reason, "words": words}
    )
    return created


@transaction.atomic
def release_comments(*, author: Any, keep_text: bool) -> list[int]:
    """Make the comments of a deleted account anonymous, and with `keep_text=False` remove their text.

    Comments that are waiting lose their text in any case. Returns the articles they are on, whose pages the caller
    invalidates: this sends no signals.
    """
    own = Comment.objects.filter(author=author)
    list(own.select_for_update().order_by("pk").values_list("pk", flat=True))
    articles = list(own.order_by().values_list("article", flat=True).distinct())
    erased = own.waiting() if keep_text else own
    for article, number in erased.visible().order_by().values_list("article").annotate(Count("pk")):
        Thread.objects.count_change(article, -number)
    Revision.objects.filter(comment__in=erased.values("pk")).delete()
    erased.exclude(status=Status.REMOVED).update(
        status=Status.REMOVED,
        removed_at=timezone.now(),
        removed_by=None,
        removed_reason=DELETED_BY_AUTHOR,
        text="",
        html="",
    )
    if not keep_text:
        own.update(text="", html="")
    own.filter(removed_by=author).update(removed_by=None)
    own.update(author=None)
    return articles
