"""Django's generic classes, with a type in brackets that only mypy reads: `class ArticleForm(ModelForm[Article])`."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from django.contrib.admin import ModelAdmin, StackedInline, TabularInline
    from django.core.paginator import Paginator
    from django.forms import BaseFormSet, ModelChoiceField, ModelForm, ModelMultipleChoiceField
    from django.forms.models import BaseInlineFormSet, BaseModelFormSet
else:
    from django import forms
    from django.contrib import admin
    from django.core import paginator

    def _with_brackets(cls):
        attributes = {"__module__": __name__, "__class_getitem__": classmethod(lambda cls, item: cls)}
        return type(cls)(cls.__name__, (cls,), attributes)

    ModelAdmin = _with_brackets(admin.ModelAdmin)
    StackedInline = _with_brackets(admin.StackedInline)
    TabularInline = _with_brackets(admin.TabularInline)
    BaseFormSet = _with_brackets(forms.BaseFormSet)
    BaseInlineFormSet = _with_brackets(forms.BaseInlineFormSet)
    BaseModelFormSet = _with_brackets(forms.BaseModelFormSet)
    ModelChoiceField = _with_brackets(forms.ModelChoiceField)
    ModelForm = _with_brackets(forms.ModelForm)
    ModelMultipleChoiceField = _with_brackets(forms.ModelMultipleChoiceField)
    Paginator = _with_brackets(paginator.Paginator)

__all__ = [
    "BaseFormSet",
    "BaseInlineFormSet",
    "BaseModelFormSet",
    "ModelAdmin",
    "ModelChoiceField",
    "ModelForm",
    "ModelMultipleChoiceField",
    "Paginator",
    "StackedInline",
    "TabularInline",
]
