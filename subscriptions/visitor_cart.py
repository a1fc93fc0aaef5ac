"""The visitor's cart, found by account or by the `cart` cookie."""

import re
from typing import NamedTuple
from urllib.parse import urlsplit

from django.http import HttpRequest, HttpResponse, QueryDict
from django.utils.http import url_has_allowed_host_and_scheme

from subscriptions.models import Cart, CartLine, User
from subscriptions.models.cart import LIFETIME
from subscriptions.services.cart import open_lines

# Listed in settings.PERSONAL_COOKIES, so no cache stores pages of its holder.
CART_COOKIE = "cart"
# Set at login if the account has a cart, which may come from a device with another cookie.
CART_IN_SESSION = "has_cart"
# Cookies may contain any byte, including NUL, which PostgreSQL rejects: look up only valid tokens.
_TOKEN = re.compile(r"[A-Za-z0-9_-]{22}")
# The parameter of links that says where readers came from, such as an issue of a newsletter: the same for all of them.
CAMPAIGN = "campaign"
_CAMPAIGN = re.compile(r"[A-Za-z0-9_-]{1,100}")


def cart_token(request: HttpRequest) -> str:
    token = request.COOKIES.get(CART_COOKIE, "")
    return token if _TOKEN.fullmatch(token) else ""


def safe_return_path(request: HttpRequest, path: str) -> str:
    """Return `path` if it is a safe path on this site, else ""."""
    safe = url_has_allowed_host_and_scheme(path, allowed_hosts=None, require_https=request.is_secure())
    return path if safe and path.startswith("/") and len(path) <= 300 and path.isprintable() else ""


def valid_campaign(text: str) -> str:
    """Return `text` if it is a slug of at most 100 characters, else ""."""
    return text if _CAMPAIGN.fullmatch(text) else ""


def campaign_of(request: HttpRequest) -> str:
    """Return the campaign in the address of this page, or of the page of this site that linked here; "" if none.

    So cached pages need not repeat it in their links, and nothing about the visitor is stored.
    """
    if CAMPAIGN in request.GET:
        return valid_campaign(request.GET[CAMPAIGN])
    try:
        referrer = urlsplit(request.headers.get("Referer", ""))
    except ValueError:
        return ""
    is_ours = referrer.netloc == request.get_host()
    return valid_campaign(QueryDict(referrer.query).get(CAMPAIGN, "")) if is_ours else ""


def logged_in_user(request: HttpRequest) -> User | None:
    return request.user if request.user.is_authenticated else None


def cart_lines(request: HttpRequest) -> list[CartLine]:
    """Return the lines of the visitor's open cart: one query per request, none without a cookie."""
    if not hasattr(request, "open_cart_lines"):
        request.open_cart_lines = list(open_lines(token=cart_token(request), user=logged_in_user(request)))  # type: ignore[attr-defined]
    return request.open_cart_lines  # type: ignore[attr-defined, no-any-return]


class CartSummary(NamedTuple):
    """The plan in the cart and its price as text; both empty if the cart is."""

    plan: str = ""
    price: str = ""


def cart_summary(request: HttpRequest) -> CartSummary:
    """Return what is in the cart, without a query for visitors who have none."""
    known = hasattr(request, "open_cart_lines") or cart_token(request) or _account_had_cart(request)
    line = next(iter(cart_lines(request)), None) if known else None
    return CartSummary(line.price.description, str(line.quoted)) if line else CartSummary()


def _account_had_cart(request: HttpRequest) -> bool:
    user = getattr(request, "user", None)
    return user is not None and user.is_authenticated and CART_IN_SESSION in getattr(request, "session", ())


def remember_cart(request: HttpRequest, response: HttpResponse, cart: Cart) -> None:
    """Set the cart cookie for thirty days."""
    response.set_cookie(
        CART_COOKIE, cart.token, max_age=LIFETIME, httponly=True, samesite="Lax", secure=request.is_secure()
    )
