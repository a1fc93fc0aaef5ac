"""Putting a plan into the cart, and what becomes of a visitor's cart when they log in."""

from dataclasses import dataclass
from datetime import datetime

from django.db import IntegrityError, transaction
from django.db.models import QuerySet

from subscriptions.models import Cart, CartLine, Price, Subscription, User
from subscriptions.models.cart import LIFETIME


def open_lines(*, token: str, user: User | None) -> QuerySet[CartLine]:
    """The lines of the open cart of `user`, or else of the visitor with `token`.

    A cart that belongs to an account is never shown for its token alone.
    """
    if user is None and not token:
        return CartLine.objects.none()
    lines = CartLine.objects.select_related("cart", "price__plan__tier").filter(cart__status=Cart.Status.OPEN)
    return lines.filter(cart__user=user) if user else lines.filter(cart__token=token, cart__user=None)


@transaction.atomic
def add(*, price: Price, token: str, user: User | None, back_to: str = "") -> Cart:
    """Put `price` into the open cart, made now if there is none; it takes the place of another plan there.

    The amount is kept as the reader saw it, and the page they came from. Adding the same plan again leaves one line.
    """
    if user is not None:
        cart, _ = Cart.objects.get_or_create(user=user, status=Cart.Status.OPEN)
    else:
        cart = _visitors_cart(token) or Cart.objects.create()
    CartLine.objects.update_or_create(cart=cart, defaults={"price": price, "quoted_minor": price.minor})
    cart.back_to = back_to or cart.back_to
    cart.save(update_fields=["back_to", "updated_at"])
    return cart


@transaction.atomic
def empty(*, token: str, user: User | None) -> None:
    """Take everything out of the cart. An empty cart stays empty."""
    CartLine.objects.filter(pk__in=open_lines(token=token, user=user).values("pk")).delete()


@dataclass(frozen=True, slots=True)
class Adopted:
    """`dropped`: the plan that gave way. `why`: "subscribed", "replaced" or "" when nothing did."""

    dropped: str = ""
    why: str = ""


def adopt(*, token: str, user: User) -> Adopted:
    """Give the visitor's cart to the account they logged into; an account has one open cart afterwards.

    The visitor's plan is their latest wish and stays; another one in the account's older cart gives way.
    Somebody with a live subscription cannot order another: their cart is emptied. Says what gave way.
    """
    try:
        return _adopt(token, user)
    except IntegrityError:  # the same reader logged in elsewhere in this moment and has an open cart now
        return _adopt(token, user)


@transaction.atomic
def _adopt(token: str, user: User) -> Adopted:
    visitors = _visitors_cart(token)
    own = Cart.objects.select_for_update().filter(user=user, status=Cart.Status.OPEN).order_by("pk").first()
    if visitors is None and own is None:
        return Adopted()
    adopted = Adopted()
    new = _plan_in(visitors)
    if visitors is not None and new is not None:
        old = _plan_in(own)
        if own is not None:
            own.status = Cart.Status.MERGED
            own.save(update_fields=["status", "updated_at"])
        if old is not None and old.price_id != new.price_id:
            adopted = Adopted(old.price.description, "replaced")
        visitors.user = user
        visitors.save(update_fields=["user", "updated_at"])
        own = visitors
    line = _plan_in(own)
    if own is not None and line is not None and Subscription.objects.live().filter(user=user).exists():
        own.lines.all().delete()
        adopted = Adopted(line.price.description, "subscribed")
    return adopted


def forget_old(now: datetime) -> int:
    """Delete visitors' open carts whose cookie has expired; returns how many. Readers' carts and orders stay."""
    old = Cart.objects.filter(user=None, status=Cart.Status.OPEN, updated_at__lt=now - LIFETIME)
    deleted: int = old.delete()[1].get(Cart._meta.label, 0)
    return deleted


def _visitors_cart(token: str) -> Cart | None:
    if not token:
        return None
    return Cart.objects.select_for_update().filter(token=token, user=None, status=Cart.Status.OPEN).first()


def _plan_in(cart: Cart | None) -> CartLine | None:
    return cart.lines.select_related("price__plan").first() if cart else None
