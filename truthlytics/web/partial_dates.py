"""Partial dates in ISO 8601: a year, a month or a day, as `2024`, `2024-11` or `2024-11-20`.

The stored strings sort chronologically. Pure.
"""

import re
from datetime import date, datetime

from django.core.exceptions import ValidationError
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

_ISO = re.compile(r"[0-9]{4}(?:-[0-9]{1,2}(?:-[0-9]{1,2})?)?")
# Other accepted formats, with the number of parts that they specify.
_INPUT_FORMATS = [("%d %B %Y", 3), ("%d %b %Y", 3), ("%B %Y", 2), ("%b %Y", 2)]
_OUTPUT_FORMATS = {1: "Y", 2: "YEAR_MONTH_FORMAT", 3: "DATE_FORMAT"}
_SHORT_FORMATS = {1: "Y", 2: gettext_noop("M Y"), 3: gettext_noop("j M Y")}


def parse_partial_date(text: str) -> str:
    """Return `text` in the stored form: "2024-11" for "2024-11", "Nov 2024" and "November 2024".

    Raises ValidationError if it is not a date.
    """
    text = " ".join(text.split())
    if _ISO.fullmatch(text):
        parts = [int(part) for part in text.split("-")]
        return _join(date(*_complete(parts)), len(parts))
    for input_format, precision in _INPUT_FORMATS:
        try:
            return _join(datetime.strptime(text, input_format).date(), precision)
        except ValueError:
            continue
    raise ValidationError(_("Enter a day, month or year, such as 20 November 2024, November 2024 or 2024."))


def validate_partial_date(text: str) -> None:
    """Validate a model field that stores a partial date."""
    if parse_partial_date(text) != text:
        raise ValidationError(_("Enter a day, month or year, such as 2024-11-20, 2024-11 or 2024."))


def format_partial_date(stored: str, short: bool = False) -> str:
    """Format a stored date as "20 November 2024", "November 2024" or "2024"; if `short`, as "20 Nov 2024"."""
    parts = [int(part) for part in stored.split("-")]
    output_format = _(_SHORT_FORMATS[len(parts)]) if short else _OUTPUT_FORMATS[len(parts)]
    return date_format(date(*_complete(parts)), output_format)


def _complete(parts: list[int]) -> tuple[int, int, int]:
    year, month, day = (*parts, 1, 1)[:3]
    try:
        date(year, month, day)
    except (ValueError, OverflowError) as error:
        raise ValidationError(_("This date does not exist.")) from error
    return year, month, day


def _join(day: date, precision: int) -> str:
    return "-".join([f"{day.year:04}", f"{day.month:02}", f"{day.day:02}"][:precision])
