"""What happens to a comment: posted, edited, approved, removed, reported."""

import uuid
from collections.abc import Collection, Iterable
from typing import Any

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils import timezone

from articles.models import Article
from comments.models import Comment, Report, Revision, Thread, open_reports
from comments.text import clean, render
from truthlytics.web.mail import send_letter

Status = Comment.Status


class AlreadyPosted(Exception):
    """The same form was sent before with other words; `comment` is what it made then."""

    def __init__(self, comment: Comment) -> None:
        super().__init__("This form has been sent before.")
        self.comment = comment


class TooLate(Exception):
    """Five minutes have passed since the comment was posted."""


def posted_before(*, article: Article, author: Any, key: uuid.UUID, text: str) -> Comment | None:
    """What this very form made when it was sent before, None where it was not.

    Raises AlreadyPosted where it said something else then.
    """
    found = Comment.objects.select_related("article").filter(article=article, author=author, key=key).first()
    if found is not None and clean(text) not in {found.text, *found.revisions.values_list("text", flat=True)}:
        raise AlreadyPosted(found)
    return found


def post_comment(*, article: Article, author: Any, text: str, key: uuid.UUID, parent: Comment | None = None) -> Comment:
    """Write a comment under `article`, answering `parent`. The same `key` again gives the comment it made before.

    Visible at once for staff and for a writer of whom another comment is visible; else it waits for review. The count
    is right when this is committed. Raises TextRefused for words that cannot be kept, AlreadyPosted where the key
    stands for other words. Who may write at all is for `comments.permissions` to say, before.
    """
    text = clean(text)
    try:
        with transaction.atomic():
            return _write(article, author, text, key, parent)
    except IntegrityError:
        found = posted_before(article=article, author=author, key=key, text=text)
        if found is None:
            raise
        return found


def _write(article: Article, author: Any, text: str, key: uuid.UUID, parent: Comment | None) -> Comment:
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
    comment.place_under(parent)
    comment.save(update_fields=["path"])
    if visible:
        Thread.objects.count_change(article.pk, 1)
    return comment


def _is_trusted(author: Any, besides: Comment | None = None) -> bool:
    if author.is_staff:
        return True
    others = Comment.objects.visible().filter(author=author)
    return (others.exclude(pk=besides.pk) if besides else others).exists()


@transaction.atomic
def edit_comment(*, comment: Comment, text: str) -> Comment:
    """Change what `comment` says, within five minutes; what it said is kept for the moderators.

    A visible comment stays so only if its writer would not have to wait with a new one. The same words again change
    nothing. Raises TooLate, and TextRefused.
    """
    text = clean(text)
    now = timezone.now()
    locked = Comment.objects.select_for_update().get(pk=comment.pk)
    if not locked.may_change(now):
        raise TooLate
    if text == locked.text:
        return locked
    Revision.objects.create(comment=locked, text=locked.text, replaced_at=now)
    locked.text, locked.html, locked.edited_at = text, render(text), now
    if locked.is_visible and not _is_trusted(locked.author, besides=locked):
        locked.status = Status.WAITING
        Thread.objects.count_change(locked.article_id, -1)
    locked.save(update_fields=["text", "html", "edited_at", "status"])
    return locked


@transaction.atomic
def approve(*, comments: Collection[Comment], by: Any) -> int:
    """Let waiting `comments` be seen; a removed one comes back, one that was reported stays. Returns how many that was.

    Safe to call twice and by two moderators at once: each comment is counted once.
    """
    now = timezone.now()
    done = 0
    chosen = Comment.objects.filter(pk__in=[comment.pk for comment in comments])
    reported = set(chosen.filter(open_reports()).values_list("pk", flat=True))
    for comment in _locked(comments):
        was_visible = comment.is_visible
        if was_visible and comment.pk not in reported:
            continue
        comment.status = Status.VISIBLE
        # Reports from before this moment have been looked at.
        comment.approved_at = now
        comment.approved_by = by
        comment.removed_at, comment.removed_by, comment.removed_reason = None, None, ""
        comment.save(
            update_fields=["status", "approved_at", "approved_by", "removed_at", "removed_by", "removed_reason"]
        )
        if not was_visible:
            Thread.objects.count_change(comment.article_id, 1)
        done += 1
    return done


@transaction.atomic
def remove(*, comments: Iterable[Comment], by: Any, reason: str) -> int:
    """Take `comments` out for a `reason` that readers and the writer are told. Returns how many that changed.

    Each writer gets a letter that says what was removed and why. Safe to call twice. Raises ValueError without a
    reason.
    """
    reason = " ".join(reason.split())
    if not reason:
        raise ValueError("A removal needs a reason.")
    now = timezone.now()
    done = 0
    for comment in (
        _locked(comments).exclude(status=Status.REMOVED).select_related("author", "article__live", "article__upcoming")
    ):
        was_visible = comment.is_visible
        comment.status, comment.removed_at, comment.removed_by = Status.REMOVED, now, by
        comment.removed_reason = reason
        comment.save(update_fields=["status", "removed_at", "removed_by", "removed_reason"])
        if was_visible:
            Thread.objects.count_change(comment.article_id, -1)
        _tell_writer(comment)
        done += 1
    return done


def _locked(comments: Iterable[Comment]) -> Any:
    ids = sorted(comment.pk for comment in comments)
    return Comment.objects.select_for_update(of=("self",)).filter(pk__in=ids).order_by("pk")


def _tell_writer(comment: Comment) -> None:
    if comment.author is None:
        return
    send_letter(
        "comment_removed",
        to=comment.author.email,
        context={
            "comment": comment,
            "name": comment.author.display_name,
            "headline": comment.article.served().headline,
            "address": f"{settings.SITE_URL}{comment.article.get_absolute_url()}",
        },
    )


def report_comment(*, comment: Comment, reporter: Any, reason: str, words: str = "") -> Report:
    """Tell the moderators about `comment`. One report a reader: the first one stands."""
    report, _made = Report.objects.get_or_create(
        comment=comment, reporter=reporter, defaults={"reason": reason, "words": words}
    )
    return report
