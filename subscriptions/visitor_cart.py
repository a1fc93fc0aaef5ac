"""The cart of whoever sends a request: found by account, or by the cookie `cart`."""

import re

from django.http import HttpRequest, HttpResponse
from django.utils.http import url_has_allowed_host_and_scheme

from subscriptions.models import Cart, CartLine, User
from subscriptions.models.cart import LIFETIME
from subscriptions.services.cart import open_lines

# One of settings.PERSONAL_COOKIES: its bearer's pages are kept by no cache.
CART_COOKIE = "cart"
# A cookie may hold any byte, NUL included, which PostgreSQL refuses: only what we could have made is looked up.
_TOKEN = re.compile(r"[A-Za-z0-9_-]{22}")


def cart_token(request: HttpRequest) -> str:
    token = request.COOKIES.get(CART_COOKIE, "")
    return token if _TOKEN.fullmatch(token) else ""


def way_back(request: HttpRequest, typed: str) -> str:
    """`typed` if it is a path of this site that somebody can go back to, else ""."""
    safe = url_has_allowed_host_and_scheme(typed, allowed_hosts=None, require_https=request.is_secure())
    return typed if safe and typed.startswith("/") and len(typed) <= 300 and typed.isprintable() else ""


def known_user(request: HttpRequest) -> User | None:
    """The reader who is logged in."""
    return request.user if request.user.is_authenticated else None  # type: ignore[return-value]


def cart_lines(request: HttpRequest) -> list[CartLine]:
    """The lines of the visitor's open cart: one query a request, none for a stranger without a cookie."""
    if not hasattr(request, "_cart_lines"):
        request._cart_lines = list(open_lines(token=cart_token(request), user=known_user(request)))  # type: ignore[attr-defined]
    return request._cart_lines  # type: ignore[attr-defined, no-any-return]


def cart_count(request: HttpRequest) -> int:
    """How many lines, asked only for a visitor who carries a cart."""
    if hasattr(request, "_cart_lines") or cart_token(request):
        return len(cart_lines(request))
    return 0


def remember_cart(request: HttpRequest, response: HttpResponse, cart: Cart) -> None:
    """Hang `cart` on the visitor's browser for thirty days."""
    response.set_cookie(
        CART_COOKIE,
        cart.token,
        max_age=LIFETIME,
        httponly=True,
        samesite="Lax",
        secure=request.is_secure(),
    )
