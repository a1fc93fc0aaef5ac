"""A form field for dates that may lack the day or the month."""

from django import forms
from django.core.exceptions import ValidationError

from articles.forms.widgets import CleanTextInput
from truthlytics.web.partial_dates import format_partial_date, parse_partial_date


class PartialDateField(forms.CharField):
    """A year, a month or a day, in digits or words."""

    widget = CleanTextInput

    def to_python(self, value: object) -> str:
        text = super().to_python(value) or ""
        return parse_partial_date(text) if text else ""

    def prepare_value(self, value: object) -> object:
        try:
            return format_partial_date(parse_partial_date(str(value or "")))
        except ValidationError:
            return value
