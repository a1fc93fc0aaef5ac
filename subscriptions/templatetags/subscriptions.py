"""What other pages show of subscriptions: the gate's offer and the way to the cart."""

from typing import Any

from django import template
from django.conf import settings
from django.template.context import RequestContext

from subscriptions.devices import device_name
from subscriptions.models import Price
from subscriptions.visitor_cart import cart_count

register = template.Library()
register.filter("device", device_name)


@register.inclusion_tag("subscriptions/_gate.html", takes_context=True)
def gate(
    context: RequestContext, required_level: int, reason: str, next_url: str, read: int = 0, words: int = 0
) -> dict[str, Any]:
    """The offer where the free part ends. The same bytes for every anonymous reader; one query for its price.

    `reason` is the decision's: "register" (an account is enough) or "subscribe". Of the `words` there are, `read`
    stand above it.
    """
    user = context.get("user")
    known = bool(user and user.is_authenticated)
    return {
        "reason": reason,
        "next_url": next_url,
        "read": read,
        "words": words,
        "known": known,
        "offers": [] if reason == "register" else _cheapest(required_level),
        "level": context["request"].access.level if known else 0,
    }


@register.simple_tag(name="cart_count", takes_context=True)
def in_cart(context: RequestContext) -> int:
    """The number at the header's link: the true one where the visitor has a cart cookie, else 0 without a query."""
    request = context.get("request")
    return cart_count(request) if request is not None else 0


def _cheapest(level: int) -> list[Price]:
    """The cheapest price a month and a year of what opens `level`, in the publication's currency."""
    prices = list(Price.objects.current().for_level(level))
    home = [price for price in prices if price.currency == settings.DEFAULT_CURRENCY]
    currency = settings.DEFAULT_CURRENCY if home else (prices[0].currency if prices else "")
    best: dict[tuple[str, int], Price] = {}
    for price in prices:
        key = (price.interval, price.count)
        if price.currency == currency and (key not in best or price.minor < best[key].minor):
            best[key] = price
    return [best[key] for key in sorted(best) if key[1] == 1] or [best[key] for key in sorted(best)][:1]
