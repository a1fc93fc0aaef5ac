"""Uploaded files that the library has already."""

from collections.abc import Callable
from typing import IO, Protocol

from django.core.exceptions import ValidationError
from django.db.models import Model
from django.utils.translation import gettext as _

from truthlytics.web.generic import ModelForm


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
