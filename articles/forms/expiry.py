"""What editors type when an article goes off the site: at once, or at a time."""

from django import forms

from articles.forms.articles import OneLine
from articles.forms.schedule import TimeForm


def note_field() -> forms.CharField:
    return forms.CharField(
        required=False, max_length=300, label="A sentence for readers who come to its address",
        widget=OneLine(attrs={"rows": 2}), strip=True,
    )  # fmt: skip


class WithdrawForm(forms.Form):
    note = note_field()


class EndForm(TimeForm):
    """When readers have an article no longer. `seen` is the end that the editor saw, in seconds; 0: none."""

    passed = "This time has passed. Choose a later one, or withdraw it now."

    note = note_field()
    seen = forms.IntegerField(widget=forms.HiddenInput, min_value=0, required=False)
