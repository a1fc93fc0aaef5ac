"""Dates and times in the active language as the newsroom shows them: “1 Dec, 19:00”, in German “1. Dez., 19:00”."""

from datetime import date, datetime

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext, gettext_noop

# Formats of Django's `date` filter, and what is shown instead if the year is not the current one.
RECENT = {
    gettext_noop("j M"): gettext_noop("j M Y"),
    gettext_noop("D j M"): gettext_noop("D j M Y"),
    gettext_noop("j M, H:i"): gettext_noop("j M Y, H:i"),
    gettext_noop("j M, H:i T"): gettext_noop("j M Y, H:i T"),
    gettext_noop("D j M, H:i T"): gettext_noop("D j M Y, H:i T"),
    gettext_noop("j F, H:i T"): gettext_noop("j F Y, H:i T"),
}


def local_date(value: date, pattern: str) -> str:
    """Format with `pattern`, a message of the catalogue: languages order and punctuate dates differently."""
    local = timezone.localtime(value) if isinstance(value, datetime) else value
    return date_format(local, gettext(pattern))


def recent_date(value: date, pattern: str) -> str:
    """Format with `pattern`, one of `RECENT`, and with the year unless it is the current one."""
    local = timezone.localtime(value) if isinstance(value, datetime) else value
    return local_date(local, pattern if local.year == timezone.localdate().year else RECENT[pattern])
