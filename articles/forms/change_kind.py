"""A base form for new versions of published items: the kind of change, and a note for readers."""

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from articles.corrections.detector import Proposal, reason_needed
from articles.forms.widgets import SingleLineTextarea
from articles.models import ChangeKind

NOTE_LENGTH = 500


class ChangeKindForm(forms.Form):
    """With the `proposal` of the detector, the kind of change is required, and all but minor edits require a note.

    So does a minor edit in which a fact changed.
    """

    kind = forms.ChoiceField(
        choices=ChangeKind, required=False, widget=forms.RadioSelect, label=gettext_lazy("What kind of change is it?")
    )
    note = forms.CharField(
        required=False,
        max_length=NOTE_LENGTH,
        label=gettext_lazy("Change note, shown to readers"),
        widget=SingleLineTextarea(attrs={"rows": 2}),
    )

    def __init__(self, *args: Any, proposal: Proposal | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.proposal = proposal

    def clean(self) -> dict[str, object]:
        data = super().clean() or self.cleaned_data
        if self.proposal is None:
            data["kind"] = ""
        elif not data.get("kind") and "kind" not in self.errors:
            self.add_error("kind", _("Choose what kind of change it is."))
        facts = self.proposal.facts if self.proposal is not None else ()
        if data.get("kind") and not data.get("note") and "note" not in self.errors:
            if data["kind"] != ChangeKind.MINOR:
                self.add_error("note", _("Tell readers in a sentence what changed."))
            elif facts:
                self.add_error("note", reason_needed(facts))
        return data
