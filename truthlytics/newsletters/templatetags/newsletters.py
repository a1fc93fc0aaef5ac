"""Filters of the templates of newsletters."""

from typing import Any

from django import template

from truthlytics.newsletters.campaigns import with_campaign
from truthlytics.newsletters.email_html import plain

register = template.Library()
register.filter("plain_email", plain)
register.filter("with_campaign", with_campaign)


@register.filter
def value_of(values: dict[int, object], key: int) -> Any:
    return values.get(key)
