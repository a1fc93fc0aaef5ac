"""Forms for withdrawing an article, dossier or page, now or at a set time."""

from django import forms
from django.utils.translation import gettext_lazy

from articles.forms.schedule import FutureTimeForm
from articles.forms.widgets import SingleLineTextarea


def note_field() -> forms.CharField:
    return forms.CharField(
        required=False,
        max_length=300,
        label=gettext_lazy("Message at the old URL"),
        widget=SingleLineTextarea(attrs={"rows": 2}),
        strip=True,
    )


class WithdrawForm(forms.Form):
    note = note_field()


class ExpiryForm(FutureTimeForm):
    """When to take something down. `seen` is the expiry time the user saw, in seconds since the epoch; 0 for none."""

    past_error = gettext_lazy("This time has passed. Choose a later one, or withdraw now.")

    note = note_field()
    seen = forms.IntegerField(widget=forms.HiddenInput, min_value=0, required=False)
