"""Names of types that all apps use."""

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from django import forms
    from django.db import models

# A JSON object, and one that is only read, such as the content of a version.
type JsonObject = dict[str, Any]
type Content = Mapping[str, Any]
# What a template is rendered with, and what a valid form contains.
type TemplateContext = dict[str, Any]
type CleanedData = dict[str, Any]
# Values and labels.
type Choices = list[tuple[str, Any]]
# A query whose rows are of any model, or values.
type AnyRows = models.QuerySet[Any, Any]
# What the methods of a ModelAdmin are given and return.
type ModelField = models.Field[Any, Any]
type FormField = forms.Field | None
type FormClass = type[forms.ModelForm[Any]]
type InlineFormSet = type[forms.BaseInlineFormSet[Any, Any, Any]]
type AdminForm = forms.ModelForm[Any]
type FormSets = Iterable[forms.BaseFormSet[Any]]
