"""The cart: what is in it, putting something in, taking it out."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from subscriptions.models import Price
from subscriptions.providers import offered_providers
from subscriptions.services import cart as carts
from subscriptions.services.checkout import confirmation_of, consent_text
from subscriptions.visitor_cart import cart_lines, cart_token, known_user, remember_cart, way_back
from truthlytics.web.ids import row_id
from truthlytics.web.rate_limits import allow


@require_safe
def cart(request: HttpRequest) -> HttpResponse:
    return show_cart(request)


def show_cart(request: HttpRequest, *, refusal: str = "", code: str = "", status: int = 200) -> HttpResponse:
    """The cart as it is now, with a sentence about why something could not be done."""
    line = next(iter(cart_lines(request)), None)
    context: dict[str, Any] = {"line": line, "refusal": refusal, "code": code}
    if line is not None:
        providers = offered_providers()
        codes = [provider.code for provider in providers]
        typed = request.POST.get("provider", "")
        context |= {
            "successor": None if line.price.on_sale else line.price.successor(),
            "providers": providers,
            "chosen": typed if typed in codes else next(iter(codes), ""),
            "consent": consent_text(line),
            "confirmation": confirmation_of(line),
        }
    response = render(request, "subscriptions/cart.html", context, status=status)
    if line is not None and cart_token(request) != line.cart.token:
        remember_cart(request, response, line.cart)
    return response


@require_http_methods(["GET", "HEAD", "POST"])
def lines(request: HttpRequest) -> HttpResponse:
    """POST puts the price that was chosen into the cart; what is no longer sold is answered in the cart."""
    if request.method != "POST":
        return redirect("subscriptions:cart")
    price = _price(request.POST.get("price", ""))
    if price is None or not price.on_sale:
        successor = price.successor() if price else None
        sentence = "This is not sold any more, or never was. Please choose from what is on sale."
        if successor is not None:
            sentence = f"This price is no longer offered; {successor.description} now costs {successor.money}."
        return show_cart(request, refusal=sentence, code="gone", status=422)
    if not allow(request, "cart", per_account=60, per_address=300, seconds=3600):
        sentence = "That was a lot of choosing. Please wait an hour; your cart is as it was."
        return show_cart(request, refusal=sentence, status=429)
    back = way_back(request, request.POST.get("next", ""))
    cart = carts.add(price=price, token=cart_token(request), user=known_user(request), back_to=back)
    response = redirect("subscriptions:cart")
    remember_cart(request, response, cart)
    return response


@require_http_methods(["GET", "HEAD", "POST"])
def removal(request: HttpRequest) -> HttpResponse:
    if request.method == "POST":
        carts.empty(token=cart_token(request), user=known_user(request))
        messages.info(request, "It was taken out of your cart.")
    return redirect("subscriptions:cart")


def _price(typed: str) -> Price | None:
    """The price with that id, on sale or not; None for anything else, however odd."""
    pk = row_id(typed)
    return Price.objects.select_related("plan__tier").filter(pk=pk).first() if pk is not None else None
