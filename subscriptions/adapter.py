"""allauth adapter and signal receivers."""

from datetime import timedelta
from typing import Any

from allauth.account import app_settings
from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.models import EmailAddress
from allauth.account.signals import email_changed, email_confirmed
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.mfa.adapter import DefaultMFAAdapter
from django.conf import settings
from django.db import IntegrityError, transaction
from django.dispatch import receiver
from django.http import HttpRequest
from django.shortcuts import redirect
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from subscriptions.models import User
from truthlytics.publication import get_publication
from truthlytics.web.mail import LIFETIME, send_email
from truthlytics.web.rate_limits import client_ip

# allauth email templates that we replace with our own. Others keep allauth's text in our layout.
EMAIL_TEMPLATES = {
    "account/email/email_confirmation": "confirm_email",
    "account/email/email_confirmation_signup": "confirm_email",
    "account/email/login_code": "login_code",
    "account/email/account_already_exists": "account_exists",
    "account/email/unknown_account": "unknown_account",
    "account/email/password_reset_key": "password_reset",
}
# A code that arrives after its time is of no use.
CODE_LIFETIMES = {
    "confirm_email": timedelta(seconds=app_settings.EMAIL_VERIFICATION_BY_CODE_TIMEOUT),
    "login_code": timedelta(seconds=app_settings.LOGIN_BY_CODE_TIMEOUT),
}


class AccountAdapter(DefaultAccountAdapter):
    error_messages = DefaultAccountAdapter.error_messages | {
        "email_password_mismatch": _("Wrong email or password."),
        "incorrect_code": _("That code is incorrect. Use the code in the latest email."),
        "too_many_login_attempts": _("Too many attempts. Wait a few minutes, or log in with a code by email."),
        "rate_limited": _("Too many attempts. Please wait a minute."),
    }

    def get_client_ip(self, request: HttpRequest) -> str:
        """Return the client address as seen by trusted proxies; an IPv6 /64 counts as one client."""
        address = client_ip(request).partition("/")[0]
        return "0.0.0.0" if address == "unknown" else address  # noqa: S104 - clients without an address share one

    def save_user(self, request: HttpRequest, user: Any, form: Any, commit: bool = True) -> Any:
        """Save the user. A double click creates one account: the second request is redirected like the first."""
        user.display_name = form.cleaned_data.get("display_name", "")
        try:
            with transaction.atomic():
                return super().save_user(request, user, form, commit=commit)
        except IntegrityError as error:
            raise ImmediateHttpResponse(redirect("account_email_verification_sent")) from error

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Queue the email in our own layout, with allauth's text where we have none."""
        template = EMAIL_TEMPLATES.get(template_prefix)
        if template is None:
            template = "account_notice"
            full = {"email": email, "request": self.request, "site_url": settings.SITE_URL, **context}
            subject = render_to_string(f"{template_prefix}_subject.txt", full)
            text = render_to_string(f"{template_prefix}_message.txt", full)
            context = {"subject": " ".join(subject.split()), "text": text.strip()}
        send_email(
            template,
            to=email,
            context={key: context[key] for key in context if key != "request"},
            lifetime=CODE_LIFETIMES.get(template, LIFETIME),
        )


class MFAAdapter(DefaultMFAAdapter):
    """Authenticator apps and passkey managers show the publication's name."""

    def get_totp_issuer(self) -> str:
        return get_publication().name

    def get_public_key_credential_rp_entity(self) -> dict[str, str]:
        return super().get_public_key_credential_rp_entity() | {"name": get_publication().name}


def user_display(user: Any) -> str:
    return str(user)


@receiver(email_confirmed)
def set_verified(sender: Any, email_address: EmailAddress, **kwargs: Any) -> None:
    """Mark the user's email address as verified."""
    if email_address.primary:
        User.objects.filter(pk=email_address.user_id).update(verified_at=timezone.now())


@receiver(email_changed)
def clear_verified(sender: Any, user: User, to_email_address: EmailAddress, **kwargs: Any) -> None:
    """Clear the verification when the address changes."""
    verified_at = timezone.now() if to_email_address.verified else None
    User.objects.filter(pk=user.pk).update(verified_at=verified_at)


@transaction.atomic
def mark_email_verified(*, user: User) -> None:
    """Mark the address of `user` as confirmed without sending an email, for accounts created by staff or the demo."""
    EmailAddress.objects.filter(user=user).exclude(email__iexact=user.email).delete()
    EmailAddress.objects.update_or_create(
        user=user, email=user.email.lower(), defaults={"verified": True, "primary": True}
    )
    if user.verified_at is None:
        user.verified_at = timezone.now()
        user.save(update_fields=["verified_at"])
