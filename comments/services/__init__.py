"""Services for comments: changes to several rows, and those that must happen exactly once."""

from comments.services.appeals import AlreadyAnswered, AlreadyAppealed, answer_appeal, appeal_against
from comments.services.decisions import AlreadyDecided, record_decision, state_of, undo_decision
from comments.services.deletion import DELETED_BY_AUTHOR, delete_own, release_comments
from comments.services.moderation import BulkResult, NotPossible, approve, decide, lift_suspension, remove
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
