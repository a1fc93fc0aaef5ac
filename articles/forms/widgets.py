"""Form widgets and fields: text without control characters, which no database stores, uploads, and partial dates."""

from collections.abc import Callable, Collection
from typing import IO, Any, Protocol

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Model
from django.forms.utils import flatatt
from django.template.loader import render_to_string
from django.utils.html import conditional_escape, format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django_prose_editor.widgets import ProseEditorWidget

from truthlytics.publication.language import language_tag, text_direction
from truthlytics.web.generic import ModelForm
from truthlytics.web.partial_dates import format_partial_date, parse_partial_date
from truthlytics.web.text import strip_control_characters


class CleanInputMixin:
    def value_from_datadict(self, data: object, files: object, name: str) -> object:
        value = super().value_from_datadict(data, files, name)  # type: ignore[misc]
        return strip_control_characters(value) if isinstance(value, str) else value


class CleanTextInput(CleanInputMixin, forms.TextInput):
    pass


class CleanTextarea(CleanInputMixin, forms.Textarea):
    pass


class SingleLineTextarea(CleanTextarea):
    """A single line that wraps and grows instead of scrolling. Line breaks become spaces."""

    def value_from_datadict(self, data: object, files: object, name: str) -> object:
        value = super().value_from_datadict(data, files, name)
        return " ".join(value.split()) if isinstance(value, str) else value


def mark_language(form: forms.BaseForm, code: str, *, leave_out: Collection[str] = ("slug",)) -> None:
    """Say that the text fields of `form` are in the language `code`, "" for the publication's.

    Browsers check spelling by it, and the editor's script chooses quotation marks.
    """
    attributes = {"lang": language_tag(code), "dir": text_direction(code)}
    for name, field in form.fields.items():
        if isinstance(field.widget, (forms.Textarea, forms.TextInput)) and name not in leave_out:
            field.widget.attrs |= attributes


class PlainInputMixin:
    """An input for pages with many of them. Django renders three templates for each."""

    def render(self, name: str, value: object, attrs: object = None, renderer: object = None) -> SafeString:
        widget = self.get_context(name, value, attrs)["widget"]  # type: ignore[attr-defined]
        given = {} if widget["value"] is None else {"value": widget["value"]}
        own = {"type": widget["type"], "name": name} | given | widget["attrs"]
        return format_html("<input{}>", flatatt(own))


class PlainTextInput(PlainInputMixin, CleanTextInput):
    pass


class PlainNumberInput(PlainInputMixin, forms.NumberInput):
    pass


class PlainSelect(forms.Select):
    """A select for pages with many long lists. Django makes a context and renders a template for each option."""

    def render(self, name: str, value: object, attrs: Any = None, renderer: Any = None) -> SafeString:
        wanted, parts = set(self.format_value(value)), []
        for key, label in self.choices:
            if isinstance(label, (list, tuple)):
                options = "".join(_option(row, text, wanted) for row, text in label)
                parts.append(f'<optgroup label="{conditional_escape(key)}">{options}</optgroup>')
            else:
                parts.append(_option(key, label, wanted))
        attributes = flatatt(self.build_attrs(self.attrs, attrs))
        content = mark_safe("".join(parts))  # noqa: S308 - each part is escaped
        return format_html('<select name="{}"{}>{}</select>', name, attributes, content)


def _option(value: object, label: Any, wanted: set[str]) -> str:
    """Return an option, selected if it is `wanted`: then it is taken from there, since only one can be."""
    text = "" if value is None else str(value)
    chosen = " selected" if text in wanted else ""
    wanted.discard(text)
    return f'<option value="{conditional_escape(text)}"{chosen}>{conditional_escape(label)}</option>'


class BodyEditor(CleanInputMixin, ProseEditorWidget):
    """The rich text editor. The style sheet of the newsroom has the editor's own in it."""

    @property
    def media(self) -> forms.Media:
        media: forms.Media = super().media
        return media["importmap"] + media["js"]


class ImageSelect(forms.Select):
    """A select of images. Instead of it, a script shows a thumbnail and buttons that open the library."""

    def __init__(self, label: object, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.label = label

    def render(self, name: str, value: Any, attrs: Any = None, renderer: Any = None) -> SafeString:
        context = {"select": super().render(name, value, attrs, renderer), "label": self.label}
        return mark_safe(render_to_string("admin/articles/_image_select.html", context))  # noqa: S308 - from a template


class FileInfo(Protocol):
    @property
    def sha256(self) -> str: ...


def new_file[Row: Model](form: ModelForm[Row], inspect: Callable[[IO[bytes]], FileInfo]) -> object:
    """Return the file of `form`, by whose digest `inspect` knows it. Raises ValidationError if another row has it."""
    file = form.cleaned_data["file"]
    if file and "file" in form.changed_data:
        duplicate = form.instance.__class__._default_manager.filter(sha256=inspect(file).sha256).first()
        if duplicate:
            raise ValidationError(
                _("This file is already in the library, as “%(duplicate)s”.") % {"duplicate": duplicate}
            )
    return file


class PartialDateField(forms.CharField):
    """A year, a month or a day, in digits or words."""

    widget = CleanTextInput

    def to_python(self, value: object) -> str:
        text = super().to_python(value) or ""
        return parse_partial_date(text) if text else ""

    def prepare_value(self, value: object) -> object:
        try:
            return format_partial_date(parse_partial_date(str(value or "")))
        except ValidationError:
            return value
