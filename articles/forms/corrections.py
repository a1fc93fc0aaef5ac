"""The form that supersedes a correction."""

from django import forms
from django.utils.translation import gettext_lazy

from articles.forms.widgets import SingleLineTextarea
from articles.models import ChangeKind


class SupersedeForm(forms.Form):
    kind = forms.ChoiceField(
        choices=ChangeKind,
        widget=forms.RadioSelect,
        label=gettext_lazy("What kind of change was it?"),
        error_messages={"required": gettext_lazy("Choose what kind of change it is.")},
    )
    sentence = forms.CharField(
        max_length=500,
        label=gettext_lazy("Sentence for readers"),
        widget=SingleLineTextarea(attrs={"rows": 2}),
        error_messages={"required": gettext_lazy("Tell readers in a sentence what changed.")},
    )
