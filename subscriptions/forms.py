"""What readers type about themselves. Sign-up adds the name to allauth's form."""

from django import forms
from django.http import HttpRequest

from subscriptions.display_names import NAME_LENGTH, clean_display_name
from subscriptions.models import User


def name_field() -> forms.CharField:
    return forms.CharField(
        label="The name you write under",
        max_length=NAME_LENGTH,
        help_text="As others will see it. Your own, or one you are known by.",
        widget=forms.TextInput(attrs={"autocomplete": "nickname"}),
        error_messages={"required": "Write a name that others can read."},
    )


class SignupForm(forms.Form):
    """Stands before allauth's own fields; a password is not asked for: a code by letter is enough."""

    display_name = name_field()
    field_order = ["email", "display_name", "password1"]

    def clean_display_name(self) -> str:
        return clean_display_name(self.cleaned_data["display_name"])

    def signup(self, request: HttpRequest, user: User) -> None:
        """Nothing more: the adapter has put the name on the row when it made it."""


class NameForm(forms.ModelForm[User]):
    display_name = name_field()

    class Meta:
        model = User
        fields = ["display_name"]

    def clean_display_name(self) -> str:
        return clean_display_name(self.cleaned_data["display_name"])
