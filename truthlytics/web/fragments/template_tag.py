"""`{% fragment "name" key… tags="listing" %}…{% endfragment %}`: cache a part of a page that is the same for all."""

from django import template
from django.template.base import FilterExpression, NodeList, Parser, Token
from django.utils.safestring import SafeString

from truthlytics.web.fragments import fragment

register = template.Library()

# Hidden inside a fragment, because it is shown to other visitors too.
PERSONAL = dict.fromkeys(("request", "user", "perms", "messages", "csrf_token", "csp_nonce", "personal"))
KeyPart = str | int | bool | None


class FragmentNode(template.Node):
    def __init__(self, nodelist: NodeList, key: list[FilterExpression], tags: FilterExpression | None) -> None:
        self.nodelist, self.key, self.tags = nodelist, key, tags

    def render(self, context: template.Context) -> SafeString:
        key = [key_part(expression.resolve(context)) for expression in self.key]
        if key[0] in {None, ""}:
            return self.nodelist.render(context)
        tags = self.tags.resolve(context) if self.tags else ()
        make = lambda: self.render_shared(context)  # noqa: E731
        return fragment(*key, make=make, tags=tags.split() if isinstance(tags, str) else tags)

    def render_shared(self, context: template.Context) -> SafeString:
        get_values = context.get("fragment_context")
        with context.push(PERSONAL | (get_values() if get_values else {})):
            return self.nodelist.render(context)


def key_part(value: object) -> KeyPart:
    """Return `value` if it can identify a fragment: a string, a number or None, but no object."""
    if value is None or isinstance(value, (str, int)):
        return value
    raise template.TemplateSyntaxError(f"Fragment keys are strings and numbers, not {type(value).__name__}.")


@register.tag("fragment")
def do_fragment(parser: Parser, token: Token) -> FragmentNode:
    """Render the body without request, user, messages and CSRF token, and cache it under the key.

    `tags` is a list or a string of tags separated by spaces. If the context has a function `fragment_context`, it is
    called when the body is rendered, and the values it returns are available inside. With an empty name the body is
    rendered as usual and not cached.
    """
    bits = token.split_contents()[1:]
    tags = parser.compile_filter(bits.pop().removeprefix("tags=")) if bits and bits[-1].startswith("tags=") else None
    if not bits or "=" in bits[-1]:
        raise template.TemplateSyntaxError("Usage: {% fragment “name” key… tags=… %}.")
    nodelist = parser.parse(("endfragment",))
    parser.delete_first_token()
    return FragmentNode(nodelist, [parser.compile_filter(bit) for bit in bits], tags)
