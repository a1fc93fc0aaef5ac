"""Moderate the demo's comments with the services of the queue, and backdate the decisions."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from comments.models import Appeal, Comment, Decision, Report, Suspension
from comments.services import appeal_against, approve, decide, delete_own, report_comment
from comments.services.picks import pick
from subscriptions.models import User
from truthlytics.web.types import Content

Kind = Decision.Kind
APPROVED_AFTER = timedelta(minutes=4)
DECIDED_AFTER = timedelta(minutes=40)
APPEALED_AFTER = timedelta(hours=5)


def moderate(comment: Comment, fields: Content, users: Mapping[str, User], written_at: datetime) -> None:
    """Apply the decisions in `fields` to `comment`. If `pending`, it waits in the queue."""
    if fields.get("pending"):
        return
    moderator, decided_at = users["moderator"], written_at + DECIDED_AFTER
    approve(comments=[comment], by=moderator)
    Comment.objects.filter(pk=comment.pk).update(approved_at=written_at + APPROVED_AFTER)
    if reason := fields.get("removed"):
        decide(comment=comment, kind=Kind.REMOVE, by=moderator, reason=reason)
    if reason := fields.get("asked"):
        decide(comment=comment, kind=Kind.ASK, by=moderator, reason=reason)
        Comment.objects.filter(pk=comment.pk).update(edit_requested_at=decided_at)
    if place := fields.get("picked"):
        pick(comment=comment, by=users["editor"], beside=place == "beside")
        Comment.objects.filter(pk=comment.pk).update(picked_at=decided_at)
    if suspended := fields.get("suspended"):
        suspend(comment, suspended, moderator, decided_at)
    if fields.get("deleted"):
        delete_own(comment=comment)
    for report in fields.get("reports", []):
        report_comment(
            comment=comment, reporter=users[report["by"]], reason=report["reason"], words=report.get("words", "")
        )
    backdate(comment, written_at, decided_at)


def suspend(comment: Comment, fields: Content, moderator: User, decided_at: datetime) -> None:
    """Suspend the writer, and appeal against it."""
    until = decided_at + timedelta(days=fields["days"])
    decision = decide(comment=comment, kind=Kind.SUSPEND, by=moderator, reason=fields["reason"], until=until)
    Suspension.objects.filter(decisions=decision).update(created_at=decided_at)
    appeal = appeal_against(decision=decision, text=fields["appeal"].strip())
    Appeal.objects.filter(pk=appeal.pk).update(created_at=decided_at + APPEALED_AFTER)


def backdate(comment: Comment, written_at: datetime, decided_at: datetime) -> None:
    """Backdate the decisions and reports about `comment`. The writers count as emailed."""
    decisions = Decision.objects.filter(comment=comment)
    decisions.filter(kind=Kind.APPROVE).update(created_at=written_at + APPROVED_AFTER)
    decisions.exclude(kind=Kind.APPROVE).update(created_at=decided_at, emailed_at=decided_at)
    Comment.objects.filter(pk=comment.pk).exclude(removed_at=None).update(removed_at=decided_at)
    Report.objects.filter(comment=comment).update(created_at=decided_at)
