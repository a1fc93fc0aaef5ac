"""Forms for image metadata, replacing image files and updating articles after a change."""

from typing import Any, ClassVar

from django import forms
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from articles.forms.schedule import ChangeKindForm
from articles.forms.widgets import CleanTextInput, SingleLineTextarea, new_file
from articles.media.renditions import inspect_image
from articles.models import Image
from articles.models.media import Licence
from articles.responsibility import ImageAIUse
from truthlytics.web.form_fields import choice_field
from truthlytics.web.generic import ModelForm
from truthlytics.web.types import CleanedData

ACCEPTED = {"accept": "image/jpeg,image/png,image/webp"}
METADATA_FIELDS = ["title", "alt", "caption", "credit", "licence", "terms", "ai_use"]
REQUIRED_FIELDS = ("alt", "credit")


class ImageMetadataForm(ModelForm[Image]):
    """Metadata of an image. Blank fields are prefilled from the file until the form has been saved once."""

    class Meta:
        model = Image
        fields = METADATA_FIELDS
        widgets: ClassVar[dict[str, object]] = {
            "title": CleanTextInput(attrs={"class": "vTextField"}),
            "alt": SingleLineTextarea(attrs={"rows": 2, "class": "vLargeTextField"}),
            "caption": SingleLineTextarea(attrs={"rows": 2, "class": "vLargeTextField"}),
            "credit": CleanTextInput(attrs={"class": "vTextField"}),
            "terms": CleanTextInput(attrs={"class": "vTextField"}),
        }
        labels: ClassVar[dict[str, str | Promise]] = {"alt": gettext_lazy("Alt text")}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in REQUIRED_FIELDS:
            if name in self.fields:
                self.fields[name].required = True
        if "licence" in self.fields:
            choice_field(self, "licence").choices = [("", _("Unknown")), *Licence.choices]
        if "ai_use" in self.fields:
            choice_field(self, "ai_use").choices = [("", _("Not by AI, or not known")), *ImageAIUse.choices]
        self.from_file: list[str] = []
        # Once the metadata is complete, blank fields are intended.
        if self.instance.pk is None or self.instance.complete:
            return
        for name, value in self.instance.proposed.items():
            if name in self.fields and not getattr(self.instance, name):
                self.initial[name] = value
                self.from_file.append(str(self.fields[name].label).lower())

    def clean(self) -> CleanedData:
        data: CleanedData = super().clean() or self.cleaned_data
        if "ai_use" in data:
            self.instance.mark_ai_use(data["ai_use"])
        return data


class ImageForm(ImageMetadataForm):
    class Meta(ImageMetadataForm.Meta):
        fields = ["file", *METADATA_FIELDS, "focal_x", "focal_y"]
        labels = ImageMetadataForm.Meta.labels | {
            "focal_x": gettext_lazy("Focal point, percent from the left"),
            "focal_y": gettext_lazy("Focal point, percent from the top"),
        }
        widgets = {**ImageMetadataForm.Meta.widgets, "file": forms.FileInput(attrs=ACCEPTED)}
        error_messages = {"file": {"required": gettext_lazy("Choose a file.")}}

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        for name in {"focal_x", "focal_y"} & self.fields.keys():
            self.fields[name].required = False
        if "file" in self.fields:  # files are stored under their digest, so the original name may be of any length
            self.fields["file"].max_length = None  # type: ignore[attr-defined]

    def clean_focal_x(self) -> int:
        return self._clean_focal("focal_x")

    def clean_focal_y(self) -> int:
        return self._clean_focal("focal_y")

    def _clean_focal(self, name: str) -> int:
        """Return the entered number, or the previous one if the field is blank."""
        value = self.cleaned_data[name]
        return int(value if value is not None else self.initial.get(name, 50))

    def clean_file(self) -> object:
        return new_file(self, inspect_image)


class ImageDetailsForm(ImageForm):
    """What can be changed beside a text that shows the image."""

    class Meta(ImageForm.Meta):
        fields = [*REQUIRED_FIELDS, "focal_x", "focal_y"]


class ReplaceForm(forms.Form):
    file = forms.FileField(
        label=gettext_lazy("New file"),
        widget=forms.FileInput(attrs=ACCEPTED),
        allow_empty_file=True,
        error_messages={"required": gettext_lazy("Choose a file.")},
    )


class ImageUpdateForm(ChangeKindForm):
    """The articles and pages in which to publish a changed image. Has a `proposal` if words change."""

    articles = forms.MultipleChoiceField(widget=forms.CheckboxSelectMultiple)
    # Identifies the state of the image that the user saw.
    seen = forms.CharField(widget=forms.HiddenInput, max_length=64)
