"""What is typed beside a draft: a link for somebody outside, a remark, a reply."""

import uuid
from typing import Any

from django import forms

from articles.models.remarks import LONGEST_NAME, LONGEST_TEXT
from articles.richtext.anchors import CONTEXT, LONGEST_QUOTE, Anchor
from truthlytics.web.text import without_controls

SAY_SOMETHING = "There is nothing to read in it yet: write a word or two."
# Counted in characters; the sentence says how many are too many.
TOO_LONG = "Say it in %(limit_value)d characters at most; these are %(show_value)d."


class Words(forms.CharField):
    """Plain text as it is kept. No maxlength in the page: a browser would cut what is pasted without a word."""

    def to_python(self, value: Any) -> str:
        return without_controls(super().to_python(value) or "").strip()

    def widget_attrs(self, widget: Any) -> dict[str, Any]:
        return {name: value for name, value in super().widget_attrs(widget).items() if name != "maxlength"}


class Spot(forms.CharField):
    """Words beside the quoted ones, exactly as they stand: a space at an edge is one of them."""

    widget = forms.HiddenInput

    def to_python(self, value: Any) -> str:
        # A form writes each end of a line as two characters.
        return str(value or "").replace("\r\n", "\n").replace("\x00", "")[: self.max_length]


class ShareForm(forms.Form):
    name = Words(
        label="For whom", required=False, max_length=80, help_text="So that you know later whose link it is.",
        widget=forms.TextInput(attrs={"autocomplete": "off"}), error_messages={"max_length": TOO_LONG},
    )  # fmt: skip
    days = forms.TypedChoiceField(
        label="Works for", choices=[("1", "a day"), ("7", "seven days"), ("30", "thirty days")], coerce=int,
        initial="7",
        error_messages={"invalid_choice": "Choose a day, seven days or thirty."},
    )  # fmt: skip


class TextForm(forms.Form):
    text = Words(
        label="Remark", max_length=LONGEST_TEXT, widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": SAY_SOMETHING, "max_length": TOO_LONG},
    )  # fmt: skip
    # What it is told by if it arrives twice.
    key = forms.UUIDField(widget=forms.HiddenInput, required=False)

    def clean_key(self) -> uuid.UUID:
        return self.cleaned_data["key"] or uuid.uuid4()


class RemarkForm(TextForm):
    """A remark on the words `quote`; without any it is one on the whole piece."""

    quote = Words(
        label="On which words", required=False, max_length=LONGEST_QUOTE, widget=forms.Textarea(attrs={"rows": 2}),
        help_text="Copy them from the text. Left empty, the remark is on the whole piece.",
        error_messages={"max_length": "Choose fewer words: at most %(limit_value)d characters."},
    )  # fmt: skip
    before = Spot(required=False, max_length=CONTEXT)
    after = Spot(required=False, max_length=CONTEXT)
    position = forms.IntegerField(required=False, min_value=0, max_value=2**31 - 1, widget=forms.HiddenInput)

    field_order = ["quote", "text"]

    @property
    def anchor(self) -> Anchor:
        data = self.cleaned_data
        return Anchor(data["quote"], data["before"], data["after"], data["position"] or 0)


class OutsideForm(RemarkForm):
    name = Words(
        label="Your name", max_length=LONGEST_NAME, error_messages={
            "required": "Say who you are, so that the editors know whom to thank.", "max_length": TOO_LONG,
        }, widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )  # fmt: skip
    # Nobody sees it; programs fill in whatever there is.
    website = forms.CharField(required=False)

    field_order = ["name", "quote", "text"]

    def clean_name(self) -> str:
        return " ".join(str(self.cleaned_data["name"]).split())
