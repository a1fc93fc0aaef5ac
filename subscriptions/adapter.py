"""The only code that knows allauth."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.models import EmailAddress
from allauth.account.signals import email_changed, email_confirmed
from django.db import transaction
from django.dispatch import receiver
from django.http import HttpRequest
from django.utils import timezone

from subscriptions.models import User


class AccountAdapter(DefaultAccountAdapter):
    def save_user(self, request: HttpRequest, user: Any, form: Any, commit: bool = True) -> Any:
        user.display_name = form.cleaned_data.get("display_name", "")
        return super().save_user(request, user, form, commit=commit)


def user_display(user: Any) -> str:
    return str(user)


@receiver(email_confirmed)
def note_confirmed(sender: Any, email_address: EmailAddress, **kwargs: Any) -> None:
    """The reader has shown that the address is theirs."""
    if email_address.primary:
        User.objects.filter(pk=email_address.user_id).update(verified_at=timezone.now())


@receiver(email_changed)
def note_changed(sender: Any, user: User, to_email_address: EmailAddress, **kwargs: Any) -> None:
    """Another address counts only once it is confirmed itself."""
    verified_at = timezone.now() if to_email_address.verified else None
    User.objects.filter(pk=user.pk).update(verified_at=verified_at)


@transaction.atomic
def confirm_address(*, user: User) -> None:
    """Take the address of `user` as confirmed, without a letter: for accounts that we make ourselves."""
    EmailAddress.objects.filter(user=user).exclude(email__iexact=user.email).delete()
    EmailAddress.objects.update_or_create(
        user=user, email=user.email.lower(), defaults={"verified": True, "primary": True}
    )
    if user.verified_at is None:
        user.verified_at = timezone.now()
        user.save(update_fields=["verified_at"])
