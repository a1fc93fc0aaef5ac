"""Signals that other apps receive."""

from django.dispatch import Signal

# What readers get of an article has changed, or will change at `version.public_from`. Also sent when an article is
# withdrawn, restored or unscheduled, and when the text of a version was removed. Sent after commit. Arguments:
# `article` (Article), `version` (Version).
version_published = Signal()
