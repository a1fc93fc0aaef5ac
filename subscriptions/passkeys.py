"""The forms that take a passkey's answer: whatever stands in it, a sentence comes back and never an error of ours."""

from typing import Any

from allauth.mfa.adapter import get_adapter
from allauth.mfa.webauthn import forms as allauth_forms
from django import forms
from django.core.exceptions import ValidationError
from django.forms.fields import InvalidJSONInput

# An authenticator sends a few kilobytes.
LONGEST = 50_000
# What the parsers raise for JSON of another shape: each asks for the keys and types that it hopes for.
ODD = (AttributeError, LookupError, RecursionError, TypeError, ValueError)


class CredentialField(forms.JSONField):
    """Refuses what is too long, too deep or holds endless numbers; what was sent is never drawn again."""

    def to_python(self, value: Any) -> Any:
        try:
            if isinstance(value, str) and len(value) > LONGEST:
                raise ValueError("No authenticator writes so much.")
            return super().to_python(value)
        except (RecursionError, ValueError) as error:
            raise ValidationError(self.error_messages["invalid"], code="invalid", params={"value": "…"}) from error

    def bound_data(self, data: Any, initial: Any) -> Any:
        return InvalidJSONInput("")


class Answer(forms.Form):
    credential = CredentialField(widget=forms.HiddenInput)


class Add(Answer, allauth_forms.AddWebAuthnForm):  # type: ignore[misc]
    def clean(self) -> Any:
        try:
            return super().clean()
        except ODD as error:
            raise get_adapter().validation_error("incorrect_code") from error


class _Check(Answer):
    def clean_credential(self) -> Any:
        try:
            return super().clean_credential()  # type: ignore[misc]
        except ODD as error:
            raise get_adapter().validation_error("incorrect_code") from error


class Authenticate(_Check, allauth_forms.AuthenticateWebAuthnForm):  # type: ignore[misc]
    pass


class LogIn(_Check, allauth_forms.LoginWebAuthnForm):  # type: ignore[misc]
    pass


class Reauthenticate(_Check, allauth_forms.ReauthenticateWebAuthnForm):  # type: ignore[misc]
    pass
