"""allauth's forms with our changes. Apart from the others, because allauth's forms import those."""

from typing import Any

from allauth.account import forms as allauth_forms
from allauth.account.adapter import get_adapter
from allauth.core import context
from django.http import HttpRequest

from subscriptions.emails.delivery import send_password_reset
from subscriptions.services.accounts import FAILED_ADDRESS, even_out_lookup
from truthlytics.web.rate_limits import consume_once

# Of a code, as allauth's and our pages count them. A code is valid for a shorter time, in seconds.
MAX_ATTEMPTS, CODE_LIFETIME = 3, 3600


class SignUpForm(allauth_forms.SignupForm):
    def clean_email(self) -> str:
        """Look for no account: the worker does."""
        return str(get_adapter().clean_email(self.cleaned_data["email"].lower()))


class PasswordResetForm(allauth_forms.ResetPasswordForm):
    def clean_email(self) -> str:
        """Look for no account: the worker does."""
        return str(get_adapter().clean_email(self.cleaned_data["email"].lower()))

    def save(self, request: HttpRequest, **kwargs: Any) -> str:
        email: str = self.cleaned_data["email"]
        send_password_reset.enqueue(email)
        return email


class CountedCodeForm(allauth_forms.BaseConfirmCodeForm):
    """Counts an attempt before it compares the code, so that simultaneous requests have three attempts in all too."""

    def clean_code(self) -> str:
        key = f"{context.request.session.session_key} {self.expected_code}"
        if not consume_once("code", key, limit=MAX_ATTEMPTS, seconds=CODE_LIFETIME):
            raise get_adapter().validation_error("incorrect_code")
        return str(super().clean_code())


class ConfirmLoginCodeForm(CountedCodeForm, allauth_forms.ConfirmLoginCodeForm):
    pass


class ConfirmEmailForm(CountedCodeForm, allauth_forms.ConfirmEmailVerificationCodeForm):
    pass


class LoginCodeForm(allauth_forms.RequestLoginCodeForm):
    """Offers the address of a failed attempt again, so that a new code takes one click."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["email"].initial = context.request.session.get(FAILED_ADDRESS, "")

    def clean_email(self) -> str:
        email: str = super().clean_email()
        even_out_lookup(email)
        return email
