"""Following authors, dossiers and the like, and turning the emails about them off and on."""

from collections.abc import Collection
from datetime import datetime, timedelta

from django.db import transaction

from truthlytics.newsletters.models import KINDS, Address, Follow, Followed


@transaction.atomic
def follow(*, address: Address, followed: Collection[Followed], frequency: str, now: datetime) -> None:
    """Send new articles of what is `followed` to `address`. Safe to repeat.

    It turns the emails on again if the reader had turned them off. `frequency` is one of Address.Frequency, or "" to
    leave it. What no longer exists is left out.
    """
    # Articles are published at whole seconds: one of this second counts as published after it.
    since = now.replace(microsecond=0) - timedelta(microseconds=1)
    for kind, pk in followed:
        if kind in KINDS and KINDS[kind].model.objects.filter(pk=pk).exists():
            Follow.objects.get_or_create(address=address, **{f"{kind}_id": pk}, defaults={"since": since})
    if followed:
        address.follows_stopped_at = None
        address.followed_until = address.followed_until or since
    if frequency in Address.Frequency:
        address.frequency = frequency
    address.save(update_fields=["follows_stopped_at", "followed_until", "frequency"])


def unfollow(*, address: Address, ids: Collection[int]) -> None:
    """Delete these follows of `address`. Safe to repeat."""
    address.follows.filter(pk__in=ids).delete()


def stop(address: Address, now: datetime) -> None:
    """Send no more emails about what `address` follows, until `resume`. Safe to repeat."""
    Address.objects.filter(pk=address.pk, follows_stopped_at=None).update(follows_stopped_at=now)


def resume(address: Address) -> None:
    """Undo `stop`. Safe to repeat."""
    Address.objects.filter(pk=address.pk).update(follows_stopped_at=None)
