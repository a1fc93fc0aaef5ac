"""Forms for the code of an app, which count attempts by the kind of browser.

Apart from the others, because most workers never need allauth's.
"""

from allauth.core import context
from allauth.mfa.base import forms as allauth_forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from truthlytics.web import budgets


class _CountedForm(allauth_forms.BaseAuthenticateForm):
    """Counts an attempt before it is checked, so that simultaneous ones count too; a right code is not counted."""

    def clean_code(self) -> str:
        email, account = self.user.email, self.user.pk
        if refusal := budgets.try_second_factor(context.request, email, account):
            text = _("Too many wrong codes were entered. Use a passkey, or try again after %(time)s.")
            raise ValidationError(text % {"time": refusal.time}, code="too_many_login_attempts")
        code = str(super().clean_code())
        budgets.second_factor_was_right(context.request, email, account)
        return code


class AuthenticateForm(_CountedForm, allauth_forms.AuthenticateForm):
    pass


class ReauthenticateForm(_CountedForm, allauth_forms.ReauthenticateForm):
    pass
