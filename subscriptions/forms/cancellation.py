"""Forms of the pages for cancelling and withdrawing."""

from datetime import date

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _


class CancelLinkForm(forms.Form):
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


class DeclarationForm(forms.Form):
    """What identifies the reader and the contract. Enough to withdraw."""

    name = forms.CharField(
        label=_("Your name"),
        max_length=100,
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
        error_messages={"required": _("Enter your name.")},
    )
    email = forms.EmailField(
        label=_("Email address"),
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
        help_text=_("We confirm your declaration there. If you can, use the address of your account."),
        error_messages={"required": _("Enter your email address."), "invalid": _("Enter a complete email address.")},
    )
    contract = forms.CharField(
        label=_("Order reference, or anything that identifies the order"),
        max_length=200,
        help_text=_(
            'The reference is in the email about your order, such as <span class="unbroken">2026-00042-K7QXM4TP</span>.'
        ),
        error_messages={"required": _("Enter the order reference or the name of the plan.")},
    )


class CancelForm(DeclarationForm):
    """A cancellation can also be for cause, or for a later day."""

    ends_on = forms.DateField(
        label=_("Cancel on"),
        required=False,
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
        help_text=_("Leave it blank to cancel as soon as possible."),
    )
    reason = forms.CharField(
        label=_("Reason, if you cancel for cause"),
        max_length=1000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Only if a serious reason lets you cancel before the end of the paid period."),
    )

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        contract = self.fields["contract"]
        contract.required, contract.label = False, _("Contract, such as the order reference or the plan")

    def clean_ends_on(self) -> date | None:
        day: date | None = self.cleaned_data["ends_on"]
        if day is not None and day < timezone.localdate():
            raise ValidationError(gettext("Choose today or a later day."))
        return day
