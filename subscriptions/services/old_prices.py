"""Let a reader who pays in another system continue here at the old price: a coupon of their own, and a link to it."""

from dataclasses import dataclass

from django.conf import settings
from django.core import signing
from django.db import transaction
from django.urls import reverse
from django.utils.crypto import get_random_string

from subscriptions.models import Cart, Coupon, Price, User
from subscriptions.money import Money
from subscriptions.services import cart as carts

SALT = "subscriptions.old_prices"
# Without characters that look alike.
LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"


@dataclass(frozen=True, slots=True)
class Offer:
    """The price on sale, and what it costs the reader with the coupon."""

    coupon: Coupon
    price: Price
    amount: Money


def keep_price(*, user: User, price: Price) -> Coupon | None:
    """Return a coupon with which `user` alone pays for the plan on sale what `price` costs.

    None if there is none on sale for the same period and currency, or if it costs no more. Safe to repeat.
    """
    current = price.successor()
    if current is None or current.minor <= price.minor:
        return None
    coupon = Coupon.objects.filter(reader=user, archived_at=None).first()
    if coupon is None:
        coupon = Coupon.objects.create(
            code=f"BACK-{get_random_string(10, LETTERS)}",
            kind=Coupon.Kind.AMOUNT,
            minor=current.minor - price.minor,
            currency=price.currency,
            duration=Coupon.Duration.FOREVER,
            max_uses=1,
            reader=user,
        )
        coupon.plans.add(price.plan)
    return coupon


def link_to(coupon: Coupon, price: Price) -> str:
    """Return the address of the page on which the reader of `coupon` continues with `price`."""
    return settings.SITE_URL + reverse("subscriptions:old_price", args=[token_of(coupon, price)])


def token_of(coupon: Coupon, price: Price) -> str:
    return signing.dumps([coupon.pk, price.pk], salt=SALT)


def offer_for(token: str) -> Offer | None:
    """Return the offer of a link, None if it is forged, used or no longer holds."""
    try:
        pk, price_pk = signing.loads(token, salt=SALT)
    except (signing.BadSignature, ValueError, TypeError):
        return None
    coupon = Coupon.objects.filter(pk=pk, archived_at=None, uses=0).select_related("reader").first()
    price = Price.objects.current().filter(pk=price_pk).first()
    return make_offer(coupon, price) if coupon is not None and price is not None else None


def make_offer(coupon: Coupon, price: Price) -> Offer:
    """Return what `price` costs with `coupon`."""
    return Offer(coupon, price, Money(price.minor - coupon.off(price.money).minor, price.currency))


@transaction.atomic
def put_into_cart(*, offer: Offer, user: User) -> Cart:
    """Put the offer into the cart of its reader, replacing what is in it."""
    cart = carts.add(price=offer.price, token="", user=user)
    carts.set_coupon(cart=cart, coupon=offer.coupon)
    return cart
