"""Choices among rows of the database that refuse an odd id before the database is asked."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.contrib.admin.widgets import AutocompleteSelect
from django.core.exceptions import ValidationError

from truthlytics.web.ids import row_id


class SeveralRows(forms.ModelMultipleChoiceField):
    def clean(self, value: Any) -> Any:
        for pk in value if isinstance(value, list | tuple) else ():
            if row_id(pk) is None:
                message = self.error_messages["invalid_pk_value"]
                raise ValidationError(message, code="invalid_pk_value", params={"pk": str(pk)[:40]})
        return super().clean(value)


class FoundRow(AutocompleteSelect):
    """The admin's search box; an id that cannot be is shown as nothing chosen."""

    def optgroups(self, name: str, value: Iterable[Any], attr: Any = None) -> Any:
        return super().optgroups(name, [pk for pk in value if row_id(pk) is not None], attr)
