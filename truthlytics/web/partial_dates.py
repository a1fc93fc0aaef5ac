"""Partial dates in ISO 8601: a year, a month or a day, as `2024`, `2024-11` or `2024-11-20`.

The stored strings sort chronologically. Pure.
"""

import re
from datetime import date

from django.core.exceptions import ValidationError
from django.utils.dates import MONTHS
from django.utils.formats import date_format
from django.utils.translation import get_language, gettext_noop, override
from django.utils.translation import gettext as _

_ISO = re.compile(r"[0-9]{4}(?:-[0-9]{1,2}(?:-[0-9]{1,2})?)?")
# 20.11.2024 and 11.2024: with full stops, the day comes first in every language. 3/11/2024 may be either: refused.
_DOTTED = re.compile(r"(?:(?P<day>[0-9]{1,2})\. ?)?(?P<month>[0-9]{1,2})\. ?(?P<year>[0-9]{4})")
_WORDS = re.compile(r"(?:(?P<day>[0-9]{1,2})\.? )?(?P<month>[^\W\d]+)\.? (?P<year>[0-9]{4})")
# The shortest abbreviation of a month that is understood, in characters.
_ABBREVIATED = 3
_OUTPUT_FORMATS = {1: "Y", 2: "YEAR_MONTH_FORMAT", 3: "DATE_FORMAT"}
_SHORT_FORMATS = {1: "Y", 2: gettext_noop("M Y"), 3: gettext_noop("j M Y")}


def parse_partial_date(text: str) -> str:
    """Return `text` in the stored form: "2024-11" for "2024-11", "11.2024", "Nov 2024" and "November 2024".

    Months are in English or the active language. Raises ValidationError if it is not a date.
    """
    text = " ".join(text.split())
    if _ISO.fullmatch(text):
        parts = [int(part) for part in text.split("-")]
        return _join(date(*_complete(parts)), len(parts))
    if found := _DOTTED.fullmatch(text) or _WORDS.fullmatch(text):
        month = int(found["month"]) if found["month"].isdecimal() else _month(found["month"])
        parts = [int(found["year"]), month, *([int(found["day"])] if found["day"] else [])]
        if month:
            return _join(date(*_complete(parts)), len(parts))
    raise ValidationError(_("Enter a day, month or year, such as 20 November 2024, November 2024 or 2024."))


def _month(word: str) -> int:
    """Return the number of the only month that begins with `word`, in English or the active language, else 0."""
    if len(word) < _ABBREVIATED:
        return 0
    found = set()
    for language in ("en", get_language() or "en"):
        with override(language):
            found |= {number for number, name in MONTHS.items() if str(name).casefold().startswith(word.casefold())}
    return found.pop() if len(found) == 1 else 0


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
