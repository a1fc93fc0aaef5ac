from .comments import FLAT, LEVEL, Comment, CommentQuerySet, Revision
from .conversations import Conversation
from .reports import Report, open_reports

__all__ = ["FLAT", "LEVEL", "Comment", "CommentQuerySet", "Conversation", "Report", "Revision", "open_reports"]
