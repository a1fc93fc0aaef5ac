"""Admin of comments: moderation, decisions and appeals, and comment settings of articles."""

from comments.admin import appeals, comments, decisions, suspensions, threads

__all__ = ["appeals", "comments", "decisions", "suspensions", "threads"]
