"""Form fields and widgets that reject malformed ids without querying the database."""

from collections.abc import Iterable
from typing import Any, cast

from django import forms
from django.contrib.admin.widgets import AutocompleteSelect
from django.core.exceptions import ValidationError
from django.forms.utils import flatatt
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from truthlytics.web.generic import ModelMultipleChoiceField
from truthlytics.web.ids import parse_id


class SafeModelMultipleChoiceField(ModelMultipleChoiceField[Any]):
    def clean(self, value: object) -> Any:
        for pk in value if isinstance(value, list | tuple) else ():
            if parse_id(pk) is None:
                message = self.error_messages["invalid_pk_value"]
                raise ValidationError(message, code="invalid_pk_value", params={"pk": str(pk)[:40]})
        return super().clean(value)


class PlainCheckboxes(forms.CheckboxSelectMultiple):
    """Checkboxes in groups, for lists with hundreds of them. Django renders four templates for each."""

    def render(self, name: str, value: Any, attrs: Any = None, renderer: Any = None) -> SafeString:
        context = self.get_context(name, value, attrs)["widget"]
        groups = format_html_join("", "<div><label>{}</label>{}</div>", map(_group, context["optgroups"]))
        return format_html('<div id="{}">{}</div>', context["attrs"].get("id", name), groups)


def _group(group: tuple[Any, list[Any], int]) -> tuple[Any, SafeString]:
    """Return the label of a group of checkboxes, and their HTML."""
    label, options, _index = group
    rows = ((flatatt(row["attrs"] | {"name": row["name"], "value": row["value"]}), row["label"]) for row in options)
    return label or "", format_html_join("", '<div><label><input type="checkbox"{}> {}</label></div>', rows)


class SafeAutocompleteSelect(AutocompleteSelect):
    """The admin's autocomplete widget, with style sheets in Django's layer; malformed ids are shown as no selection."""

    @property
    def media(self) -> forms.Media:
        media: forms.Media = super().media
        return media["js"] + forms.Media(css={"screen": ["newsroom/css/autocomplete.css"]})

    def optgroups(self, name: str, value: Iterable[Any], attr: Any = None) -> Any:
        return super().optgroups(name, [pk for pk in value if parse_id(pk) is not None], attr)


def choice_field(form: forms.BaseForm, name: str) -> "forms.ModelChoiceField[Any]":
    """Return a field of `form` with choices or a queryset that are set when the form is made."""
    return cast("forms.ModelChoiceField[Any]", form.fields[name])
