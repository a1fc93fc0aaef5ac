"""Passkey forms that answer malformed credentials with a validation error instead of a server error."""

from typing import Any

from allauth.mfa.adapter import get_adapter
from allauth.mfa.webauthn import forms as allauth_forms
from django import forms
from django.core.exceptions import ValidationError
from django.forms.fields import InvalidJSONInput

# Authenticators send a few kilobytes.
MAX_LENGTH = 50_000
# Raised by the WebAuthn parsers for JSON with missing keys or unexpected types.
PARSER_ERRORS = (AttributeError, LookupError, RecursionError, TypeError, ValueError)


class CredentialField(forms.JSONField):
    """Reject credentials that are too long, too deeply nested or contain huge numbers. Never re-rendered."""

    def to_python(self, value: object) -> Any:
        try:
            if isinstance(value, str) and len(value) > MAX_LENGTH:
                raise ValueError("The passkey response is too long.")
            return super().to_python(value)
        except (RecursionError, ValueError) as error:
            raise ValidationError(self.error_messages["invalid"], code="invalid", params={"value": "…"}) from error

    def bound_data(self, data: object, initial: object) -> object:
        return InvalidJSONInput("")


class CredentialForm(forms.Form):
    credential = CredentialField(widget=forms.HiddenInput)


class AddPasskeyForm(CredentialForm, allauth_forms.AddWebAuthnForm):
    """Keys can log readers in without a password, unless they choose otherwise."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["passwordless"].initial = True

    def clean(self) -> Any:
        try:
            return super().clean()
        except PARSER_ERRORS as error:
            raise get_adapter().validation_error("incorrect_code") from error


class _CheckedCredentialForm(CredentialForm):
    def clean_credential(self) -> object:
        try:
            return super().clean_credential()  # type: ignore[misc]
        except PARSER_ERRORS as error:
            raise get_adapter().validation_error("incorrect_code") from error


class AuthenticatePasskeyForm(_CheckedCredentialForm, allauth_forms.AuthenticateWebAuthnForm):
    pass


class LoginPasskeyForm(_CheckedCredentialForm, allauth_forms.LoginWebAuthnForm):
    pass


class ReauthenticatePasskeyForm(_CheckedCredentialForm, allauth_forms.ReauthenticateWebAuthnForm):
    pass
