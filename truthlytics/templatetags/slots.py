"""`{% plugin_slot "article_end" article=summary %}` shows what plug-ins have for a place of a template.

`{% footer_links as links %}` takes their links: pairs of a label and the name of a URL.
"""

from django import template
from django.utils.safestring import SafeString

from truthlytics.web import plugins
from truthlytics.web.slots import shown_in

register = template.Library()
register.simple_tag(plugins.footer_links, name="footer_links")


@register.simple_tag(takes_context=True)
def plugin_slot(context: template.Context, name: str, **objects: object) -> SafeString:
    return shown_in(name, context["request"], **objects) if "request" in context else SafeString()
