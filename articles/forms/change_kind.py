"""A base form for new versions of published items: the kind of change, and a note for readers."""

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from articles.forms.widgets import SingleLineTextarea
from articles.models import ChangeKind

NOTE_LENGTH = 500


class ChangeKindForm(forms.Form):
    """With `asks_kind`, the kind of change is required, and all but minor edits require a note."""

    kind = forms.ChoiceField(
        choices=ChangeKind, required=False, widget=forms.RadioSelect, label=gettext_lazy("What kind of change is it?")
    )
    note = forms.CharField(
        required=False, max_length=NOTE_LENGTH, label=gettext_lazy("Change note, shown to readers"),
        widget=SingleLineTextarea(attrs={"rows": 2}),
    )  # fmt: skip

    def __init__(self, *args: Any, asks_kind: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.asks_kind = asks_kind

    def clean(self) -> dict[str, object]:
        data = super().clean() or self.cleaned_data
        if not self.asks_kind:
            data["kind"] = ""
        elif not data.get("kind") and "kind" not in self.errors:
            self.add_error("kind", _("Choose what kind of change it is."))
        if data.get("kind") not in {"", None, ChangeKind.MINOR} and not data.get("note") and "note" not in self.errors:
            self.add_error("note", _("Tell readers in a sentence what changed."))
        return data
