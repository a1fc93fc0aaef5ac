"""Deleting an address with all that is known about it."""

from datetime import datetime

from django.db import transaction

from truthlytics.newsletters.models import Address, DeletedAddress
from truthlytics.newsletters.models.addresses import digests_of


@transaction.atomic
def delete_address(address: Address, now: datetime) -> None:
    """Delete `address`, what it signed up for, follows and got. Safe to repeat.

    A digest stays, so that nothing older brings it back. Emails that were sent stay as numbers, and those that wait
    are not sent.
    """
    remember_deleted(address.email, now)
    address.delete()


def remember_deleted(email: str, now: datetime) -> None:
    """Keep a digest of `email`, so that no import brings back what its reader had deleted."""
    DeletedAddress.objects.update_or_create(digest=digests_of(email)[0], defaults={"deleted_at": now})
