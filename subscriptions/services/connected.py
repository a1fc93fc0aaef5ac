"""Logins with other accounts: begin an account with one, and remove one."""

from allauth.account.adapter import get_adapter
from allauth.socialaccount.models import SocialAccount
from django.db import transaction

from subscriptions.models import LoginProvider, User
from subscriptions.services.accounts import create_account
from truthlytics.audit.log import log_action


class AddressTaken(Exception):
    """There is an account with this address by now."""


class StillRequired(Exception):
    """A role of the account needs this login."""


@transaction.atomic
def create_with(*, provider: str, uid: str, email: str, display_name: str, password: str) -> User:
    """Return a new account with an address that the provider has confirmed. `password` is a hash.

    Called again with the same login, because of a double click, it returns the same account. Raises AddressTaken if the
    address belongs to another one.
    """
    existing = SocialAccount.objects.filter(provider=provider, uid=uid).select_related("user").first()
    if existing is not None:
        user: User = existing.user
        return user
    if User.objects.filter(email__iexact=email).exists():
        raise AddressTaken
    created = create_account(email=email, display_name=display_name, password=password)
    SocialAccount.objects.get_or_create(provider=provider, uid=uid, defaults={"user": created})
    return created


@transaction.atomic
def remove(*, connected: SocialAccount, user: User) -> None:
    """Remove the login of `user` with another account, and tell them by email.

    A code by email is always left. Raises StillRequired if a role closes all other ways.
    """
    required = LoginProvider.objects.required_for(user)
    if any(provider.slug == connected.provider for provider in required):
        raise StillRequired
    name = LoginProvider.objects.name_of(connected.provider)
    connected.delete()
    note_for_staff(user, f"{name} disconnected")
    context = {"provider": name}
    get_adapter().send_notification_mail("socialaccount/email/account_disconnected", user, context=context)


def note_for_staff(user: User, message: str) -> None:
    """Add to the audit log what happened to the logins of a member of staff."""
    if user.is_staff:
        log_action(by=user, row=user, message=message)
