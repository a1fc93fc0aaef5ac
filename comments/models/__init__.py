from comments.models.comments import MAX_PATH_LENGTH, STEP_LENGTH, Comment, CommentQuerySet, Revision
from comments.models.reports import Report, open_reports
from comments.models.threads import Thread

__all__ = [
    "MAX_PATH_LENGTH",
    "STEP_LENGTH",
    "Comment",
    "CommentQuerySet",
    "Report",
    "Revision",
    "Thread",
    "open_reports",
]
