"""allauth's forms with our changes. Apart from the others, because allauth's forms import those."""

from typing import Any

from allauth.account import forms as allauth_forms
from allauth.account.adapter import get_adapter
from allauth.core import context
from django.http import HttpRequest

from subscriptions.emails.delivery import send_password_reset
from subscriptions.services.accounts import FAILED_ADDRESS, even_out_lookup


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


class LoginCodeForm(allauth_forms.RequestLoginCodeForm):
    """Offers the address of a failed attempt again, so that a new code takes one click."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["email"].initial = context.request.session.get(FAILED_ADDRESS, "")

    def clean_email(self) -> str:
        email: str = super().clean_email()
        even_out_lookup(email)
        return email
