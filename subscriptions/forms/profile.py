"""Forms for a reader's profile. Signup adds the display name to allauth's form."""

from django import forms
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from subscriptions.display_names import NAME_LENGTH, clean_display_name
from subscriptions.models import User
from subscriptions.services.names import change_name, refuse_imitation


def name_field() -> forms.CharField:
    return forms.CharField(
        label=_("Display name"),
        max_length=NAME_LENGTH,
        help_text=_("Shown on your comments. Use your own name or one you’re known by."),
        widget=forms.TextInput(attrs={"autocomplete": "nickname"}),
        error_messages={"required": _("Enter a name that others can read.")},
    )


class SignupForm(forms.Form):
    """Extra signup fields, shown before allauth's. The password is optional: users can log in with a code by email."""

    display_name = name_field()
    field_order = ["email", "display_name", "password1"]

    def clean_display_name(self) -> str:
        name = clean_display_name(self.cleaned_data["display_name"])
        refuse_imitation(name)
        return name

    def signup(self, request: HttpRequest, user: User) -> None:
        """Required by allauth, which never calls it: `views.sign_up` creates the account."""


class NameForm(forms.ModelForm[User]):
    display_name = name_field()

    class Meta:
        model = User
        fields = ["display_name"]

    def clean_display_name(self) -> str:
        name = clean_display_name(self.cleaned_data["display_name"])
        if name != self.initial["display_name"]:
            refuse_imitation(name, user=self.instance)
        return name

    def apply(self) -> bool:
        """Change the name, or ask for it. Returns whether it already applies."""
        return change_name(user=self.instance, name=self.cleaned_data["display_name"])
