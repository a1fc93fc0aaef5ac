"""Forms for share links and for remarks on drafts."""

import uuid

from django import forms
from django.utils.translation import gettext_lazy as _

from articles.models.remarks import MAX_NAME_LENGTH, MAX_TEXT_LENGTH
from articles.richtext.anchors import CONTEXT_LENGTH, MAX_QUOTE_LENGTH, Anchor
from truthlytics.web.text import strip_control_characters

EMPTY = _("Write something first.")
TOO_LONG = _("Enter at most %(limit_value)d characters (currently %(show_value)d).")


class PlainTextField(forms.CharField):
    """Plain text without control characters.

    Omits the maxlength attribute, since browsers silently cut pasted text.
    """

    def to_python(self, value: object) -> str:
        return strip_control_characters(super().to_python(value) or "").strip()

    def widget_attrs(self, widget: forms.Widget) -> dict[str, object]:
        return {name: value for name, value in super().widget_attrs(widget).items() if name != "maxlength"}


class QuoteContextField(forms.CharField):
    """Text before or after a quote, with spaces at its edges."""

    widget = forms.HiddenInput

    def to_python(self, value: object) -> str:
        # Browsers submit line breaks as CRLF.
        return str(value or "").replace("\r\n", "\n").replace("\x00", "")[: self.max_length]


class ShareForm(forms.Form):
    name = PlainTextField(
        label=_("Recipient"),
        required=False,
        max_length=80,
        help_text=_("Helps you identify the link later."),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        error_messages={"max_length": TOO_LONG},
    )
    days = forms.TypedChoiceField(
        label=_("Expires after"),
        choices=[("1", _("1 day")), ("7", _("7 days")), ("30", _("30 days"))],
        coerce=int,
        initial="7",
        error_messages={"invalid_choice": _("Choose 1, 7 or 30 days.")},
    )


class RemarkTextForm(forms.Form):
    text = PlainTextField(
        label=_("Remark"),
        max_length=MAX_TEXT_LENGTH,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": EMPTY, "max_length": TOO_LONG},
    )
    # Identifies a form that was submitted twice.
    key = forms.UUIDField(widget=forms.HiddenInput, required=False)

    def clean_key(self) -> uuid.UUID:
        return self.cleaned_data["key"] or uuid.uuid4()


class RemarkForm(RemarkTextForm):
    """A remark on the passage `quote`, or on the whole article if it is blank."""

    quote = PlainTextField(
        label=_("Quoted text"),
        required=False,
        max_length=MAX_QUOTE_LENGTH,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("Copy it from the article. Leave blank to comment on the whole article."),
        error_messages={"max_length": _("Quote at most %(limit_value)d characters.")},
    )
    before = QuoteContextField(required=False, max_length=CONTEXT_LENGTH)
    after = QuoteContextField(required=False, max_length=CONTEXT_LENGTH)
    position = forms.IntegerField(required=False, min_value=0, max_value=2**31 - 1, widget=forms.HiddenInput)

    field_order = ["quote", "text"]

    @property
    def anchor(self) -> Anchor:
        data = self.cleaned_data
        return Anchor(data["quote"], data["before"], data["after"], data["position"] or 0)


class GuestRemarkForm(RemarkForm):
    """A remark by a reader of a share link."""

    name = PlainTextField(
        label=_("Your name"),
        max_length=MAX_NAME_LENGTH,
        error_messages={"required": _("Enter your name."), "max_length": TOO_LONG},
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )
    # Honeypot: hidden from people, filled in by bots.
    website = forms.CharField(required=False)

    field_order = ["name", "quote", "text"]

    def clean_name(self) -> str:
        return " ".join(str(self.cleaned_data["name"]).split())
