"""Coupons: whether a reader can use one, and its use, reserved by an order and counted once."""

from datetime import datetime

from django.db import IntegrityError, transaction
from django.db.models import F, Q, QuerySet
from django.utils.translation import gettext as _

from subscriptions.models import CartLine, Coupon, Order, Payment, Price, Redemption, User
from subscriptions.money import Money

MAX_LENGTH = Coupon._meta.get_field("code").max_length
State = Redemption.State


class CouponRefused(Exception):
    """The coupon can't be used; the text is for the reader."""


def find(code: str, *, user: User | None, price: Price, now: datetime) -> Coupon:
    """Return the coupon `code` if `user` can use it for `price`. Raises CouponRefused.

    A use that the reader's open order has reserved is still theirs. Visitors are checked again when they order.
    """
    code = code.strip().upper()
    is_possible = code.isprintable() and len(code) <= (MAX_LENGTH or 0)
    coupon = Coupon.objects.filter(code=code, archived_at=None).first() if code and is_possible else None
    if coupon is not None and coupon.reader_id is not None and (user is None or user.pk != coupon.reader_id):
        coupon = None
    if coupon is None:
        raise CouponRefused(_("We don’t know this coupon. Check the code."))
    _check_use(coupon, user, now)
    plans = set(coupon.plans.values_list("pk", flat=True))
    if plans and price.plan_id not in plans:
        raise CouponRefused(_("The coupon %(code)s isn’t for this plan.") % {"code": code})
    if not coupon.off(price.money).minor:
        raise CouponRefused(
            _("The coupon %(code)s isn’t for prices in %(currency)s.") % {"code": code, "currency": price.currency}
        )
    if coupon.first_time_only and user is not None and _has_paid(user):
        raise CouponRefused(_("The coupon %(code)s is for new subscribers only.") % {"code": code})
    return coupon


def in_cart(line: CartLine, *, user: User | None, now: datetime) -> Coupon | None:
    """Return the coupon of the line's cart, None if there is none. Raises CouponRefused if it can't be used now."""
    coupon = line.cart.coupon
    return find(coupon.code, user=user, price=line.price, now=now) if coupon is not None else None


def _has_paid(user: User) -> bool:
    """Whether the reader has paid for a subscription of their own."""
    return Payment.objects.of(user).filter(minor__gt=0).exclude(subscription=None).exists()


def _check_use(coupon: Coupon, user: User | None, now: datetime) -> None:
    """Raise CouponRefused if the coupon is not valid at `now`, used up, or was used by this reader before."""
    context = {"code": coupon.code}
    mine = Redemption.objects.filter(coupon=coupon, user=user).exclude(state=State.RELEASED).first() if user else None
    if mine is not None and (mine.state == State.USED or not mine.order.is_open):
        raise CouponRefused(_("You have already used the coupon %(code)s.") % context)
    if coupon.starts_at is not None and coupon.starts_at > now:
        raise CouponRefused(_("The coupon %(code)s can’t be used yet.") % context)
    if coupon.ends_at is not None and coupon.ends_at <= now:
        raise CouponRefused(_("The coupon %(code)s has expired.") % context)
    if mine is None and coupon.max_uses is not None and coupon.uses >= coupon.max_uses:
        raise CouponRefused(_("The coupon %(code)s has been used up.") % context)


@transaction.atomic
def reserve(order: Order) -> None:
    """Reserve a use of the order's coupon. Raises CouponRefused if another reader took the last one.

    The conditional update holds the limit, a constraint that no one uses it twice. A discount that continues from an
    earlier order needs no new use.
    """
    coupon = order.coupon
    if coupon is None or continued(order.user).filter(coupon=coupon).exists():
        return
    if not Coupon.objects.valid(order.placed_at).filter(pk=coupon.pk).update(uses=F("uses") + 1):
        raise CouponRefused(_("The coupon %(code)s has been used up.") % {"code": coupon.code})
    try:
        with transaction.atomic():
            Redemption.objects.create(coupon=coupon, user=order.user, order=order, at=order.placed_at)
    except IntegrityError:
        message = _("You have already used the coupon %(code)s.") % {"code": coupon.code}
        raise CouponRefused(message) from None


@transaction.atomic
def use(order: Order) -> None:
    """Count the coupon of an order as used. Called once, when the order is paid or its contract begins.

    If the reader pays each period themselves, one of the reduced periods is counted too.
    """
    coupon = order.coupon
    if coupon is None:
        return
    reserved = Redemption.objects.filter(order=order, state=State.RESERVED)
    if reserved.update(state=State.USED, periods_left=_periods_left(order, coupon)):
        return
    if not Redemption.objects.filter(order=order, state=State.USED).exists():
        continuing = continued(order.user).filter(coupon=coupon, periods_left__gt=0)
        continuing.update(periods_left=F("periods_left") - 1)


@transaction.atomic
def release(order: Order) -> None:
    """Give back the use that a cancelled order had reserved. Idempotent."""
    reserved = Redemption.objects.filter(order=order, state=State.RESERVED)
    if order.coupon_id is not None and reserved.update(state=State.RELEASED):
        Coupon.objects.filter(pk=order.coupon_id).update(uses=F("uses") - 1)


def continued(user: User) -> QuerySet[Redemption]:
    """Return the redemptions of `user` that reduce the next order by transfer, too."""
    left = Q(periods_left__gt=0) | Q(periods_left=None)
    return Redemption.objects.filter(left, user=user, state=State.USED).select_related("coupon").order_by("-pk")


def continued_for(user: User, price: Price) -> Coupon | None:
    """Return the coupon with a discount that continues in another order by transfer for `price`, or None."""
    for redemption in continued(user):
        plans = set(redemption.coupon.plans.values_list("pk", flat=True))
        if (not plans or price.plan_id in plans) and redemption.coupon.off(price.money).minor:
            return redemption.coupon
    return None


def discount(coupon: Coupon | None, price: Price) -> Money:
    return coupon.off(price.money) if coupon is not None else Money(0, price.currency)


def _periods_left(order: Order, coupon: Coupon) -> int | None:
    """Return how many more orders are reduced: none if the provider counts the periods, None for every one."""
    if order.renews or coupon.duration == Coupon.Duration.ONCE:
        return 0
    return None if coupon.duration == Coupon.Duration.FOREVER else max(coupon.periods - 1, 0)
