"""The form that saves a block of the editor."""

from typing import ClassVar

from django import forms
from django.core.exceptions import ValidationError
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from articles.forms.widgets import CleanTextInput
from articles.models import SavedBlock
from articles.richtext.vocabulary import clean, image_uuids
from truthlytics.web.generic import ModelForm

MAX_LENGTH = 20_000
NO_TEXT = gettext_lazy("There is no text to save. Put the cursor into the block first.")


class SavedBlockForm(ModelForm[SavedBlock]):
    class Meta:
        model = SavedBlock
        fields = ["name", "body"]
        widgets: ClassVar[dict[str, forms.Widget]] = {"name": CleanTextInput(), "body": forms.Textarea()}
        error_messages: ClassVar[dict[str, dict[str, str | Promise]]] = {
            "name": {"required": gettext_lazy("Enter a name.")},
            "body": {"required": NO_TEXT},
        }

    def clean_body(self) -> str:
        body = clean(str(self.cleaned_data["body"]))
        if not body:
            raise ValidationError(NO_TEXT)
        if len(body) > MAX_LENGTH:
            raise ValidationError(_("This is too long for a saved block. Save only a part of it."))
        if image_uuids(body):
            raise ValidationError(_("A saved block cannot contain images, which have their place in the library."))
        if "data-gate" in body:
            raise ValidationError(_("A saved block cannot contain the paywall marker."))
        return body
