"""Services for comments: what changes several rows or must happen exactly once."""

from comments.services.deletion import DELETED_BY_AUTHOR, delete_own, release_comments
from comments.services.moderation import approve, remove
from comments.services.posting import AlreadyPosted, EditWindowClosed, edit_comment, post_comment, posted_before
from comments.services.reports import report_comment

__all__ = [
    "DELETED_BY_AUTHOR",
    "AlreadyPosted",
    "EditWindowClosed",
    "approve",
    "delete_own",
    "edit_comment",
    "post_comment",
    "posted_before",
    "release_comments",
    "remove",
    "report_comment",
]
