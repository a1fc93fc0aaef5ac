"""Values that several answers have."""

from typing import Any

from articles.presenters.machine_texts import LEVELS
from articles.seo.meta import absolute_url
from subscriptions.services.access import STAFF
from truthlytics.web.types import JsonObject

# What members of the newsroom with access to all articles may read.
STAFF_LEVEL = "all"


def level_name(level: int) -> str:
    """Return the name of a level: that of an article, or what a reader may read."""
    return STAFF_LEVEL if level == STAFF else LEVELS.get(level, str(level))


def named(row: Any, name: str = "", text: str = "") -> JsonObject:
    """Return what lists say of something with a page: its name, by default its own, and a sentence."""
    url = absolute_url(row.get_absolute_url())
    return {"name": name or row.name, "slug": row.slug, "url": url, "text": text}
