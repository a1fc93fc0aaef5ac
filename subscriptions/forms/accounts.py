"""allauth's forms with our changes. Apart from the others, because allauth's forms import those."""

from allauth.account import forms as allauth_forms
from allauth.account.adapter import get_adapter
from allauth.core import context
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from subscriptions.emails.delivery import send_password_reset
from subscriptions.services.accounts import FAILED_ADDRESS, even_out_lookup
from truthlytics.web import budgets
from truthlytics.web.budgets import Reason
from truthlytics.web.rate_limits import consume_once

# Of a code, as allauth's and our pages count them. A code is valid for a shorter time, in seconds.
MAX_ATTEMPTS, CODE_LIFETIME = 3, 3600
TOO_MANY_FROM_HERE = _(
    "Too many emails were asked for from your internet connection. Try again after %(time)s, or use another "
    "connection, such as that of your phone. In a browser that has logged in before, you get codes at any time."
)
# What happened, and a way to log in that is left: never a form that refuses too.
NO_EMAIL_FOR_LOGIN = {
    Reason.DEVICE: _(
        "You have asked for as many codes and links in this browser as we send in a day. Log in with your password or "
        "a passkey, or try again tomorrow."
    ),
    Reason.MAILBOX: _(
        "As many codes and links as we send in a day have gone to this address. Someone else may be asking for them. "
        "Open the latest of these emails on this device and choose “Log in from this browser”: then your password "
        "works here, and you can get a new code. A passkey works at any time."
    ),
    Reason.ADDRESS: TOO_MANY_FROM_HERE,
}
NO_EMAIL = {
    Reason.MAILBOX: _(
        "Too many emails that someone asked for have gone to this address today, so we can’t send a code for a new "
        "account. Try again tomorrow. If you have an account, log in."
    ),
    Reason.ADDRESS: TOO_MANY_FROM_HERE,
    Reason.SITE: _("Very many people are signing up at the moment. Try again after %(time)s."),
}
NO_EMAIL[Reason.DEVICE] = NO_EMAIL[Reason.MAILBOX]


def refuse_if_used_up(email: str, *, for_login: bool = False) -> None:
    """Raise ValidationError if this request gets no more codes and links for the address, known or unknown."""
    if refusal := budgets.refusal_of_email(context.request, email, for_login=for_login):
        texts = NO_EMAIL_FOR_LOGIN if for_login else NO_EMAIL
        raise ValidationError(texts[refusal.reason] % {"time": refusal.time}, code="used_up")


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
        refuse_if_used_up(email, for_login=True)
        return email

    def save(self, request: HttpRequest, **kwargs: object) -> str:
        email: str = self.cleaned_data["email"]
        if budgets.may_send(request, email, for_login=True):
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
        refuse_if_used_up(email, for_login=True)
        even_out_lookup(email)
        return email
