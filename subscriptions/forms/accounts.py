"""allauth's forms with our changes. Apart from the others, because allauth's forms import those."""

from allauth.account import forms as allauth_forms
from allauth.account.adapter import get_adapter
from allauth.core import context
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from subscriptions.emails.delivery import send_password_reset
from subscriptions.services.accounts import FAILED_ADDRESS, even_out_lookup
from truthlytics.web import unasked_emails
from truthlytics.web.rate_limits import consume_once

# Of a code, as allauth's and our pages count them. A code is valid for a shorter time, in seconds.
MAX_ATTEMPTS, CODE_LIFETIME = 3, 3600
USED_UP = _(
    "Too many codes and links were sent to this address today. Log in with your password or a passkey, or try again "
    "tomorrow. In a browser that you have used before, you can still get a code."
)


def refuse_if_used_up(email: str) -> None:
    """Raise ValidationError if the address gets no more codes and links today. So it is for every address."""
    if unasked_emails.is_used_up(context.request, email):
        raise ValidationError(USED_UP, code="used_up")


class LoginForm(allauth_forms.LoginForm):
    """Begins with the focus in the first field, which is a long way from the top of the page with the keyboard."""

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        if not self.is_bound:
            self.fields["login"].widget.attrs["autofocus"] = True


class SignUpForm(allauth_forms.SignupForm):
    def clean_email(self) -> str:
        """Look for no account: the worker does."""
        email = str(get_adapter().clean_email(self.cleaned_data["email"].lower()))
        refuse_if_used_up(email)
        return email


class PasswordResetForm(allauth_forms.ResetPasswordForm):
    def clean_email(self) -> str:
        """Look for no account: the worker does."""
        email = str(get_adapter().clean_email(self.cleaned_data["email"].lower()))
        refuse_if_used_up(email)
        return email

    def save(self, request: HttpRequest, **kwargs: object) -> str:
        email: str = self.cleaned_data["email"]
        if unasked_emails.may_send(request, email):
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

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self.fields["email"].initial = context.request.session.get(FAILED_ADDRESS, "")

    def clean_email(self) -> str:
        email: str = super().clean_email()
        refuse_if_used_up(email)
        even_out_lookup(email)
        return email
