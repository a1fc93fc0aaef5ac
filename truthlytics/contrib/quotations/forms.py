"""The form in which readers enter a quotation."""

from django import forms
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from truthlytics.contrib.quotations.checking import MAX_LENGTH
from truthlytics.contrib.quotations.fingerprints import MIN_WORDS

TOO_SHORT = format_lazy(_("Enter at least {count} words in a row, as they are in the text."), count=MIN_WORDS)


class QuotationForm(forms.Form):
    """Submitted with GET, so that the address of an answer can be passed on."""

    q = forms.CharField(
        label=_("The quotation"),
        max_length=MAX_LENGTH,
        widget=forms.Textarea(attrs={"class": "input", "rows": 5}),
        help_text=_("Paste a sentence, with or without quotation marks."),
        error_messages={
            "required": TOO_SHORT,
            "max_length": format_lazy(
                _("Use at most {limit} characters. A sentence or two are enough."), limit=MAX_LENGTH
            ),
        },
    )
