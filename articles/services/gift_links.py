"""Gift links to gated articles."""

from datetime import datetime

from django.contrib.auth import get_user_model
from django.db import transaction

from articles.models import Article, GiftLink
from articles.models.gift_links import month_of
from truthlytics.web.users import User


class NoneLeftError(Exception):
    """The giver has created as many links this month as one person may."""


@transaction.atomic
def give(*, article: Article, giver: User, level: int, now: datetime) -> GiftLink:
    """Return the giver's valid link to `article`, or create one, which replaces an expired one.

    `level` is what the article requires now. Concurrent calls get the same link, and never more than ten links in a
    month. Raises NoneLeftError. The caller checks that they may give the article.
    """
    # Locked, so that concurrent requests wait instead of violating a constraint, and a deleted account gives nothing.
    locked = get_user_model().objects.select_for_update().get(pk=giver.pk, is_active=True)
    links = GiftLink.objects.of(locked)
    current = links.current().filter(article=article).first()
    if current is not None and current.is_valid(now) and current.level >= level:
        return current
    slot = next(links.free_slots(now), None)
    if slot is None:
        raise NoneLeftError
    if current is not None:
        GiftLink.objects.filter(pk=current.pk).update(replaced_at=now)
    return GiftLink.objects.create(
        article=article, giver=locked, level=level, created_at=now, month=month_of(now), slot=slot
    )
