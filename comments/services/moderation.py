"""Approving and removing comments."""

from collections.abc import Collection, Iterable
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from comments.models import Comment, Thread, open_reports
from comments.services.notifications import comment_shown
from truthlytics.web.mail import send_email

Status = Comment.Status


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
            comment_shown(comment)
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
