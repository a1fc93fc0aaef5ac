"""The name that a person writes under."""

import unicodedata

from django.core.exceptions import ValidationError

from truthlytics.web.text import without_controls

NAME_LENGTH = 60
MAX_MARKS = 8  # combining marks on one letter; more is a tower that covers the lines around it


def clean_display_name(text: str) -> str:
    """`text` in NFC, on one line, without controls and direction marks; raises ValidationError if nothing stays."""
    name = " ".join(without_controls(text).split())
    visible = [letter for letter in name if unicodedata.category(letter)[0] in "LNPS"]
    if not visible:
        raise ValidationError("Write a name that others can read.", code="blank")
    if len(name) > NAME_LENGTH:
        raise ValidationError(f"A name has at most {NAME_LENGTH} characters.", code="max_length")
    if _longest_run_of_marks(name) > MAX_MARKS:
        raise ValidationError("This name has too many marks on one letter.", code="marks")
    return name


def _longest_run_of_marks(text: str) -> int:
    longest = run = 0
    for letter in text:
        run = run + 1 if unicodedata.combining(letter) else 0
        longest = max(longest, run)
    return longest
