"""Keeping the address that gets newsletters the same as that of the reader's account."""

from django.db import transaction

from subscriptions.models import User
from truthlytics.newsletters.models import KINDS, Address, Suppression


@transaction.atomic
def sync_account(user_id: int) -> None:
    """Give an account the newsletters of its confirmed address, or its newsletters that address. Safe to repeat.

    If both the old and the new address get newsletters, the new one gets all of them, and what the reader chose in the
    account wins. That emails to the old address could not be delivered says nothing about the new one.
    """
    user = User.objects.filter(pk=user_id, verified_at__isnull=False, deleted_at=None).first()
    if user is None:
        return
    email = user.email.lower()
    own, other = Address.objects.filter(user=user).first(), Address.objects.with_email(email).first()
    if own is None and other is not None and other.user_id is None:
        Address.objects.filter(pk=other.pk, user=None).update(user=user)
    if own is None or own.email == email or (other is not None and other.user_id is not None):
        return
    if other is not None:
        _merge(other, into=own)
    own.email, own.paused_until = email, None
    if own.suppression == Suppression.BOUNCE:
        own.suppression, own.suppressed_at, own.suppression_detail = "", None, ""
    own.save()


def _merge(other: Address, into: Address) -> None:
    """Move what `other` gets and got to `into`, without what that has too, and delete it."""
    newsletters = into.sign_ups.values("newsletter")
    other.sign_ups.exclude(newsletter__in=newsletters).update(address=into)
    for name in KINDS:
        followed = into.follows.filter(**{f"{name}__isnull": False}).values(name)
        other.follows.filter(**{f"{name}__isnull": False}).exclude(**{f"{name}__in": followed}).update(address=into)
    other.followed_emails.exclude(article__in=into.followed_emails.values("article")).update(address=into)
    other.deliveries.exclude(issue__in=into.deliveries.values("issue")).update(address=into)
    other.events.update(address=into)
    if into.followed_until is None:
        into.followed_until = other.followed_until
    other.delete()
