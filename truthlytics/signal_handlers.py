"""Where siblings that do not know each other meet in Python."""

from typing import Any

from django.core.checks import CheckMessage, Error, register
from django.dispatch import receiver

from articles.access import Level
from articles.models import Article, ReadCount
from articles.signals import version_published
from subscriptions.models.catalog import TierLevel
from truthlytics.cache import invalidation
from truthlytics.web.read_counter import READS

invalidation.follow()
READS.keep = ReadCount.objects.add


@receiver(version_published)
def purge_published(article: Article, **kwargs: Any) -> None:
    """Sent after the commit, also for what is withdrawn or put back by an UPDATE that no row's signal tells of."""
    invalidation.changed(*invalidation.of_article(article.pk), *invalidation.of_places(article.pk))


@register()
def tiers_stand_for_levels(**kwargs: Any) -> list[CheckMessage]:
    """What a tier can open must be something that an article can ask for."""
    unknown = sorted(set(TierLevel.values) - set(Level.values))
    if not unknown:
        return []
    hint = "Give articles.access.Level the same numbers as subscriptions' TierLevel."
    return [Error(f"No article can ask for the tier level {unknown[0]}.", hint=hint, id="truthlytics.E002")]
