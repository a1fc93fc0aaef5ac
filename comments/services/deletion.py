"""Deleting one's own comments, and those of a deleted account."""

from typing import Any

from django.db import transaction
from django.db.models import Count
from django.utils import timezone

from comments.models import Comment, Revision, Thread

Status = Comment.Status

# Stored as the reason; readers see it in their own language.
DELETED_BY_AUTHOR = "Deleted by its author"
# What the comments of a deleted account lose.
ERASED = {"text": "", "html": "", "quote": "", "quote_prefix": "", "quote_suffix": "", "quote_version": None}


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
        **ERASED,
    )
    if not keep_text:
        own.update(**ERASED)
    own.filter(removed_by=author).update(removed_by=None)
    own.update(author=None)
    return articles
