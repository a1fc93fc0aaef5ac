"""Which variant of an issue an address may get."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db.models import Case, F, PositiveSmallIntegerField, Value, When

from subscriptions.services.access import level_of
from truthlytics.newsletters.models import Issue


def with_variant(addresses: Any, issue: Issue, levels: Iterable[int], now: datetime) -> Any:
    """Annotate `addresses` with `variant`, the highest of `levels` that each may read at `now`.

    Addresses that may not get the newsletter at all are left out.
    """
    rows = addresses.annotate(reader_level=level_of("user", now))
    highest_first = sorted(levels, reverse=True)
    variant = Case(
        *(When(reader_level__gte=level, then=Value(level)) for level in highest_first),
        default=Value(highest_first[-1]),
        output_field=PositiveSmallIntegerField(),
    )
    return rows.filter(reader_level__gte=issue.newsletter.required_level).annotate(variant=variant, address_id=F("pk"))
