"""Approving and removing comments, asking for an edit, and suspending writers."""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from django.contrib.auth import get_user_model
from django.db import transaction
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from comments.models import Comment, Decision, Suspension, Thread, open_reports
from comments.models.comments import CommentQuerySet, is_own
from comments.models.decisions import MAX_REASON_LENGTH
from comments.services.comment_events import status_changed
from comments.services.decisions import STATE_FIELDS, AlreadyDecided, record_decision, state_of
from comments.services.notifications import create_notifications
from truthlytics.web.users import User

Status = Comment.Status
Kind = Decision.Kind


class NotPossible(ValueError):
    """The decision cannot be made about this comment or its writer; `message` says why."""

    def __init__(self, message: str | Promise) -> None:
        super().__init__(message)
        self.message = message


@dataclass(frozen=True, slots=True)
class BulkResult:
    """How many comments were changed, and how many were left: the moderator's own, and those edited since."""

    changed: int = 0
    own: int = 0
    edited: int = 0


@transaction.atomic
def decide(
    *,
    comment: Comment,
    kind: str,
    by: User,
    reason: str = "",
    until: datetime | None = None,
    seen: int | None = None,
) -> Decision:
    """Approve, remove or restore `comment`, ask its writer to edit it, or suspend its writer; record it.

    `until` is the end of a suspension, None until it is lifted. `seen` is the newest decision about the comment that
    the moderator knew (its id, 0 for none): if another moderator has decided since, raises AlreadyDecided; the same
    decision of the same moderator is returned. Raises NotPossible, with a message for the moderator. The writer is
    emailed once the decision can no longer be undone.
    """
    reason = " ".join(reason.split())
    locked = Comment.objects.lock().select_related("author").get(pk=comment.pk)
    newest = None if seen is None else _newest_since(seen, locked)
    if newest is not None and newest.by_id != by.pk:
        raise AlreadyDecided(newest)
    if newest is not None and newest.kind == kind:
        return newest
    if kind not in _DECISIONS:
        raise NotPossible(_("There is no such decision."))
    check_decider(locked.author_id, by)
    if kind in NEEDS_REASON and not reason:
        raise NotPossible(_("Give a reason."))
    if len(reason) > MAX_REASON_LENGTH:
        raise NotPossible(_("The reason is too long."))
    if kind == Kind.SUSPEND:
        return _suspend(locked, by, reason, until)
    return _DECISIONS[kind](locked, by, reason)


@transaction.atomic
def approve(*, comments: Collection[Comment], by: User, seen: Mapping[int, str] | None = None) -> BulkResult:
    """Make `comments` visible, whether waiting or removed, and dismiss reports of visible ones.

    `seen` has the `edited_token` of each comment as the moderator saw it. Leaves out those edited since, and the
    moderator's own. Safe to call twice, and by two moderators at once: each comment is counted once.
    """
    approved = own = edited = 0
    chosen = Comment.objects.filter(pk__in=[comment.pk for comment in comments])
    reported = set(chosen.filter(open_reports()).values_list("pk", flat=True))
    for comment in _locked(comments):
        unchanged = comment.is_visible and comment.pk not in reported
        if unchanged or comment.is_deleted_by_author or not comment.text:
            continue
        if is_own(comment.author_id, by):
            own += 1
        elif seen is not None and seen.get(comment.pk) != comment.edited_token:
            edited += 1
        else:
            _approve(comment, by, "")
            approved += 1
    return BulkResult(approved, own, edited)


@transaction.atomic
def remove(*, comments: Iterable[Comment], by: User, reason: str) -> BulkResult:
    """Remove `comments`, except the moderator's own, for a `reason` that is shown in their place.

    The authors are emailed later. Safe to call twice. Raises NotPossible without a reason.
    """
    reason = " ".join(reason.split())
    if not reason:
        raise NotPossible(_("Give a reason."))
    removed = own = 0
    for comment in _locked(comments).exclude(status=Status.REMOVED):
        if is_own(comment.author_id, by):
            own += 1
        else:
            _remove(comment, by, reason)
            removed += 1
    return BulkResult(removed, own)


@transaction.atomic
def lift_suspension(*, suspension: Suspension, by: User, reason: str = "") -> bool:
    """End a suspension early. Returns False if it is not in force. Safe to call twice.

    Raises NotPossible for the moderator's own suspension.
    """
    check_decider(suspension.user_id, by)
    locked = Suspension.objects.select_for_update(of=("self",)).select_related("user").get(pk=suspension.pk)
    if not locked.is_in_force():
        return False
    locked.lifted_at, locked.lifted_by = timezone.now(), by
    locked.save(update_fields=["lifted_at", "lifted_by"])
    record_decision(kind=Kind.LIFT, by=by, suspension=locked, reason=reason)
    return True


def check_decider(writer_id: int | None, by: User) -> None:
    """Raise NotPossible if `by` would decide about what they wrote themselves."""
    if is_own(writer_id, by):
        raise NotPossible(_("You wrote this comment. Another moderator has to decide about it."))


def _newest_since(seen: int, comment: Comment) -> Decision | None:
    """Return the newest decision after `seen`. Picks are ignored: they do not conflict with moderation."""
    later = Decision.objects.not_undone().filter(comment=comment, pk__gt=seen)
    return later.exclude(kind__in=[Kind.PICK, Kind.UNPICK]).first()


