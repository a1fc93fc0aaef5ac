"""Form widgets that drop control characters, which pasted text may contain and no database stores."""

from collections.abc import Collection
from typing import Any

from django import forms
from django_prose_editor.widgets import ProseEditorWidget

from truthlytics.publication.language import language_tag
from truthlytics.web.text import strip_control_characters


class CleanInputMixin:
    def value_from_datadict(self, data: object, files: Any, name: str) -> Any:
        value = super().value_from_datadict(data, files, name)  # type: ignore[misc]
        return strip_control_characters(value) if isinstance(value, str) else value


class CleanTextInput(CleanInputMixin, forms.TextInput):
    pass


class CleanTextarea(CleanInputMixin, forms.Textarea):
    pass


class SingleLineTextarea(CleanTextarea):
    """A single line that wraps and grows instead of scrolling. Line breaks become spaces."""

    def value_from_datadict(self, data: object, files: Any, name: str) -> Any:
        value = super().value_from_datadict(data, files, name)
        return " ".join(value.split()) if isinstance(value, str) else value


def mark_language(form: forms.BaseForm, code: str, *, leave_out: Collection[str] = ("slug",)) -> None:
    """Say that the text fields of `form` are in the language `code`, "" for the publication's.

    Browsers check spelling by it, and the editor's script chooses quotation marks.
    """
    for name, field in form.fields.items():
        if isinstance(field.widget, (forms.Textarea, forms.TextInput)) and name not in leave_out:
            field.widget.attrs["lang"] = language_tag(code)


class BodyEditor(CleanInputMixin, ProseEditorWidget):
    """The rich text editor, without the stylesheet that its admin widget adds."""
