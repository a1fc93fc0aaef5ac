"""Obsolete orders: replaced ones are closed at the provider, abandoned ones cancelled."""

import logging
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F, Q

from subscriptions.models import Order
from subscriptions.providers import ProviderError, provider_named
from subscriptions.services import coupons
from subscriptions.services.checkout_failures import note_refused_key
from subscriptions.services.sync import sync_order

# How often an open order is asked about, on the first day and later, and when an expired one is given up.
CHECK_INTERVAL, LATER_INTERVAL = timedelta(minutes=15), timedelta(hours=12)
ABANDONED_AFTER = timedelta(days=3)
MAX_A_RUN = 200

logger = logging.getLogger(__name__)


@transaction.atomic
def cancel_order(order: Order) -> bool:
    """Cancel an open order and give back its coupon. Returns False if it is not open any more.

    Its checkout is closed by `close_checkout`, outside the transaction, or by `tick`.
    """
    if not Order.objects.filter(pk=order.pk, status=Order.Status.OPEN).update(status=Order.Status.CANCELLED):
        return False
    order.status = Order.Status.CANCELLED
    coupons.release(order)
    return True


def close_checkout(order: Order, now: datetime) -> bool:
    """Close the checkout of a cancelled order and record what was paid before. Not atomic.

    Returns whether the provider has closed it. A failure is logged, and `tick` tries again.
    """
    if not order.checkout_ref:
        return True
    try:
        provider_named(order.provider).close_checkout(order.checkout_ref)
        sync_order(order)
    except ProviderError as error:
        logger.exception("Closing the checkout of %s at %s failed", order, order.provider)
        note_refused_key(order.provider, error)
        return False
    Order.objects.filter(pk=order.pk, checkout_closed_at=None).update(checkout_closed_at=now)
    return True


def close_replaced(now: datetime) -> int:
    """Close the checkouts of cancelled orders that are still open at their provider. Returns the number closed."""
    return sum(close_checkout(order, now) for order in Order.objects.unclosed().order_by("pk")[:MAX_A_RUN])


def settle_open(now: datetime) -> int:
    """Check open orders, since readers may have paid and closed the tab. Returns the number settled.

    Orders with an expired checkout, or none, are cancelled after three days.
    """
    is_new = Q(placed_at__gt=now - timedelta(days=1))
    is_due = (
        Q(checked_at=None, placed_at__lte=now - CHECK_INTERVAL)
        | (is_new & Q(checked_at__lte=now - CHECK_INTERVAL))
        | Q(checked_at__lte=now - LATER_INTERVAL)
    )
    started = Order.objects.filter(is_due, status=Order.Status.OPEN).exclude(checkout_ref="")
    settled = sum(_is_settled(order) for order in started.order_by(F("checked_at").asc(nulls_first=True))[:MAX_A_RUN])
    _cancel_abandoned(now)
    return settled


def _is_settled(order: Order) -> bool:
    try:
        return sync_order(order).is_paid
    except ProviderError as error:
        logger.exception("Asking %s about %s failed", order.provider, order)
        note_refused_key(order.provider, error)
        return False


def _cancel_abandoned(now: datetime) -> None:
    unstarted = Order.objects.filter(status=Order.Status.OPEN, checkout_ref="", placed_at__lte=now - ABANDONED_AFTER)
    for order in unstarted.order_by("pk")[:MAX_A_RUN]:
        cancel_order(order)
