"""The one thing that articles tell the rest of the house."""

from django.dispatch import Signal

# Sent after the change is committed. Arguments: `article` (Article), `version` (Version). What readers get
# has changed, or will change at `version.public_from`; also sent when an article is withdrawn or restored.
version_published = Signal()
