"""Forms of the cancellation pages."""

from django import forms
from django.utils.translation import gettext_lazy as _


class CancelForm(forms.Form):
    email = forms.EmailField(
        label=_("Email address of your account"),
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
        error_messages={"required": _("Enter your email address."), "invalid": _("Enter a complete email address.")},
    )


class ReasonForm(forms.Form):
    reason = forms.CharField(
        label=_("Why have you cancelled?"),
        help_text=_("You don’t have to answer."),
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 4}),
        error_messages={
            "required": _("Enter a reason, or leave this page."),
            "max_length": _("Use at most %(limit_value)d characters."),
        },
    )
