"""Signal handlers and checks that connect apps which do not import each other."""

from typing import Any

from django.core.checks import CheckMessage, Error, register
from django.dispatch import receiver

from articles.access import Level
from articles.models import Article, ReadCount
from articles.signals import version_published
from subscriptions.models.catalog import TierLevel
from truthlytics.cache import invalidation
from truthlytics.web.read_counter import READ_COUNTER

invalidation.connect_signals()
READ_COUNTER.save = ReadCount.objects.add


@receiver(version_published)
def purge_published(article: Article, **kwargs: Any) -> None:
    """Purge the article's pages. Also sent when a queryset update, which sends no `post_save`, hides or shows it."""
    invalidation.invalidate(*invalidation.article_tags(article.pk), *invalidation.list_tags(article.pk))


@register()
def check_tier_levels(**kwargs: Any) -> list[CheckMessage]:
    """Every tier's level must be one that articles can require."""
    unknown = sorted(set(TierLevel.values) - set(Level.values))
    if not unknown:
        return []
    hint = "Use the same values in articles.access.Level and subscriptions.models.catalog.TierLevel."
    return [Error(f"No article can require the tier level {unknown[0]}.", hint=hint, id="truthlytics.E002")]
