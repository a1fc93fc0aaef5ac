"""Cart services: add, empty, and merge a visitor's cart into their account at login."""

from datetime import datetime

from django.db import IntegrityError, transaction
from django.db.models import QuerySet

from subscriptions.models import BillingDetails, BillingProfile, Cart, CartLine, Coupon, Price, User
from subscriptions.models.billing import BILLING_FIELDS
from subscriptions.models.cart import LIFETIME


def open_lines(*, token: str, user: User | None) -> QuerySet[CartLine]:
    """Return the lines of the user's open cart, or of the anonymous cart with `token`.

    A cart that belongs to an account is never found by its token alone.
    """
    if user is None and not token:
        return CartLine.objects.none()
    lines = CartLine.objects.select_related("cart__coupon", "price__plan__tier").filter(cart__status=Cart.Status.OPEN)
    return lines.filter(cart__user=user) if user else lines.filter(cart__token=token, cart__user=None)


@transaction.atomic
def add(*, price: Price, token: str, user: User | None, back_to: str = "", campaign: str = "") -> Cart:
    """Put `price` into the open cart, creating it if needed and replacing any other plan in it.

    Records the amount the reader saw, the page they came from and the campaign that led there. Adding the same plan
    twice leaves one line.
    """
    if user is not None:
        cart, _ = Cart.objects.get_or_create(user=user, status=Cart.Status.OPEN)
    else:
        cart = _anonymous_cart(token) or Cart.objects.create()
    defaults = {"price": price, "quoted_minor": price.minor}
    _line, is_first = CartLine.objects.update_or_create(cart=cart, defaults=defaults)
    cart.back_to = back_to or cart.back_to
    # That of a plan which was removed from the cart says nothing about this one.
    cart.campaign = campaign or ("" if is_first else cart.campaign)
    cart.save(update_fields=["back_to", "campaign", "updated_at"])
    return cart


@transaction.atomic
def empty(*, token: str, user: User | None) -> None:
    """Remove all lines from the cart. Idempotent."""
    CartLine.objects.filter(pk__in=open_lines(token=token, user=user).values("pk")).delete()


def set_coupon(*, cart: Cart, coupon: Coupon | None) -> None:
    """Replace the coupon in the cart, or remove it with None."""
    cart.coupon = coupon
    cart.save(update_fields=["coupon", "updated_at"])


def set_billing(*, cart: Cart, details: BillingDetails | None) -> None:
    """Keep the buyer's details in the cart of a visitor without an account, or remove them with None."""
    cart.copy_billing(details).save(update_fields=[*BILLING_FIELDS, "updated_at"])


def merge_into_account(*, token: str, user: User) -> str:
    """Merge the visitor's cart into the account they logged in to, which then has one open cart.

    The visitor's plan is the latest choice and stays; another plan in the account's older cart is removed. A coupon of
    either is kept. Details of the buyer that the visitor entered become the account's. Returns the description of the
    removed plan, "" if there is none.
    """
    try:
        return _merge(token, user)
    except IntegrityError:  # The same user logged in elsewhere at the same time and has an open cart now.
        return _merge(token, user)


@transaction.atomic
def _merge(token: str, user: User) -> str:
    visitors = _anonymous_cart(token)
    new = _plan_in(visitors)
    if visitors is None or new is None:
        return ""
    own = Cart.objects.select_for_update().filter(user=user, status=Cart.Status.OPEN).order_by("pk").first()
    old = _plan_in(own)
    if own is not None:
        own.status = Cart.Status.MERGED
        own.save(update_fields=["status", "updated_at"])
        visitors.coupon_id = visitors.coupon_id or own.coupon_id
    visitors.user = user
    visitors.save(update_fields=["user", "coupon", "updated_at"])
    if visitors.has_billing:
        entered = {name: getattr(visitors, name) for name in BILLING_FIELDS}
        BillingProfile.objects.update_or_create(user=user, defaults=entered)
        set_billing(cart=visitors, details=None)
    return old.price.description if old is not None and old.price_id != new.price_id else ""


def delete_expired(now: datetime) -> int:
    """Delete anonymous open carts after their cookies have expired. Returns the number deleted."""
    old = Cart.objects.filter(user=None, status=Cart.Status.OPEN, updated_at__lt=now - LIFETIME)
    deleted: int = old.delete()[1].get(Cart._meta.label, 0)
    return deleted


def _anonymous_cart(token: str) -> Cart | None:
    if not token:
        return None
    return Cart.objects.select_for_update().filter(token=token, user=None, status=Cart.Status.OPEN).first()


def _plan_in(cart: Cart | None) -> CartLine | None:
    return cart.lines.select_related("price__plan").first() if cart else None
