"""Invite someone to the newsroom: one account with its roles, and one email with a link that logs them in."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import timedelta

from django.contrib.auth.models import Group
from django.core import signing
from django.db import transaction
from django.urls import reverse

from subscriptions import emails
from subscriptions.models import User
from subscriptions.services.accounts import mark_email_verified
from subscriptions.services.roles import add_roles, assignable_roles
from truthlytics.web.rate_limits import consume_once

LIFETIME = timedelta(days=7)
# In seconds. Within this time, another click does not send the same invitation again.
BETWEEN_INVITATIONS = 60
SALT = "subscriptions.invitations"


class AcceptedError(Exception):
    """The invitation was accepted in the meantime."""


@dataclass(frozen=True, slots=True)
class Invited:
    """The account. `created` and `emailed` say what the invitation changed."""

    user: User
    created: bool
    emailed: bool


@transaction.atomic
def invite(*, email: str, display_name: str, roles: Collection[Group], by: User) -> Invited:
    """Give the account with this address `roles` too, among those that `by` may assign. Creates it if there is none.

    Someone who has not logged in yet gets an invitation, also when invited again, but not for a second click. Others
    get an email with their roles, if those changed; the name of an existing account stays. Callers check
    `role_change_refusal` for an existing account. Raises IntegrityError if another request has just created the
    account.
    """
    user = User.objects.filter(email__iexact=email).first()
    created = user is None
    if user is None:
        user = User(email=email.lower(), display_name=display_name)
        user.set_unusable_password()
        user.save()
    invited = is_invited(user)
    changed = add_roles(user=user, roles=set(roles) & set(assignable_roles(by)), notify=not invited)
    emailed = changed
    if invited:
        names = sorted(group.name for group in user.groups.all())
        is_first_click = consume_once("invitation", f"{user.pk} {names}", limit=1, seconds=BETWEEN_INVITATIONS)
        if emailed := is_first_click or created:
            url = reverse("subscriptions:invitation", args=[token_for(user)])
            emails.invitation(user, names, url=url, by=by)
    return Invited(user, created, emailed)


def is_invited(user: User) -> bool:
    """Return whether `user` has never logged in, and has no password that someone else could have set."""
    return user.last_login is None and user.verified_at is None and not user.has_usable_password()


def token_for(user: User) -> str:
    """Return a token with which `user` logs in once, as long as `invited_user` returns them."""
    return signing.dumps([user.pk, user.email], salt=SALT)


def invited_user(token: str) -> User | None:
    """Return the user that `token` was made for; None if it is invalid, too old, used or no longer meant.

    It ends with the first login, with another address, and when the user has no role any more.
    """
    try:
        pk, email = signing.loads(token, salt=SALT, max_age=LIFETIME)
    except (signing.BadSignature, ValueError, TypeError):
        return None
    user = User.objects.filter(pk=pk, email=email, is_active=True, is_staff=True).first()
    return user if user is not None and is_invited(user) else None


@transaction.atomic
def accept(*, user: User, password: str) -> User:
    """Confirm the address of an invited user, whom the link reached, and set `password` unless it is "".

    Raises AcceptedError if the invitation was accepted in the meantime.
    """
    locked = User.objects.select_for_update(no_key=True).get(pk=user.pk)
    if not is_invited(locked):
        raise AcceptedError
    if password:
        locked.set_password(password)
        locked.save(update_fields=["password"])
    mark_email_verified(user=locked)
    return locked
