"""Admin of the audio recordings of articles."""

from typing import Any, cast

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from articles.admin.base import BaseAdmin
from articles.forms.widgets import CleanTextInput
from articles.media.audio import CONTENT_TYPES, inspect_audio
from articles.models import Recording, Version
from articles.services.media import store_recording
from truthlytics.web.generic import ModelForm

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
        file = self.cleaned_data["file"]
        if file and "file" in self.changed_data:
            duplicate = Recording.objects.filter(sha256=inspect_audio(file).sha256).first()
            if duplicate:
                raise ValidationError(
                    _("This file is already in the library, as “%(duplicate)s”.") % {"duplicate": duplicate}
                )
        return file


@admin.register(Recording)
class RecordingAdmin(BaseAdmin):
    form = RecordingForm
    fields = ["file", "title"]
    list_display = ["title", "format", "length", "uploaded_at"]
    search_fields = ["title"]

    def get_fields(self, request: HttpRequest, obj: Recording | None = None) -> Any:
        """Files cannot be changed, since published versions refer to them by digest."""
        return ["file", "title"] if obj is None else ["title"]

    @admin.display(description=gettext_lazy("length"), ordering="seconds")
    def length(self, recording: Recording) -> str:
        return f"{recording.seconds // 60}:{recording.seconds % 60:02}"

    def save_model(self, request: HttpRequest, obj: Recording, form: Any, change: bool) -> None:
        if change:
            super().save_model(request, obj, form, change)
            return
        obj.uploaded_by = cast(Any, request.user)
        store_recording(obj, form.cleaned_data["file"])

    def deletion_blocker(self, recording: Recording) -> str | Promise:
        return IN_USE if _is_used(recording) else ""


def _is_used(recording: Recording) -> bool:
    in_version = Version.objects.filter(content__contains=f'"{recording.sha256}"')
    return bool(recording.articles.exists() or in_version.exists())
