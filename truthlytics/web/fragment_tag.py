"""`{% fragment "name" key… tags="listing" %}…{% endfragment %}`: a piece of a page that is the same for everybody."""

from typing import Any

from django import template
from django.template.base import FilterExpression, NodeList, Parser, Token, token_kwargs
from django.utils.safestring import SafeString

from truthlytics.web.fragments import fragment

register = template.Library()

# Whose page it is: a piece that others are shown too knows nothing of it.
PERSONAL = dict.fromkeys(("request", "user", "perms", "messages", "csrf_token", "csp_nonce", "personal"))
Part = str | int | bool | None


class FragmentNode(template.Node):
    def __init__(self, nodelist: NodeList, key: list[FilterExpression], tags: FilterExpression | None) -> None:
        self.nodelist, self.key, self.tags = nodelist, key, tags

    def render(self, context: template.Context) -> SafeString:
        key = [part_of(one.resolve(context)) for one in self.key]
        if key[0] in {None, ""}:
            return self.nodelist.render(context)
        tags = self.tags.resolve(context) if self.tags else ()
        return fragment(*key, make=lambda: self.draw(context), tags=tags.split() if isinstance(tags, str) else tags)

    def draw(self, context: template.Context) -> SafeString:
        drawn = context.get("drawn")
        with context.push(PERSONAL | (drawn() if drawn else {})):
            return self.nodelist.render(context)


def part_of(value: Any) -> Part:
    """A part of a key; words, numbers and nothing else, so that no object stands there for what it shows."""
    if value is None or isinstance(value, (str, int)):
        return value
    raise template.TemplateSyntaxError(f"A fragment's key is made of words and numbers, not of {type(value).__name__}.")


@register.tag("fragment")
def do_fragment(parser: Parser, token: Token) -> FragmentNode:
    """The body is drawn without request, user, messages and token, and kept under the key while `tags` stand.

    `tags` is one string (several words) or a list of them. What the function `drawn` in the context gives by name is
    there too: it is called only where the body is drawn. With an empty name it is no fragment, and nothing is kept.
    """
    bits = token.split_contents()[1:]
    named = token_kwargs([bits.pop()], parser) if bits and "=" in bits[-1] else {}
    if not bits or not named.keys() <= {"tags"}:
        raise template.TemplateSyntaxError("Write {% fragment “name” key… tags=… %}.")
    nodelist = parser.parse(("endfragment",))
    parser.delete_first_token()
    return FragmentNode(nodelist, [parser.compile_filter(bit) for bit in bits], named.get("tags"))
