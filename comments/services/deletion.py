"""Deletion of a comment by its author, and of the comments and personal data of a deleted account."""

from django.db import transaction
from django.db.models import Count
from django.utils import timezone

from comments.models import (
    Appeal,
    Comment,
    Decision,
    Follow,
    ImportedEmail,
    ModeratorEmails,
    Mute,
    Notification,
    Revision,
    Thread,
)
from comments.services.comment_events import event_of, status_changed
from comments.services.votes import delete_votes
from truthlytics.events.services.adding import add_events
from truthlytics.web.users import User

Status = Comment.Status

# Stored as the reason; readers see it in their own language.
DELETED_BY_AUTHOR = "Deleted by its author"
# The columns of deleted comments that may contain personal data.
ERASED = {"text": "", "html": "", "quote": "", "quote_prefix": "", "quote_suffix": "", "quote_version": None}


@transaction.atomic
def delete_own(*, comment: Comment) -> bool:
    """Remove `comment` for its author. Moderators can still read it. Returns False if it was removed before."""
    locked = Comment.objects.lock().get(pk=comment.pk)
    if locked.is_removed:
        return False
    was_visible = locked.is_visible
    locked.status, locked.removed_at, locked.removed_by_id = Status.REMOVED, timezone.now(), locked.author_id
    locked.removed_reason = DELETED_BY_AUTHOR
    locked.save(update_fields=["status", "removed_at", "removed_by", "removed_reason"])
    if was_visible:
        Thread.objects.count_change(locked.article_id, -1)
        status_changed(locked)
    return True


@transaction.atomic
def release_comments(*, author: User, keep_text: bool) -> list[int]:
    """Make the comments of a deleted account anonymous, and with `keep_text=False` remove their text.

    The text of waiting comments is removed in any case. Returns the ids of the articles: the caller invalidates their
    pages, because this sends no signals.
    """
    own = Comment.objects.filter(author=author)
    list(own.lock().order_by("pk").only("pk"))
    articles = list(own.order_by().values_list("article", flat=True).distinct())
    erased = own.waiting() if keep_text else own
    for article, number in erased.visible().order_by().values_list("article").annotate(Count("pk")):
        Thread.objects.count_change(article, -number)
    add_events(*(event_of(comment, Status.REMOVED) for comment in erased.visible()))
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


@transaction.atomic
def delete_reader_data(*, user: User, keep_text: bool) -> None:
    """Delete votes, follows, email choices and open appeals of a deleted account. Call it after `release_comments`.

    Imported comments with an address of the reader lose it, so that no one can claim them. Call it before the confirmed
    addresses are deleted.

    Decisions and suspensions stay, without the name of the writer and without the text of comments that lost theirs.
    """
    delete_votes(user=user)
    ImportedEmail.objects.of(user).delete()
    for model in (Follow, Mute, Notification, ModeratorEmails):
        model._base_manager.filter(user=user).delete()
    decisions = Decision.objects.filter(writer=user)
    Appeal.objects.filter(decision__in=decisions, answered_at=None).delete()
    if not keep_text:
        Appeal.objects.filter(decision__in=decisions).update(text="")
    decisions.filter(comment__text="").update(words="")
    # Without `before`, an undo cannot restore the comment.
    decisions.update(writer=None, writer_name="", before={})
