"""Admin of comments: moderation, and comment settings of articles."""

from comments.admin import comments, threads

__all__ = ["comments", "threads"]
