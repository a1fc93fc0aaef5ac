"""How the desk names people and moments."""

from datetime import datetime
from typing import Any

from django.utils import timezone


def clock(moment: datetime) -> str:
    """The time of day; with the date where it was not today."""
    local = timezone.localtime(moment)
    today = local.date() == timezone.localdate()
    return local.strftime("%H:%M" if today else "%-d %b, %H:%M")


def name_of(person: Any) -> str:
    return str(getattr(person, "display_name", "") or person or "Somebody")
