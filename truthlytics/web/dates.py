"""Dates and times in the active language as the newsroom shows them: “1 Dec, 19:00”, in German “1. Dez., 19:00”."""

from datetime import date, datetime

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext, gettext_noop, pgettext

# Formats of Django's `date` filter, and what is shown instead if the year is not the current one.
RECENT = {
    gettext_noop("j M"): gettext_noop("j M Y"),
    gettext_noop("D j M"): gettext_noop("D j M Y"),
    gettext_noop("j M, H:i"): gettext_noop("j M Y, H:i"),
    gettext_noop("j M, H:i T"): gettext_noop("j M Y, H:i T"),
    gettext_noop("D j M, H:i T"): gettext_noop("D j M Y, H:i T"),
    gettext_noop("j F, H:i T"): gettext_noop("j F Y, H:i T"),
}
# Those that templates use, and that makemessages does not find there.
MESSAGES = (
    gettext_noop("l j F Y, H:i T"),
    gettext_noop("l j F, H:i T"),
    gettext_noop("j F Y, H:i T"),
    gettext_noop("H:i T"),
)


def local_date(value: date, pattern: str) -> str:
    """Format with `pattern`, a message of the catalogue: languages order and punctuate dates differently."""
    pattern = gettext(pattern)
    if isinstance(value, datetime):
        value = timezone.localtime(value)
        # Django leaves the zone out of times that occur twice because the clocks go back, which are those that need it.
        pattern = pattern.replace("T", "".join(f"\\{letter}" for letter in zone_name(value)))
    return date_format(value, pattern)


def zone_name(value: datetime) -> str:
    """Return the abbreviated time zone of `value` as the active language writes it: “CET”, in German “MEZ”."""
    name = value.tzname() or ""
    translated = {
        "WET": pgettext("time zone", "WET"),
        "WEST": pgettext("time zone", "WEST"),
        "CET": pgettext("time zone", "CET"),
        "CEST": pgettext("time zone", "CEST"),
        "EET": pgettext("time zone", "EET"),
        "EEST": pgettext("time zone", "EEST"),
    }
    return translated.get(name, name)


def recent_date(value: date, pattern: str) -> str:
    """Format with `pattern`, one of `RECENT`, and with the year unless it is the current one."""
    day = timezone.localdate(value) if isinstance(value, datetime) else value
    return local_date(value, pattern if day.year == timezone.localdate().year else RECENT[pattern])
