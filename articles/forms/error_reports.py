"""The form for readers to report an error, and those for editors to close a report."""

import uuid

from django import forms
from django.utils.translation import gettext_lazy as _

from articles.forms.remarks import PlainTextField, QuoteContextField
from articles.forms.widgets import SingleLineTextarea
from articles.models import ErrorReport
from articles.models.error_reports import MAX_NAME_LENGTH, MAX_SOURCE_LENGTH, MAX_TEXT_LENGTH
from articles.richtext.anchors import CONTEXT_LENGTH, MAX_QUOTE_LENGTH

TOO_LONG = _("Use at most %(limit_value)d characters; there are %(show_value)d now.")


class KeyField(forms.Field):
    """A key that identifies a form that was submitted twice. Invalid ones are replaced, because the field is hidden."""

    widget = forms.HiddenInput

    def to_python(self, value: object) -> uuid.UUID:
        try:
            return uuid.UUID(str(value))
        except ValueError:
            return uuid.uuid4()


class ErrorReportForm(forms.Form):
    quote = PlainTextField(
        label=_("The passage"),
        required=False,
        max_length=MAX_QUOTE_LENGTH,
        help_text=_("The words that are wrong, copied from the article."),
        widget=forms.Textarea(attrs={"class": "input", "rows": 3}),
        error_messages={"max_length": TOO_LONG},
    )
    text = PlainTextField(
        label=_("What is wrong?"),
        max_length=MAX_TEXT_LENGTH,
        widget=forms.Textarea(attrs={"class": "input", "rows": 5}),
        error_messages={"required": _("Tell us what is wrong."), "max_length": TOO_LONG},
    )
    source = PlainTextField(
        label=_("Where can we check it?"),
        required=False,
        max_length=MAX_SOURCE_LENGTH,
        help_text=_("A document, a web page, or that you saw it yourself."),
        widget=forms.Textarea(attrs={"class": "input", "rows": 2}),
        error_messages={"max_length": TOO_LONG},
    )
    email = forms.EmailField(
        label=_("Your email address"),
        required=False,
        max_length=254,
        help_text=_("Fill this in only if you would like an answer."),
        widget=forms.EmailInput(attrs={"class": "input", "autocomplete": "email"}),
    )
    name = PlainTextField(
        label=_("Your name"),
        required=False,
        max_length=MAX_NAME_LENGTH,
        help_text=_("Fill this in only if we may thank you by name in the public correction."),
        widget=forms.TextInput(attrs={"class": "input", "autocomplete": "name"}),
        error_messages={"max_length": TOO_LONG},
    )
    before = QuoteContextField(required=False, max_length=CONTEXT_LENGTH)
    after = QuoteContextField(required=False, max_length=CONTEXT_LENGTH)
    key = KeyField(required=False)
    # Hidden from people; programs that fill in every field give themselves away.
    website = forms.CharField(required=False, widget=forms.TextInput(attrs={"tabindex": "-1", "autocomplete": "off"}))

    @property
    def is_from_a_program(self) -> bool:
        return bool(self.cleaned_data.get("website"))

    def clean_name(self) -> str:
        return " ".join(str(self.cleaned_data["name"]).split())

    def report(self, version_id: int) -> ErrorReport:
        """Return the report, not saved yet."""
        data = self.cleaned_data
        return ErrorReport(
            version_id=version_id,
            prefix=data["before"],
            suffix=data["after"],
            **{name: data[name] for name in ("key", "quote", "text", "source", "email", "name")},
        )


class AnswerForm(forms.Form):
    answer = PlainTextField(
        label=_("Answer"),
        max_length=MAX_TEXT_LENGTH,
        widget=forms.Textarea(attrs={"rows": 5}),
        error_messages={"required": _("Write an answer."), "max_length": TOO_LONG},
    )


class DismissForm(forms.Form):
    reason = PlainTextField(
        label=_("Reason"),
        max_length=300,
        widget=SingleLineTextarea(attrs={"rows": 1}),
        help_text=_("For the newsroom only."),
        error_messages={"required": _("Say why it is dismissed."), "max_length": TOO_LONG},
    )
