"""Validation of display names."""

import unicodedata

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from truthlytics.web.text import strip_control_characters

NAME_LENGTH = 60
MAX_MARKS = 8  # Combining marks allowed on one character; more would overlap neighbouring lines.


def clean_display_name(text: str) -> str:
    """Return `text` in NFC, on one line, without control and direction marks.

    Raises ValidationError if nothing is left.
    """
    name = " ".join(strip_control_characters(text).split())
    visible = [character for character in name if unicodedata.category(character)[0] in "LNPS"]
    if not visible:
        raise ValidationError(_("Enter a name that others can read."), code="blank")
    if len(name) > NAME_LENGTH:
        raise ValidationError(_("Use at most %(limit)d characters.") % {"limit": NAME_LENGTH}, code="max_length")
    if _longest_run_of_marks(name) > MAX_MARKS:
        raise ValidationError(_("This name has too many accents on one character."), code="marks")
    return name


def _longest_run_of_marks(text: str) -> int:
    longest = run = 0
    for character in text:
        run = run + 1 if unicodedata.combining(character) else 0
        longest = max(longest, run)
    return longest