def restore_after_appeal(*, decision: Decision, by: User, reason: str) -> bool:
    """Restore the comment that `decision` removed. Returns False if it was restored or removed again since."""
    comment = _locked([decision.comment] if decision.comment else []).first()
    if comment is None or not comment.is_removed or comment.is_deleted_by_author:
        return False
    was_removed_before = decision.before.get("comment", {}).get("status") == Status.REMOVED
    later = Decision.objects.not_undone().filter(comment=comment, kind__in=[Kind.REMOVE, Kind.SUSPEND])
    if was_removed_before or later.filter(pk__gt=decision.pk).exists():
        return False
    _approve(comment, by, reason)
    return True


def _locked(comments: Iterable[Comment]) -> CommentQuerySet:
    ids = sorted(comment.pk for comment in comments)
    chosen = Comment.objects.lock().filter(pk__in=ids)
    return chosen.select_related("author").order_by("pk")


def _approve(comment: Comment, by: User, reason: str) -> Decision:
    if comment.is_deleted_by_author:
        raise NotPossible(_("Its author has deleted this comment."))
    if not comment.text:
        raise NotPossible(_("The text was deleted with the account."))
    before, was_visible = state_of(comment), comment.is_visible
    kind = Kind.RESTORE if comment.is_removed else Kind.APPROVE
    comment.status, comment.hold = Status.VISIBLE, ""
    comment.edit_requested_at, comment.edit_request = None, ""
    # Dismisses earlier reports.
    comment.approved_at, comment.approved_by = timezone.now(), by
    comment.removed_at, comment.removed_by, comment.removed_reason = None, None, ""
    _save(comment, was_visible)
    if not was_visible:
        create_notifications(comment)
    return record_decision(kind=kind, by=by, comment=comment, before=before, reason=reason)


def _remove(comment: Comment, by: User, reason: str) -> Decision:
    if comment.is_removed:
        raise NotPossible(_("This comment has already been removed."))
    before = state_of(comment)
    _hide(comment, by, reason)
    return record_decision(kind=Kind.REMOVE, by=by, comment=comment, before=before, reason=reason)


def _ask(comment: Comment, by: User, reason: str) -> Decision:
    """Hide the comment until its writer has edited it and a moderator has looked at it again."""
    if comment.is_removed:
        raise NotPossible(_("This comment has already been removed."))
    _writer_of(comment)
    before, was_visible = state_of(comment), comment.is_visible
    comment.status, comment.edit_requested_at, comment.edit_request = Status.WAITING, timezone.now(), reason
    comment.clear_pick()
    _save(comment, was_visible)
    return record_decision(kind=Kind.ASK, by=by, comment=comment, before=before, reason=reason)


def _suspend(comment: Comment, by: User, reason: str, until: datetime | None) -> Decision:
    """Suspend the writer, ending earlier suspensions, and remove the comment for the same reason."""
    now = timezone.now()
    writer = _writer_of(comment)
    if writer.is_staff:
        raise NotPossible(_("Staff can’t be suspended. Change their role instead."))
    if until is not None and until <= now:
        raise NotPossible(_("Choose an end in the future."))
    # Locked so that a writer has one suspension at a time: that of the second moderator replaces the first.
    get_user_model().objects.select_for_update(no_key=True).get(pk=writer.pk)
    earlier = Suspension.objects.in_force(now).filter(user=writer)
    lifted = list(earlier.values_list("pk", flat=True))
    Suspension.objects.filter(pk__in=lifted).update(lifted_at=now, lifted_by=by)
    suspension = Suspension.objects.create(user=writer, reason=reason, created_at=now, until=until, by=by)
    before = state_of(comment)
    if not comment.is_removed:
        _hide(comment, by, reason)
    return record_decision(
        kind=Kind.SUSPEND, by=by, comment=comment, before=before, reason=reason, suspension=suspension, lifted=lifted
    )


def _writer_of(comment: Comment) -> User:
    """Return the account of its writer. Raises NotPossible if there is none."""
    if comment.is_imported:
        raise NotPossible(_("This comment was imported. Its writer has no account here."))
    if comment.author is None:
        raise NotPossible(_("The account of its writer has been deleted."))
    return comment.author


def _hide(comment: Comment, by: User, reason: str) -> None:
    was_visible = comment.is_visible
    comment.status, comment.removed_at, comment.removed_by = Status.REMOVED, timezone.now(), by
    comment.removed_reason = reason
    comment.edit_requested_at, comment.edit_request = None, ""
    comment.clear_pick()
    _save(comment, was_visible)


def _save(comment: Comment, was_visible: bool) -> None:
    comment.save(update_fields=STATE_FIELDS)
    if comment.is_visible != was_visible:
        Thread.objects.count_change(comment.article_id, 1 if comment.is_visible else -1)
        status_changed(comment)


NEEDS_REASON = {Kind.REMOVE, Kind.ASK, Kind.SUSPEND}
_DECISIONS: dict[str, Callable[..., Decision]] = {
    Kind.APPROVE: _approve,
    Kind.RESTORE: _approve,
    Kind.REMOVE: _remove,
    Kind.ASK: _ask,
    Kind.SUSPEND: _suspend,
}
