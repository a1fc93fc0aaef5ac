"""Template tags: the paywall offer, the cart in the page header, and buttons to log in."""

from collections.abc import Collection

from django import template
from django.template.context import Context, RequestContext

from subscriptions.devices import device_name
from subscriptions.models import LoginProvider
from subscriptions.money import Money, percentage
from subscriptions.offers import cheapest_prices
from subscriptions.services.gift_orders import consent_text
from subscriptions.tax import Buyer, Tax, after, as_percent, statement, tax_on
from subscriptions.visitor_cart import CartSummary, cart_summary

register = template.Library()
register.filter("device", device_name)
register.filter("gift_consent", consent_text)
register.filter("percent", as_percent)
register.filter("percentage", percentage)


@register.filter
def button_classes(tags: Collection[str], default: str = "") -> str:
    """Return the CSS classes of a button by allauth's `tags`; `default` is added to one that is not dangerous."""
    if "link" in tags or "minor" in tags:
        return "link-button"
    quiet = "button--quiet" if "outline" in tags or "secondary" in tags else default
    classes = ["button", "button--danger" if "danger" in tags else quiet]
    classes += ["button--small"] * ("tool" in tags) + ["button--wide"] * ("prominent" in tags)
    return " ".join(filter(None, classes))


@register.filter
def full_stop(text: str) -> str:
    """Return `text` with the full stop of its sentence, unless it ends with one: “inkl. 7 % MwSt.” does."""
    return text if text.endswith(".") else f"{text}."


@register.simple_tag(takes_context=True)
def tax_after(context: Context, price: Money) -> str:
    """Return what to say of tax right after a price: ", including 7% VAT", or the sentence of the scheme; "" if none.

    The tax is that of `buyer` in the context, or without one, of our own country.
    """
    return after(_tax_in(context, price))


@register.simple_tag(takes_context=True)
def tax_text(context: Context, price: Money) -> str:
    """Return the same for a line below a price: "including 7% VAT"."""
    return _tax_in(context, price).description


@register.simple_tag(takes_context=True)
def tax_statement(context: Context, price: Money) -> str:
    """Return the same as a sentence of its own, for prices within a sentence."""
    return statement(_tax_in(context, price))


def _tax_in(context: Context, price: Money) -> Tax:
    return tax_on(price, buyer=context.get("buyer") or Buyer())


@register.inclusion_tag("subscriptions/_gate.html", takes_context=True)
def gate(
    context: RequestContext, required_level: int, reason: str, next_url: str, read: int = 0, words: int = 0
) -> dict[str, object]:
    """Render the offer where the free part ends: the same for every anonymous reader, one query for the price.

    `reason` comes from the decision: "register" (an account is enough) or "subscribe". `read` of `words` words
    are above it.
    """
    user = context.get("user")
    known = bool(user and user.is_authenticated)
    return {
        "reason": reason,
        "next_url": next_url,
        "read": read,
        "words": words,
        "known": known,
        "is_staff": bool(user and user.is_staff),
        "offers": () if reason == "register" else cheapest_prices(required_level),
        "level": context["request"].access.level if known else 0,
    }


@register.simple_tag
def login_providers() -> list[LoginProvider]:
    """Return the providers to log in with; without a query if none is configured."""
    return LoginProvider.objects.offered()


@register.simple_tag(name="cart_summary", takes_context=True)
def cart_in_header(context: RequestContext) -> CartSummary:
    """Return the plan in the cart for the page header; an empty one without a query if there is no cart cookie."""
    request = context.get("request")
    return cart_summary(request) if request is not None else CartSummary()
