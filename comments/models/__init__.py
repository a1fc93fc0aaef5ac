from comments.models.comments import FLAT, LEVEL, Comment, CommentQuerySet, Revision
from comments.models.reports import Report, open_reports
from comments.models.threads import Thread

__all__ = ["FLAT", "LEVEL", "Comment", "CommentQuerySet", "Thread", "Report", "Revision", "open_reports"]
