"""Admin of the audio recordings of articles."""

from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import URLPattern
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from articles.admin.base import BaseAdmin
from articles.admin.formatting import badge
from articles.forms.widgets import CleanTextInput, new_file
from articles.media.audio import CONTENT_TYPES, inspect_audio
from articles.models import Article, Recording, Version
from articles.services.media import store_recording
from truthlytics.web.byte_range import file_response
from truthlytics.web.generic import ModelForm
from truthlytics.web.types import AdminForm, TemplateContext
from truthlytics.web.users import user_of

MAX_ARTICLES = 100
IN_USE = gettext_lazy("This recording cannot be deleted: an article or a published version uses it.")


class RecordingForm(ModelForm[Recording]):
    class Meta:
        model = Recording
        fields = ["file", "title"]
        widgets = {
            "file": forms.FileInput(attrs={"accept": ",".join(f".{extension}" for extension in CONTENT_TYPES)}),
            "title": CleanTextInput(attrs={"class": "vTextField"}),
        }
        error_messages = {"file": {"required": gettext_lazy("Choose a file.")}}

    def clean_file(self) -> object:
        return new_file(self, inspect_audio)


@admin.register(Recording)
class RecordingAdmin(BaseAdmin):
    purpose = gettext_lazy("Articles read aloud. Choose a recording in the editor, and readers can listen.")
    form = RecordingForm
    fields = ["file", "title"]
    list_display = ["title", "format", "length", "uploaded_at"]
    search_fields = ["title"]
    change_form_template = "admin/articles/recording/change_form.html"

    def get_urls(self) -> list[URLPattern]:
        return [self.view_path("<int:pk>/file/", recording_file, "file"), *super().get_urls()]

    def render_change_form(
        self, request: HttpRequest, context: TemplateContext, *args: Any, **kwargs: Any
    ) -> HttpResponse:
        recording = context.get("original")
        if recording is not None:
            # Authors only see their own drafts; the others are counted.
            articles = _articles_with(recording)
            visible = articles.visible_to(request.user).select_related("live", "upcoming")
            context |= {
                "articles": [(article, badge(article.state())) for article in visible[:MAX_ARTICLES]],
                "other_articles": articles.exclude(pk__in=visible.values("pk")).count(),
            }
        return super().render_change_form(request, context, *args, **kwargs)

    def get_fields(self, request: HttpRequest, obj: Recording | None = None) -> Any:
        """Files cannot be changed, since published versions refer to them by digest."""
        return ["file", "title"] if obj is None else ["title"]

    @admin.display(description=gettext_lazy("length"), ordering="seconds")
    def length(self, recording: Recording) -> str:
        return f"{recording.seconds // 60}:{recording.seconds % 60:02}"

    def save_model(self, request: HttpRequest, obj: Recording, form: AdminForm, change: bool) -> None:
        if change:
            super().save_model(request, obj, form, change)
            return
        obj.uploaded_by = user_of(request)
        store_recording(obj, form.cleaned_data["file"])

    def deletion_blocker(self, recording: Recording) -> str | Promise:
        return IN_USE if _is_used(recording) else ""


@require_safe
def recording_file(request: HttpRequest, pk: int, admin: RecordingAdmin) -> Any:
    """Serve the file to the player of the newsroom."""
    recording = admin.get_object(request, str(pk))
    if not admin.has_view_or_change_permission(request, recording):
        raise PermissionDenied
    try:
        file = recording.file.open("rb")
    except FileNotFoundError as error:
        raise Http404("The recording was not found.") from error
    return file_response(
        request, file, size=recording.size, etag=f'"{recording.sha256}"', content_type=CONTENT_TYPES[recording.format]
    )


def _versions_with(recording: Recording) -> QuerySet[Version]:
    return Version.objects.filter(content__contains=f'"{recording.sha256}"')


def _articles_with(recording: Recording) -> Any:
    """Return the articles with a draft or version that uses `recording`."""
    used = Article.objects.filter(audio=recording) | Article.objects.filter(
        pk__in=_versions_with(recording).values("article")
    )
    return used.defer("body").order_by("-updated_at")


def _is_used(recording: Recording) -> bool:
    return bool(recording.articles.exists() or _versions_with(recording).exists())
