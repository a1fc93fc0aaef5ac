"""Forms of readers: signing up with an email address, and the code that confirms it."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from truthlytics.newsletters.models import Newsletter, SignUp


class SignUpForm(forms.Form):
    email = forms.EmailField(
        label=_("Your email address"),
        max_length=254,
        widget=forms.EmailInput(attrs={"class": "input", "autocomplete": "email"}),
    )
    newsletters = forms.ModelMultipleChoiceField(
        label=_("Newsletters"),
        queryset=Newsletter.objects.none(),
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": _("Choose at least one newsletter.")},
    )
    source = forms.ChoiceField(choices=SignUp.Source, required=False, widget=forms.HiddenInput)
    # Hidden from people; programs that fill in every field give themselves away.
    website = forms.CharField(required=False, widget=forms.TextInput(attrs={"tabindex": "-1", "autocomplete": "off"}))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["newsletters"]
        field.queryset = Newsletter.objects.offered()

    @property
    def is_from_a_program(self) -> bool:
        return bool(self.cleaned_data.get("website"))

    @property
    def wanted(self) -> dict[str, Any]:
        """The arguments of `services.sign_up.ask`, but for the code."""
        data = self.cleaned_data
        return {
            "email": data["email"],
            "newsletters": list(data["newsletters"]),
            "source": data["source"] or SignUp.Source.PAGE,
        }


class CodeForm(forms.Form):
    code = forms.CharField(
        label=_("Code"),
        max_length=10,
        widget=forms.TextInput(attrs={"class": "input", "inputmode": "numeric", "autocomplete": "one-time-code"}),
    )

    def clean_code(self) -> str:
        return "".join(str(self.cleaned_data["code"]).split())
