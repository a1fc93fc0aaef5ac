"""Names of types that all apps use."""

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from django import forms
    from django.db import models

# A JSON object, and one that is only read, such as the content of a version.
type JsonObject = dict[str, Any]
type Content = Mapping[str, Any]
# What a template is rendered with.
type TemplateContext = dict[str, Any]
# What the methods of a ModelAdmin are given and return.
type ModelField = models.Field[Any, Any]
type FormField = forms.Field | None
type FormClass = type[forms.ModelForm[Any]]
type InlineFormSet = type[forms.BaseInlineFormSet[Any, Any, Any]]
type AdminForm = forms.ModelForm[Any]
type FormSets = Iterable[forms.BaseFormSet[Any]]
