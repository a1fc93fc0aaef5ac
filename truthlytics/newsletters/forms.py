"""Forms of readers: signing up with an email address, following, and the code that confirms an address."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from subscriptions.models import User
from truthlytics.newsletters.models import Address, Newsletter, SignUp


class AskForm(forms.Form):
    """Asks for an email address, unless `reader` is logged in and has confirmed theirs."""

    email = forms.EmailField(
        label=_("Your email address"),
        max_length=254,
        widget=forms.EmailInput(attrs={"class": "input", "autocomplete": "email"}),
    )
    # Hidden from people; programs that fill in every field give themselves away.
    website = forms.CharField(required=False, widget=forms.TextInput(attrs={"tabindex": "-1", "autocomplete": "off"}))

    def __init__(self, *args: Any, reader: User | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.reader = reader
        if reader is not None:
            del self.fields["email"], self.fields["website"]

    @property
    def is_from_a_program(self) -> bool:
        return bool(self.cleaned_data.get("website"))


class SignUpForm(AskForm):
    newsletters = forms.ModelMultipleChoiceField(
        label=_("Newsletters"),
        queryset=Newsletter.objects.none(),
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": _("Choose at least one newsletter.")},
    )
    source = forms.ChoiceField(choices=SignUp.Source, required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["newsletters"]
        field.queryset = Newsletter.objects.offered()

    @property
    def chosen_source(self) -> str:
        return str(self.cleaned_data["source"] or SignUp.Source.PAGE)


class FollowForm(AskForm):
    frequency = forms.ChoiceField(
        label=_("How often?"),
        choices=Address.Frequency,
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose how often you want emails.")},
    )


class CodeForm(forms.Form):
    code = forms.CharField(
        label=_("Code"),
        max_length=10,
        widget=forms.TextInput(attrs={"class": "input", "inputmode": "numeric", "autocomplete": "one-time-code"}),
    )

    def clean_code(self) -> str:
        return "".join(str(self.cleaned_data["code"]).split())
