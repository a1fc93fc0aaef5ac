"""Undoing a change of an account's email address, by a link sent to the old address.

Anyone who takes over an account changes its address first, so that the owner can no longer log in with a code.
"""

from datetime import datetime, timedelta

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from django.core import signing
from django.db import transaction
from django.utils import timezone

from subscriptions.models import EmailChange, User
from subscriptions.services.accounts import mark_email_verified
from subscriptions.services.signals import account_taken_back

UNDOABLE_FOR = timedelta(days=7)
# Passkeys, authenticator apps and connected accounts as old as this, before the change, may be of the one who changed
# the address.
SUSPECT = timedelta(days=1)
SALT = "subscriptions.email_changes"


class AddressTaken(Exception):
    """Another account has the old address by now."""


def record_change(user: User, *, old: str, new: str) -> EmailChange:
    """Record that `user` has a new address. `old` must have been confirmed: its owner can undo the change."""
    return EmailChange.objects.create(user=user, old_email=old, new_email=new)


def token_for(change: EmailChange) -> str:
    """Return a token with which `change` can be undone once, as long as `change_for` returns it."""
    return signing.dumps(change.pk, salt=SALT)


def change_for(token: str) -> EmailChange | None:
    """Return the change that `token` was made for; None if it is invalid, too old, or undone."""
    try:
        pk = signing.loads(token, salt=SALT, max_age=UNDOABLE_FOR)
    except signing.BadSignature:
        return None
    return EmailChange.objects.filter(pk=pk, undone_at=None, user__is_active=True).select_related("user").first()


@transaction.atomic
def undo_change(*, change: EmailChange) -> bool:
    """Give the account its old address back, and shut out everyone who has got into it.

    Undoes the changes after this one too. The password is removed, and so are passkeys, authenticator apps, recovery
    codes and connected accounts made since the day before the change: the owner logs in with a code, which is sent to
    the old address. A new password hash ends all sessions. Receivers of `account_taken_back` end other ways in. Returns
    False if the change was undone before. Raises AddressTaken.
    """
    user = User.objects.select_for_update(no_key=True).get(pk=change.user_id)
    later = EmailChange.objects.filter(user=user, undone_at=None, pk__gte=change.pk)
    if not later.filter(pk=change.pk).exists():
        return False
    if User.objects.filter(email__iexact=change.old_email).exclude(pk=user.pk).exists():
        raise AddressTaken
    later.update(undone_at=timezone.now())
    user.email = change.old_email
    user.set_unusable_password()
    user.save(update_fields=["email", "password"])
    # Also of another account, which has not confirmed it.
    EmailAddress.objects.filter(email__iexact=change.old_email, verified=False).delete()
    mark_email_verified(user=user)
    Authenticator.objects.filter(user=user, created_at__gte=change.changed_at - SUSPECT).delete()
    SocialAccount.objects.filter(user=user, date_joined__gte=change.changed_at - SUSPECT).delete()
    account_taken_back.send(User, user=user)
    return True


def delete_old(now: datetime) -> int:
    """Delete changes that can no longer be undone, and with them the old addresses. Returns how many."""
    return EmailChange.objects.filter(changed_at__lt=now - UNDOABLE_FOR).delete()[0]
