"""`{% plugin_slot "article_end" article=summary %}` shows what plug-ins have for a place of a template."""

from django import template
from django.utils.safestring import SafeString

from truthlytics.web.slots import shown_in

register = template.Library()


@register.simple_tag(takes_context=True)
def plugin_slot(context: template.Context, name: str, **objects: object) -> SafeString:
    return shown_in(name, context["request"], **objects) if "request" in context else SafeString()
