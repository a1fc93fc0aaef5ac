"""The events about comments."""

from comments.models import Comment
from truthlytics.events.models import Event, Kind
from truthlytics.events.services.adding import add_events, new_event

Status = Comment.Status
KINDS = {
    Status.WAITING: Kind.COMMENT_WAITING,
    Status.VISIBLE: Kind.COMMENT_SHOWN,
    Status.REMOVED: Kind.COMMENT_REMOVED,
}


def status_changed(comment: Comment) -> None:
    """Record that `comment` is shown, is not shown any more, or waits for a moderator."""
    add_events(event_of(comment, Status(comment.status)))


def event_of(comment: Comment, status: Comment.Status) -> Event:
    return new_event(KINDS[status], id=comment.pk, path=comment.get_absolute_url())
