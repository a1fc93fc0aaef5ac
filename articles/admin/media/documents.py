"""The documents that texts may link to."""

from functools import partial
from typing import Any, cast

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.template.defaultfilters import filesizeformat
from django.urls import path, reverse
from django.utils.html import format_html
from django.views.decorators.http import require_POST, require_safe

from articles.admin.base import BaseAdmin
from articles.admin.media.image_actions import MOST
from articles.forms.articles import Line
from articles.media.documents import inspect_document
from articles.models import Document
from articles.services import documents
from articles.services.media import name_of
from truthlytics.web.cursor_pagination import page

FOUND_AT_ONCE = 36
KNOWN = "This very file is among the documents already."
KINDS = ".pdf,.csv,.xlsx,.ods,.json"
IN_USE = "A text links to this document, now or in the record: it cannot be deleted."


class DocumentForm(forms.ModelForm):
    class Meta:
        model = Document
        fields = ["file", "title", "credit"]
        widgets = {
            "file": forms.FileInput(attrs={"accept": KINDS}),
            "title": Line(attrs={"class": "vTextField"}),
            "credit": Line(attrs={"class": "vTextField"}),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "file" in self.fields:  # its name is ours, however long the other one was
            self.fields["file"].max_length = None  # type: ignore[attr-defined]

    def clean_file(self) -> Any:
        file = self.cleaned_data["file"]
        if file and "file" in self.changed_data:
            known = Document.objects.filter(sha256=inspect_document(file).sha256).first()
            if known:
                raise ValidationError(f"This very file is among the documents already, as “{known}”.")
        return file


def as_json(document: Document) -> dict[str, Any]:
    return {
        "pk": document.pk,
        "href": document.get_absolute_url(),
        "title": document.title,
        "credit": document.credit,
        "kind": f"{document.get_format_display()}, {filesizeformat(document.size)}",
        "page": reverse("admin:articles_document_change", args=[document.pk]),
    }


@admin.register(Document)
class DocumentAdmin(BaseAdmin):
    form = DocumentForm
    fields = ["file", "title", "credit"]
    list_display = ["title", "kind", "credit", "uploaded_at"]
    list_filter = ["format"]
    show_facets = admin.ShowFacets.NEVER
    search_fields = ["title", "credit", "file_name", "sha256"]
    change_form_template = "admin/articles/document/change_form.html"

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """A file is never changed: its address is the digest of what is in it."""
        return [name for name in self.fields or [] if obj is None or name != "file"]

    @admin.display(description="kind", ordering="format")
    def kind(self, document: Document) -> str:
        return format_html("{}, {}", document.get_format_display(), filesizeformat(document.size))

    def get_urls(self) -> list[Any]:
        view = self.admin_site.admin_view
        return [
            path("pick/", view(require_safe(self.pick)), name="articles_document_pick"),
            path("upload/", view(partial(upload, admin=self)), name="articles_document_upload"),
            *super().get_urls(),
        ]

    def pick(self, request: HttpRequest) -> HttpResponse:
        """The documents that match `q`, newest first, for the desk's picker; `after` leads to the next ones."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        found, _ = self.get_search_results(request, self.get_queryset(request), request.GET.get("q", "")[:200])
        part = page(found, after=request.GET.get("after", ""), size=FOUND_AT_ONCE, time="uploaded_at", tie="pk")
        return JsonResponse({"items": [as_json(document) for document in part.items], "after": part.after})

    def save_model(self, request: HttpRequest, obj: Document, form: Any, change: bool) -> None:
        if change:
            super().save_model(request, obj, form, change)
            return
        obj.uploaded_by = cast(Any, request.user)
        there, _ = documents.bring(document=obj, file=form.cleaned_data["file"])
        obj.pk = there.pk

    def deletion_blocker(self, document: Document) -> str:
        return IN_USE if documents.is_linked(document) else ""

    def delete_model(self, request: HttpRequest, obj: Document) -> None:
        documents.remove(document=obj)


@require_POST
def upload(request: HttpRequest, admin: Any) -> HttpResponse:
    """Take one document with its title and credit, from the picker; what is refused says why, and is no failure."""
    if not admin.has_add_permission(request):
        raise PermissionDenied
    form = DocumentForm(request.POST, request.FILES)
    form.fields["file"].allow_empty_file = True  # type: ignore[attr-defined]
    files = request.FILES.getlist("file")[:MOST]
    try:
        known = Document.objects.filter(sha256=inspect_document(files[0]).sha256).first() if files else None
    except ValidationError:
        known = None
    if known is not None:
        return JsonResponse(as_json(known) | {"state": "known", "says": KNOWN})
    if not form.is_valid():
        says = " ".join(f"{form.fields[name].label}: {text}" if name != "file" else text for name, text in _said(form))
        return JsonResponse({"state": "refused", "says": says, "name": name_of(files[0]) if files else ""})
    document = form.save(commit=False)
    document.uploaded_by = request.user
    document, new = documents.bring(document=document, file=form.cleaned_data["file"])
    if new:
        admin.log_addition(request, document, "Brought in.")
    state, status = ("added", 201) if new else ("known", 200)
    return JsonResponse(as_json(document) | {"state": state, "says": ""}, status=status)


def _said(form: forms.ModelForm) -> list[tuple[str, str]]:
    return [(name, str(text)) for name, texts in form.errors.items() for text in texts]
