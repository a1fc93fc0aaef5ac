"""Form fields and widgets that reject malformed ids without querying the database."""

from collections.abc import Iterable
from typing import Any, cast

from django import forms
from django.contrib.admin.widgets import AutocompleteSelect
from django.core.exceptions import ValidationError

from truthlytics.web.generic import ModelMultipleChoiceField
from truthlytics.web.ids import parse_id


class SafeModelMultipleChoiceField(ModelMultipleChoiceField[Any]):
    def clean(self, value: object) -> Any:
        for pk in value if isinstance(value, list | tuple) else ():
            if parse_id(pk) is None:
                message = self.error_messages["invalid_pk_value"]
                raise ValidationError(message, code="invalid_pk_value", params={"pk": str(pk)[:40]})
        return super().clean(value)


class SafeAutocompleteSelect(AutocompleteSelect):
    """The admin's autocomplete widget, with style sheets in Django's layer; malformed ids are shown as no selection."""

    @property
    def media(self) -> forms.Media:
        media: forms.Media = super().media
        return media["js"] + forms.Media(css={"screen": ["newsroom/css/autocomplete.css"]})

    def optgroups(self, name: str, value: Iterable[Any], attr: Any = None) -> Any:
        return super().optgroups(name, [pk for pk in value if parse_id(pk) is not None], attr)


def choice_field(form: forms.BaseForm, name: str) -> "forms.ModelChoiceField[Any]":
    """Return a field of `form` whose choices or queryset are set when the form is made."""
    return cast("forms.ModelChoiceField[Any]", form.fields[name])
