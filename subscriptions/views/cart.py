"""Cart pages: show, add, remove."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from subscriptions.models import Price, Subscription
from subscriptions.providers import offered_providers
from subscriptions.services import cart as carts
from subscriptions.services.checkout import awaited_order, confirmation_token, consent_text
from subscriptions.visitor_cart import cart_lines, cart_token, logged_in_user, remember_cart, safe_return_path
from truthlytics.web.ids import parse_id
from truthlytics.web.rate_limits import allow


@require_safe
def cart(request: HttpRequest) -> HttpResponse:
    return show_cart(request)


def show_cart(request: HttpRequest, *, refusal: str = "", code: str = "", status: int = 200) -> HttpResponse:
    """Render the cart, optionally with an error message."""
    line = next(iter(cart_lines(request)), None)
    context: dict[str, Any] = {"line": line, "refusal": refusal, "code": code}
    if (user := logged_in_user(request)) is not None:
        context["awaited"] = awaited_order(user)
        if line is None:
            context["subscription"] = Subscription.objects.live().filter(user=user).first()
    if line is not None:
        providers = offered_providers()
        codes = [provider.code for provider in providers]
        submitted = request.POST.get("provider", "")
        context |= {
            "successor": None if line.price.on_sale else line.price.successor(),
            "providers": providers,
            "chosen": submitted if submitted in codes else next(iter(codes), ""),
            "consent": consent_text(line),
            "confirmation": confirmation_token(line),
        }
    response = render(request, "subscriptions/cart.html", context, status=status)
    if line is not None and cart_token(request) != line.cart.token:
        remember_cart(request, response, line.cart)
    return response


@require_http_methods(["GET", "HEAD", "POST"])
def lines(request: HttpRequest) -> HttpResponse:
    """POST adds the chosen price; if it is no longer sold, the cart explains it."""
    if request.method != "POST":
        return redirect("subscriptions:cart")
    price = _price(request.POST.get("price", ""))
    if price is None or not price.on_sale:
        successor = price.successor() if price else None
        message = _("This plan is no longer available. Please choose one of the plans on sale.")
        if successor is not None:
            message = _("This price is no longer offered; %(plan)s now costs %(amount)s.") % {
                "plan": successor.description,
                "amount": successor.money,
            }
        return show_cart(request, refusal=message, code="gone", status=422)
    if not allow(request, "cart", per_account=60, per_address=300, seconds=3600):
        message = _("Too many changes to your cart. Please try again in an hour; your cart is unchanged.")
        return show_cart(request, refusal=message, status=429)
    back = safe_return_path(request, request.POST.get("next", ""))
    cart = carts.add(price=price, token=cart_token(request), user=logged_in_user(request), back_to=back)
    response = redirect("subscriptions:cart")
    remember_cart(request, response, cart)
    return response


@require_http_methods(["GET", "HEAD", "POST"])
def removal(request: HttpRequest) -> HttpResponse:
    """POST empties the cart and continues at `next`, for instance at the order that the reader keeps."""
    if request.method == "POST":
        carts.empty(token=cart_token(request), user=logged_in_user(request))
        messages.info(request, _("Removed from your cart."))
    return redirect(safe_return_path(request, request.POST.get("next", "")) or "subscriptions:cart")


def _price(submitted: str) -> Price | None:
    """Return the price with this id, on sale or not, or None for any other input."""
    pk = parse_id(submitted)
    return Price.objects.select_related("plan__tier").filter(pk=pk).first() if pk is not None else None
