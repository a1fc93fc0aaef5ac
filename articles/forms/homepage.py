"""Forms of the front page editor."""

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from articles.forms.schedule import NowOrLaterForm
from articles.forms.widgets import SingleLineTextarea
from articles.homepage.layout import Layout, parse

MAX_LAYOUT_LENGTH = 200_000


class ArrangeForm(forms.Form):
    """The layout in the browser and the pressed button, `do`. `seen` is the version of the draft it is based on."""

    layout = forms.CharField(max_length=MAX_LAYOUT_LENGTH)
    seen = forms.IntegerField(min_value=0, max_value=2**31 - 1)
    do = forms.CharField(max_length=300)
    held = forms.UUIDField(required=False)
    q = forms.CharField(required=False, max_length=200)

    def clean_layout(self) -> Layout:
        try:
            return parse(self.cleaned_data["layout"])
        except ValueError as error:
            raise ValidationError(str(error)) from error


class EditionForm(NowOrLaterForm):
    """When to publish an edition. `last` is the number of the last edition the user saw, `seen` the draft version."""

    note = forms.CharField(
        required=False, max_length=200, label=_("Internal note"), widget=SingleLineTextarea(attrs={"rows": 1})
    )
    last = forms.IntegerField(widget=forms.HiddenInput, min_value=0)
    seen = forms.IntegerField(widget=forms.HiddenInput, min_value=0)


class RestoreForm(forms.Form):
    """`seen` is the version of the draft that the restored edition replaces."""

    seen = forms.IntegerField(widget=forms.HiddenInput, min_value=0)
