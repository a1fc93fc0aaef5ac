"""Choices out of libraries that grow: the newest are offered, and the one that was chosen."""

from typing import Any

from django import forms

from articles.models import Recording, Topic
from truthlytics.web.choices import SeveralRows
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
        keys = [key for key in map(row_id, value if isinstance(value, list | tuple) else ()) if key is not None]
        merged = Topic.objects.filter(pk__in=keys, merged_into__isnull=False)
        survivors = {str(pk): into for pk, into in merged.values_list("pk", "merged_into")}
        if survivors:
            value = list(dict.fromkeys(str(survivors.get(str(pk), pk)) for pk in value))
        return super().clean(value)
