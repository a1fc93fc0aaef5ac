"""The log of decisions: recording one, and undoing the last one about a comment."""

from collections.abc import Collection
from typing import Any

from django.contrib.auth import get_user_model
from django.db import transaction
from django.utils import timezone

from comments.models import Comment, Decision, Suspension, Thread
from comments.models.decisions import MAX_NAME_LENGTH
from comments.services.comment_events import status_changed
from comments.services.notifications import create_notifications
from truthlytics.web.text import split_words
from truthlytics.web.users import User

# What a decision changes about a comment, and an undo restores.
STATE = split_words(
    "status hold edit_requested_at edit_request approved_at approved_by_id removed_at removed_by_id removed_reason "
    "picked_at picked_by_id picked_beside"
)

STATE_FIELDS = [name.removesuffix("_id") for name in STATE]

State = dict[str, object]


class AlreadyDecided(Exception):
    """Another moderator made `decision` about this comment after the page was loaded."""

    def __init__(self, decision: Decision) -> None:
        super().__init__(f"{decision.by_name} has already decided on this comment.")
        self.decision = decision


def state_of(comment: Comment) -> State:
    """Return what an undo has to restore, as JSON values. Call it before the change."""
    values = {name: getattr(comment, name) for name in STATE}
    return {name: value.isoformat() if hasattr(value, "isoformat") else value for name, value in values.items()}


def record_decision(
    *,
    kind: str,
    by: User,
    comment: Comment | None = None,
    before: State | None = None,
    reason: str = "",
    suspension: Suspension | None = None,
    lifted: Collection[int] = (),
) -> Decision:
    """Record a decision in the transaction that changes `comment`, after the change.

    `before`, the `state_of` the comment before the change, makes it possible to undo the decision. `lifted` are the ids
    of the suspensions that it ended.
    """
    writer = comment.author if comment else suspension.user if suspension else None
    undo = {"comment": before, "after": state_of(comment), "lifted": list(lifted)} if comment and before else {}
    return Decision.objects.create(
        kind=kind,
        comment=comment,
        suspension=suspension,
        words=comment.text if comment else "",
        reason=reason,
        writer=writer,
        writer_name=_name(writer) or (comment.imported_name if comment else ""),
        by=by,
        by_name=_name(by),
        created_at=timezone.now(),
        before=undo,
    )


def _name(user: User | None) -> str:
    return str(user.display_name)[:MAX_NAME_LENGTH] if user else ""


@transaction.atomic
def undo_decision(*, decision: Decision, by: User) -> bool:
    """Restore the comment and the suspension of its writer to their state before `decision`. Sends no email.

    Returns False if that is not possible: `UNDO_WINDOW` is over, another moderator decided, the decision was already
    undone, or the comment has changed since. Safe to call twice and concurrently.
    """
    # Locks the comment first, like the services that decide.
    comment = Comment.objects.lock().filter(pk=decision.comment_id or 0).first()
    locked = Decision.objects.select_for_update().get(pk=decision.pk)
    if comment is None or not locked.is_undoable_by(by) or state_of(comment) != locked.before["after"]:
        return False
    was_visible = comment.is_visible
    for name, value in locked.before["comment"].items():
        field: Any = comment._meta.get_field(name.removesuffix("_id"))
        setattr(comment, name, field.to_python(value))
    comment.save(update_fields=STATE_FIELDS)
    if comment.is_visible != was_visible:
        Thread.objects.count_change(comment.article_id, 1 if comment.is_visible else -1)
        status_changed(comment)
    if comment.is_visible and not was_visible:
        create_notifications(comment)
    _undo_suspension(locked)
    locked.undone_at = timezone.now()
    locked.save(update_fields=["undone_at"])
    return True


def _undo_suspension(decision: Decision) -> None:
    """End the suspension by `decision`, and restore those it ended, unless the writer was suspended again since."""
    if decision.writer_id is None or decision.suspension_id is None:
        return
    # One suspension of a writer at a time, as in `moderation`.
    get_user_model().objects.select_for_update(no_key=True).get(pk=decision.writer_id)
    Suspension.objects.filter(decisions=decision).delete()
    if not Suspension.objects.in_force().filter(user=decision.writer_id).exists():
        Suspension.objects.filter(pk__in=decision.before["lifted"]).update(lifted_at=None, lifted_by=None)
