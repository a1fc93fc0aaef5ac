"""Dates of the newsroom's templates, with the year if it is not the current one."""

from django import template

from truthlytics.web import dates

register = template.Library()


@register.filter(expects_localtime=True)
def recent_date(value: object, pattern: str) -> str:
    """Format as `truthlytics.web.dates.recent_date` does; nothing for a time that is not set."""
    return dates.recent_date(value, pattern) if value else ""  # type: ignore[arg-type]
