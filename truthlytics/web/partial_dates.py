"""Days, months and years as far as they are known: `2024`, `2024-11`, `2024-11-20`, as HTML and ISO 8601 write them.

Such texts sort as the times that they stand for. Pure.
"""

import re
from datetime import date, datetime

from django.core.exceptions import ValidationError
from django.utils.formats import date_format

_ISO = re.compile(r"[0-9]{4}(?:-[0-9]{1,2}(?:-[0-9]{1,2})?)?")
# What people write besides, and how much of it is known.
_WRITTEN = [("%d %B %Y", 3), ("%d %b %Y", 3), ("%B %Y", 2), ("%b %Y", 2)]
_SHOWN = {1: "Y", 2: "F Y", 3: "j F Y"}


def partial_date(text: str) -> str:
    """`text` in the one form that is stored: “2024-11” for “2024-11”, “Nov 2024” and “November 2024”.

    Raises ValidationError for what is no date.
    """
    text = " ".join(text.split())
    if _ISO.fullmatch(text):
        parts = [int(part) for part in text.split("-")]
        return _joined(date(*_filled(parts)), len(parts))
    for form, known in _WRITTEN:
        try:
            return _joined(datetime.strptime(text, form).date(), known)
        except ValueError:
            continue
    raise ValidationError("Write a day, a month or a year, such as 20 November 2024, November 2024 or 2024.")


def is_date(text: str) -> None:
    """The validator of a column that holds one."""
    if partial_date(text) != text:
        raise ValidationError("Write a day, a month or a year, such as 2024-11-20, 2024-11 or 2024.")


def shown(stored: str, short: bool = False) -> str:
    """How readers see a stored date: “20 November 2024”, “November 2024”, “2024”; `short`: “20 Nov 2024”."""
    parts = [int(part) for part in stored.split("-")]
    form = _SHOWN[len(parts)]
    return date_format(date(*_filled(parts)), form.replace("F", "M") if short else form)


def _filled(parts: list[int]) -> tuple[int, int, int]:
    year, month, day = (*parts, 1, 1)[:3]
    try:
        date(year, month, day)
    except ValueError as error:
        raise ValidationError("The calendar has no such day.") from error
    return year, month, day


def _joined(day: date, known: int) -> str:
    return "-".join([f"{day.year:04}", f"{day.month:02}", f"{day.day:02}"][:known])
