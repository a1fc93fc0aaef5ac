"""Choices out of libraries that grow: the newest are offered, and the one that was chosen."""

from typing import Any

from django import forms

from articles.models import Recording, Topic
from truthlytics.web.form_fields import SeveralRows
from truthlytics.web.ids import row_id

LATEST = 100


class RecordingChoice(forms.ModelChoiceField):
    """Any recording may be sent; the newest and the chosen one are offered."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(Recording.objects.all(), **kwargs)

    def offer(self, chosen: Any) -> None:
        newest = list(Recording.objects.only("title")[:LATEST])
        if (pk := row_id(chosen)) is not None and not any(recording.pk == pk for recording in newest):
            newest += Recording.objects.filter(pk=pk)
        self.choices = [("", "No recording"), *((recording.pk, str(recording)) for recording in newest)]


class TopicsField(SeveralRows):
    """The topics of an article; a form from before a merge means the one that it was merged into."""

    def clean(self, value: Any) -> Any:
        if isinstance(value, list | tuple):
            value = Topic.objects.survivors(value)
        return super().clean(value)
