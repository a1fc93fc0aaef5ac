"""Accounts: sign-up, and the confirmation of addresses."""

from allauth.account.models import EmailAddress
from django.db import transaction
from django.utils import timezone

from subscriptions.models import User
from truthlytics.events.models import Kind
from truthlytics.events.services.adding import add_events, new_event

# Keys of the session: a sign-up that waits for its code, when its code was entered (seconds since 1970), the
# address that a login code was sent to last, and the address of a login that ended with too many wrong codes.
SIGN_UP, SIGNED_UP_AT = "sign_up", "signed_up_at"
LOGIN_ADDRESS, FAILED_ADDRESS = "login_code_sent_to", "login_code_address"


@transaction.atomic
def create_account(*, email: str, display_name: str, password: str) -> User:
    """Return a new account with a confirmed address. `password` is a hash.

    If there is an account by now, because of a double click, it is returned as it is.
    """
    values = {"display_name": display_name, "password": password}
    user, _created = User.objects.get_or_create(email=email, defaults=values)
    mark_email_verified(user=user)
    return user


@transaction.atomic
def mark_email_verified(*, user: User) -> None:
    """Mark the address of `user` as confirmed without sending an email."""
    EmailAddress.objects.filter(user=user).exclude(email__iexact=user.email).delete()
    EmailAddress.objects.update_or_create(
        user=user, email=user.email.lower(), defaults={"verified": True, "primary": True}
    )
    if user.verified_at is None:
        user.verified_at = timezone.now()
        user.save(update_fields=["verified_at"])
        add_events(new_event(Kind.READER_CONFIRMED, reader=user.pk))


def even_out_lookup(email: str) -> None:
    """Make allauth's search for an account take as long for every address.

    It reads the table of users only if no confirmed address matches.
    """
    if EmailAddress.objects.filter(email=email.lower(), verified=True).exists():
        # As allauth reads them, which on PostgreSQL opens a cursor.
        list(User.objects.filter(email=email.lower()).iterator())
