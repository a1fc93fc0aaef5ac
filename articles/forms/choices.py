"""Form fields that choose from libraries too large to list in full."""

from typing import Any

from django.utils.translation import gettext as _

from articles.forms.widgets import PlainSelect
from articles.models import Image, Recording, Topic
from truthlytics.web.form_fields import SafeModelMultipleChoiceField
from truthlytics.web.generic import ModelChoiceField
from truthlytics.web.ids import parse_id

MAX_CHOICES = 100


class ImageChoice(ModelChoiceField[Image]):
    """Accept any image; list the newest ones and the selected one."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(Image.objects.all(), **{"widget": PlainSelect, **kwargs})

    def offer(self, selected: object) -> None:
        """List the newest images and `selected`."""
        images = list(Image.objects.order_by("-uploaded_at", "-pk")[:MAX_CHOICES])
        if (pk := parse_id(selected)) is not None and not any(image.pk == pk for image in images):
            images += Image.objects.filter(pk=pk)
        self.choices = [("", _("No image")), *((image.pk, str(image)) for image in images)]


class RecordingChoice(ModelChoiceField[Recording]):
    """Accept any recording; list the newest ones and the selected one."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(Recording.objects.all(), **{"widget": PlainSelect, **kwargs})

    def offer(self, selected: object) -> None:
        """List the newest recordings and `selected`."""
        recordings = list(Recording.objects.only("title")[:MAX_CHOICES])
        if (pk := parse_id(selected)) is not None and not any(recording.pk == pk for recording in recordings):
            recordings += Recording.objects.filter(pk=pk)
        self.choices = [("", _("No recording")), *((recording.pk, str(recording)) for recording in recordings)]


class TopicsField(SafeModelMultipleChoiceField):
    """The topics of an article. Topics that were merged in the meantime are replaced by their successor."""

    def clean(self, value: object) -> Any:
        if isinstance(value, list | tuple):
            value = Topic.objects.survivors(value)
        return super().clean(value)
