"""Emails to readers about comments."""

from comments.models import Comment


def comment_shown(comment: Comment) -> None:
    """Note who is to be emailed about `comment`, which has just become visible. Call it in that transaction."""
