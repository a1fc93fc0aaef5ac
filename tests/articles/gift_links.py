"""A gift link for tests."""

from datetime import datetime
from typing import Any

from django.utils import timezone

from articles.models import Article, GiftLink
from articles.services.gift_links import give


def make_gift_link(article: Article, giver: Any, *, at: datetime | None = None) -> GiftLink:
    """A link to `article` from `giver`, created at `at` (default: now)."""
    return give(article=article, giver=giver, level=article.required_level, now=at or timezone.now())
