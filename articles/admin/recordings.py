"""The recordings that articles can be listened to with."""

from typing import Any, cast

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.db import models
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from articles.forms import Line
from articles.models import Recording, Version
from articles.services.library import keep_recording
from articles.sound import TYPES, facts

from .base import Room

IN_USE = "An article is read with it, now or in the record: it cannot be deleted."


class RecordingForm(forms.ModelForm):
    class Meta:
        model = Recording
        fields = ["file", "title"]
        widgets = {
            "file": forms.FileInput(attrs={"accept": ",".join(f".{ending}" for ending in TYPES)}),
            "title": Line(attrs={"class": "vTextField"}),
        }

    def clean_file(self) -> Any:
        file = self.cleaned_data["file"]
        if file and "file" in self.changed_data:
            known = Recording.objects.filter(sha256=facts(file).sha256).first()
            if known:
                raise ValidationError(f"This very file is among the recordings already, as “{known}”.")
        return file


@admin.register(Recording)
class RecordingAdmin(Room):
    form = RecordingForm
    fields = ["file", "title"]
    list_display = ["title", "format", "length", "uploaded_at"]
    search_fields = ["title"]

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """A file is never changed: what stands in the record is that very file."""
        return ["file", "title"] if obj is None else ["title"]

    def formfield_for_dbfield(self, db_field: models.Field, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name in RecordingForm.Meta.widgets:
            return db_field.formfield(**kwargs)
        return super().formfield_for_dbfield(db_field, request, **kwargs)

    @admin.display(description="length", ordering="seconds")
    def length(self, recording: Recording) -> str:
        return f"{recording.seconds // 60}:{recording.seconds % 60:02}"

    def save_model(self, request: HttpRequest, obj: Recording, form: Any, change: bool) -> None:
        if change:
            super().save_model(request, obj, form, change)
            return
        obj.uploaded_by = cast(Any, request.user)
        keep_recording(obj, form.cleaned_data["file"])

    def delete_view(self, request: HttpRequest, object_id: str, extra_context: Any = None) -> HttpResponse:
        recording = self.get_object(request, object_id)
        if self.has_delete_permission(request, recording) and _is_used(recording):
            self.message_user(request, IN_USE, messages.ERROR)
            return redirect("admin:articles_recording_change", recording.pk)
        return super().delete_view(request, object_id, extra_context)


def _is_used(recording: Recording) -> bool:
    in_record = Version.objects.filter(content__contains=f'"{recording.sha256}"')
    return bool(recording.articles.exists() or in_record.exists())
