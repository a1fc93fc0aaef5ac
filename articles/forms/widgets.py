"""Form widgets that drop control characters, which pasted text may contain and no database stores."""

from typing import Any

from django import forms
from django_prose_editor.widgets import ProseEditorWidget

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


class BodyEditor(CleanInputMixin, ProseEditorWidget):
    """The rich text editor, without the stylesheet that its admin widget adds."""
