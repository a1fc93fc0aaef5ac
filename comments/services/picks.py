"""Editors' picks: comments that are shown above the thread."""

from django.db import transaction
from django.utils import timezone

from comments.models import Comment, Decision
from comments.services.decisions import record_decision, state_of
from comments.services.moderation import check_decider
from truthlytics.web.users import User


@transaction.atomic
def pick(*, comment: Comment, by: User, beside: bool = False) -> bool:
    """Show `comment` above the thread, and with `beside` also beside the article's text.

    Returns False if that changes nothing or the comment is not visible. Raises NotPossible for one's own comment.
    """
    check_decider(comment.author_id, by)
    locked = Comment.objects.lock().select_related("author").get(pk=comment.pk)
    if not locked.is_visible or (locked.picked_at is not None and locked.picked_beside == beside):
        return False
    before = state_of(locked)
    locked.picked_at, locked.picked_by, locked.picked_beside = locked.picked_at or timezone.now(), by, beside
    locked.save(update_fields=["picked_at", "picked_by", "picked_beside"])
    record_decision(kind=Decision.Kind.PICK, by=by, comment=locked, before=before)
    return True


@transaction.atomic
def unpick(*, comment: Comment, by: User) -> bool:
    """Show `comment` in the thread only. Returns False if it was not picked.

    Raises NotPossible for one's own comment.
    """
    check_decider(comment.author_id, by)
    locked = Comment.objects.lock().select_related("author").get(pk=comment.pk)
    if locked.picked_at is None:
        return False
    before = state_of(locked)
    locked.clear_pick()
    locked.save(update_fields=["picked_at", "picked_by", "picked_beside"])
    record_decision(kind=Decision.Kind.UNPICK, by=by, comment=locked, before=before)
    return True
