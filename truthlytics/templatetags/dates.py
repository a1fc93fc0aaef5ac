"""Dates of the newsroom's templates. A value that is not set shows nothing."""

from datetime import date, datetime

from django import template

from truthlytics.web import dates

register = template.Library()


@register.filter
def local_date(value: date | None, pattern: str) -> str:
    """Format as `truthlytics.web.dates.local_date` does."""
    return dates.local_date(value, pattern) if value else ""


@register.filter
def recent_date(value: date | None, pattern: str) -> str:
    """Format with the year if it is not the current one."""
    return dates.recent_date(value, pattern) if value else ""


@register.filter
def zone_name(value: datetime) -> str:
    """Return the abbreviated time zone of a time in the active language."""
    return dates.zone_name(value)
