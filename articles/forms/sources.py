"""Forms for the details of sources."""

import re
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from articles.forms.widgets import CleanTextInput, PartialDateField
from articles.models import Document, Source
from truthlytics.web.generic import BaseModelFormSet, ModelForm

_DIGEST = re.compile(r"(?<![0-9a-f])[0-9a-f]{64}(?![0-9a-f])")
MAX_FORMS = 50


class DocumentUrlField(forms.Field):
    """A document of the library, entered as its URL or digest. Avoids a list of every document."""

    widget = CleanTextInput
    default_error_messages = {"unknown": _("The library has no document with this URL.")}

    def prepare_value(self, value: object) -> object:
        return value.get_absolute_url() if isinstance(value, Document) else value

    def to_python(self, value: object) -> Document | None:
        if not (text := str(value or "").strip()):
            return None
        digest = _DIGEST.search(text)
        document = Document.objects.filter(sha256=digest[0]).first() if digest else None
        if document is None:
            raise ValidationError(self.error_messages["unknown"], code="unknown")
        return document

    def has_changed(self, initial: object, data: object) -> bool:
        return str(self.prepare_value(initial) or "") != str(data or "").strip()


class SourceForm(ModelForm[Source]):
    published_on = PartialDateField(
        label=_("Published on"),
        required=False,
        max_length=40,
        help_text=_("A day, month or year, such as 20 November 2024."),
    )
    accessed_on = PartialDateField(label=_("Accessed on"), required=False, max_length=40)
    document = DocumentUrlField(
        label=_("Copy in the library"),
        required=False,
        widget=CleanTextInput(attrs={"class": "vTextField"}),
        help_text=_("The URL of a document. Articles keep its digest, and readers can open it."),
    )

    class Meta:
        model = Source
        fields = ["title", "kind", "publisher", "author", "published_on", "archived_url", "accessed_on", "document"]
        widgets = {name: CleanTextInput(attrs={"class": "vTextField"}) for name in ("title", "publisher", "author")}
        error_messages = {"title": {"required": _("Enter a title.")}}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial["document"] = self.instance.document
        if "archived_url" in self.fields:
            self.fields["archived_url"].assume_scheme = "https"  # type: ignore[attr-defined]

    def clean_archived_url(self) -> str:
        url: str = self.cleaned_data["archived_url"]
        if url and not url.startswith(("http://", "https://")):
            raise ValidationError(_("Enter an address that begins with https:// or http://."))
        return url


class BaseSourceFormSet(BaseModelFormSet[Source, SourceForm]):
    def clean(self) -> None:
        super().clean()
        if any(form.instance.pk is None for form in self.forms):  # not in the queryset, or not any more
            raise ValidationError(_("Some of these sources can no longer be changed here. Open the page again."))


SourceFormSet: Any = forms.modelformset_factory(
    Source, form=SourceForm, formset=BaseSourceFormSet, extra=0, max_num=MAX_FORMS
)
