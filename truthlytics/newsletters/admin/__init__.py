"""Newsletters in the newsroom: their settings, issues and readers."""

from truthlytics.newsletters.admin import issues, newsletters, readers

__all__ = ["issues", "newsletters", "readers"]
