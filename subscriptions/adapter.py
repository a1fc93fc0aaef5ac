"""The only code that knows allauth."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.models import EmailAddress
from allauth.account.signals import email_changed, email_confirmed
from allauth.core.exceptions import ImmediateHttpResponse
from django.conf import settings
from django.db import IntegrityError, transaction
from django.dispatch import receiver
from django.http import HttpRequest
from django.shortcuts import redirect
from django.template.loader import render_to_string
from django.utils import timezone

from subscriptions.models import User
from truthlytics.web.mail import send_letter
from truthlytics.web.rate_limits import client_address

# allauth's name of a letter: ours. All others are sent with allauth's words on our paper.
LETTERS = {
    "account/email/email_confirmation": "confirm_address",
    "account/email/email_confirmation_signup": "confirm_address",
    "account/email/login_code": "login_code",
    "account/email/account_already_exists": "account_exists",
    "account/email/unknown_account": "unknown_account",
    "account/email/password_reset_key": "password_reset",
}


class AccountAdapter(DefaultAccountAdapter):
    error_messages = DefaultAccountAdapter.error_messages | {
        "email_password_mismatch": "This address and this password do not belong together.",
        "incorrect_code": "This is not the code that we sent. Look into the newest letter.",
        "too_many_login_attempts": "Too many tries. Wait a few minutes, or log in with a code by e-mail.",
        "rate_limited": "Too many tries. Please wait a minute.",
    }

    def get_client_ip(self, request: HttpRequest) -> str:
        """As everywhere on the site: what our own proxies saw; a household with a /64 counts as one."""
        address = client_address(request).partition("/")[0]
        return "0.0.0.0" if address == "unknown" else address  # noqa: S104 - all who have none share one

    def save_user(self, request: HttpRequest, user: Any, form: Any, commit: bool = True) -> Any:
        """A double click makes one account: the second click is sent where the first one went."""
        user.display_name = form.cleaned_data.get("display_name", "")
        try:
            with transaction.atomic():
                return super().save_user(request, user, form, commit=commit)
        except IntegrityError as error:
            raise ImmediateHttpResponse(redirect("account_email_verification_sent")) from error

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """By a task, on our paper; what allauth alone has words for is wrapped as it is."""
        letter = LETTERS.get(template_prefix)
        if letter is None:
            letter = "account_notice"
            full = {"email": email, "request": self.request, "site_url": settings.SITE_URL, **context}
            subject = render_to_string(f"{template_prefix}_subject.txt", full)
            text = render_to_string(f"{template_prefix}_message.txt", full)
            context = {"subject": " ".join(subject.split()), "text": text.strip()}
        send_letter(letter, to=email, context={key: context[key] for key in context if key != "request"})


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
