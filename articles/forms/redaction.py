"""The form that removes the text of a published version."""

from collections.abc import Iterable

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy

from articles.forms.widgets import SingleLineTextarea
from articles.models import Image
from articles.models.base_version import REASON_LENGTH
from truthlytics.web.form_fields import choice_field


class RedactionForm(forms.Form):
    reason = forms.CharField(
        max_length=REASON_LENGTH,
        label=gettext_lazy("Reason, for readers"),
        widget=SingleLineTextarea(attrs={"rows": 2}),
        error_messages={"required": gettext_lazy("Give the reason. Readers see it in place of the text.")},
    )
    revisions = forms.BooleanField(required=False)
    images = forms.MultipleChoiceField(
        required=False,
        error_messages={
            "invalid_choice": gettext_lazy("One of the images is used elsewhere by now. Check the list again.")
        },
    )
    confirmed = forms.BooleanField(
        error_messages={"required": gettext_lazy("Confirm that the text may be removed for good.")}
    )

    def __init__(self, data: QueryDict | None, *, images: Iterable[Image]) -> None:
        super().__init__(data)
        choice_field(self, "images").choices = [(str(image.pk), str(image)) for image in images]
