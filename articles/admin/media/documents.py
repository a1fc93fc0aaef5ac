"""Admin of the documents that articles can link to."""

from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.template.defaultfilters import filesizeformat
from django.urls import URLPattern, reverse
from django.utils.functional import Promise
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from articles.admin.media.picker import PickerAdmin
from articles.forms.widgets import CleanTextInput, new_file
from articles.media.documents import inspect_document
from articles.models import Document
from articles.services import documents
from articles.services.media import file_name_of
from truthlytics.web.generic import ModelForm
from truthlytics.web.types import AdminForm
from truthlytics.web.users import user_of

ACCEPTED = ".pdf,.csv,.xlsx,.ods,.json"
DUPLICATE = gettext_lazy("This file is already in the library.")
IN_USE = gettext_lazy("This document cannot be deleted: an article or a published version links to it.")


class DocumentForm(ModelForm[Document]):
    class Meta:
        model = Document
        fields = ["file", "title", "credit"]
        widgets = {
            "file": forms.FileInput(attrs={"accept": ACCEPTED}),
            "title": CleanTextInput(attrs={"class": "vTextField"}),
            "credit": CleanTextInput(attrs={"class": "vTextField"}),
        }
        error_messages = {"file": {"required": gettext_lazy("Choose a file.")}}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "file" in self.fields:  # files are stored under their digest, so the original name may be of any length
            self.fields["file"].max_length = None  # type: ignore[attr-defined]

    def clean_file(self) -> object:
        return new_file(self, inspect_document)


def as_json(document: Document) -> dict[str, object]:
    return {
        "pk": document.pk,
        "href": document.get_absolute_url(),
        "title": document.title,
        "credit": document.credit,
        "kind": f"{document.get_format_display()}, {filesizeformat(document.size)}",
        "page": reverse("admin:articles_document_change", args=[document.pk]),
    }


@admin.register(Document)
class DocumentAdmin(PickerAdmin):
    purpose = gettext_lazy("Files that articles link to, such as reports in PDF. Readers download them from this site.")
    form = DocumentForm
    fields = ["file", "title", "credit"]
    list_display = ["title", "file_type", "credit", "uploaded_at"]
    list_filter = ["format"]
    search_fields = ["title", "credit", "file_name", "sha256"]
    change_form_template = "admin/articles/document/change_form.html"

    def get_fields(self, request: HttpRequest, obj: Document | None = None) -> Any:
        """Files cannot be changed, since the URL is the digest of the content."""
        return [name for name in self.fields or [] if obj is None or name != "file"]

    def as_json(self, document: Document) -> dict[str, object]:
        return as_json(document)

    @admin.display(description=gettext_lazy("type"), ordering="format")
    def file_type(self, document: Document) -> str:
        return format_html("{}, {}", document.get_format_display(), filesizeformat(document.size))

    def get_urls(self) -> list[URLPattern]:
        return [self.view_path("upload/", upload, "upload"), *super().get_urls()]

    def save_model(self, request: HttpRequest, obj: Document, form: AdminForm, change: bool) -> None:
        if change:
            super().save_model(request, obj, form, change)
            return
        obj.uploaded_by = user_of(request)
        saved, _ = documents.add_document(document=obj, file=form.cleaned_data["file"])
        obj.pk = saved.pk

    def deletion_blocker(self, document: Document) -> str | Promise:
        return IN_USE if documents.is_linked(document) else ""

    def delete_model(self, request: HttpRequest, obj: Document) -> None:
        documents.delete_document(document=obj)


@require_POST
def upload(request: HttpRequest, admin: DocumentAdmin) -> HttpResponse:
    """Upload a document with title and credit from the picker. A refused file answers 200 with the reason."""
    if not admin.has_add_permission(request):
        raise PermissionDenied
    form = DocumentForm(request.POST, request.FILES)
    form.fields["file"].allow_empty_file = True  # type: ignore[attr-defined]
    file = request.FILES.get("file")
    try:
        duplicate = Document.objects.filter(sha256=inspect_document(file).sha256).first() if file else None
    except ValidationError:
        duplicate = None
    if duplicate is not None:
        return JsonResponse(as_json(duplicate) | {"state": "known", "says": DUPLICATE})
    if not form.is_valid():
        return JsonResponse({"state": "refused", "says": _errors(form), "name": file_name_of(file) if file else ""})
    document = form.save(commit=False)
    document.uploaded_by = user_of(request)
    document, created = documents.add_document(document=document, file=form.cleaned_data["file"])
    if created:
        admin.log_addition(request, document, _("Uploaded."))
    state, status = ("added", 201) if created else ("known", 200)
    return JsonResponse(as_json(document) | {"state": state, "says": ""}, status=status)


def _errors(form: DocumentForm) -> str:
    """Return all errors as one text, with the label of each field except the file."""
    return " ".join(
        str(error) if name == "file" else f"{form.fields[name].label}: {error}"
        for name, errors in form.errors.items()
        for error in errors
    )
