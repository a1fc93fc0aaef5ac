"""Services for comments: changes to several rows, and those that must happen exactly once."""

from comments.services.appeals import AlreadyAnswered, AlreadyAppealed, answer, appeal_against
from comments.services.decisions import AlreadyDecided, record, state_of, undo
from comments.services.deletion import DELETED_BY_AUTHOR, delete_own, release_comments
from comments.services.moderation import NotPossible, approve, decide, lift, remove
from comments.services.posting import (
    AlreadyPosted,
    EditWindowClosed,
    TooSoon,
    edit_comment,
    post_comment,
    posted_before,
)
from comments.services.quotes import refresh_quotes
from comments.services.reports import report_comment
from comments.services.writer_emails import email_writers

__all__ = [
    "DELETED_BY_AUTHOR",
    "AlreadyAnswered",
    "AlreadyAppealed",
    "AlreadyDecided",
    "AlreadyPosted",
    "EditWindowClosed",
    "NotPossible",
    "TooSoon",
    "answer",
    "appeal_against",
    "approve",
    "decide",
    "delete_own",
    "edit_comment",
    "email_writers",
    "lift",
    "post_comment",
    "posted_before",
    "record",
    "refresh_quotes",
    "release_comments",
    "remove",
    "report_comment",
    "state_of",
    "undo",
]
