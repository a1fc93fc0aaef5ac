"""Where siblings that do not know each other meet in Python."""

from typing import Any

from django.core.checks import CheckMessage, Error, register

from articles.access import Level
from subscriptions.models.catalog import TierLevel


@register()
def tiers_stand_for_levels(**kwargs: Any) -> list[CheckMessage]:
    """What a tier can open must be something that an article can ask for."""
    unknown = sorted(set(TierLevel.values) - set(Level.values))
    if not unknown:
        return []
    hint = "Give articles.access.Level the same numbers as subscriptions' TierLevel."
    return [Error(f"No article can ask for the tier level {unknown[0]}.", hint=hint, id="truthlytics.E001")]
