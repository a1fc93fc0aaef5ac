"""What editors type and press at the front page."""

from django import forms
from django.core.exceptions import ValidationError

from articles.forms.articles import OneLine
from articles.forms.schedule import MomentForm
from articles.homepage.layout import Layout, parse

LONGEST = 200_000


class ArrangeForm(forms.Form):
    """The front page as it stands in the browser, and what shall be done with it. `seen` is the draft's version."""

    layout = forms.CharField(max_length=LONGEST)
    seen = forms.IntegerField(min_value=0, max_value=2**31 - 1)
    do = forms.CharField(max_length=300)
    held = forms.UUIDField(required=False)
    q = forms.CharField(required=False, max_length=200)

    def clean_layout(self) -> Layout:
        try:
            return parse(self.cleaned_data["layout"])
        except ValueError as error:
            raise ValidationError(str(error)) from error


class EditionForm(MomentForm):
    """When an edition is served. `last` is the number of the last one that was seen, `seen` the draft's version."""

    note = forms.CharField(
        required=False, max_length=200, label="A note for the newsroom", widget=OneLine(attrs={"rows": 1})
    )
    last = forms.IntegerField(widget=forms.HiddenInput, min_value=0)
    seen = forms.IntegerField(widget=forms.HiddenInput, min_value=0)


class RestoreForm(forms.Form):
    """`seen` is the version of the draft that an old edition shall replace."""

    seen = forms.IntegerField(widget=forms.HiddenInput, min_value=0)
