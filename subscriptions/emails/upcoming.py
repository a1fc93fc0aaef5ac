"""What a subscription costs next, for the emails that announce it."""

from subscriptions.models import BillingProfile, Coupon, Order, Subscription
from subscriptions.money import Money
from subscriptions.tax import Buyer, statement, tax_on


def next_payment(subscription: Subscription) -> dict[str, object]:
    """Return the next price and amount with the coupon that may still reduce it.

    A coupon for every period is taken off the amount. The provider counts the periods of the others.
    """
    price, order = subscription.upcoming_price, order_of(subscription)
    coupon = order.coupon if order is not None and subscription.has_contract else None
    amount = price.money
    if coupon is not None and coupon.duration == Coupon.Duration.FOREVER:
        amount = Money(price.minor - coupon.off(price.money).minor, price.currency)
    is_used_up = coupon is not None and coupon.duration == Coupon.Duration.ONCE and not subscription.is_trial
    return {
        "subscription": subscription,
        "price": price,
        "amount": amount,
        "coupon": None if coupon is None or amount != price.money or is_used_up else coupon,
        "order": order,
        "tax_statement": statement(tax_on(amount, buyer=_buyer(subscription, order))),
    }


def _buyer(subscription: Subscription, order: Order | None) -> Buyer:
    """Return the buyer of the next payment: as entered since, or as of the order."""
    known = BillingProfile.objects.filter(user=subscription.user_id).first() or order
    return known.buyer if known is not None else Buyer()


def order_of(subscription: Subscription) -> Order | None:
    """Return the last order that the reader placed for this subscription, with its coupon."""
    mine = Order.objects.for_subscription().exclude(status=Order.Status.CANCELLED).select_related("coupon")
    mine = mine.filter(user=subscription.user_id, provider=subscription.provider, renews=subscription.has_contract)
    return mine.order_by("-placed_at", "-pk").first()


def awaited_order(subscription: Subscription) -> Order | None:
    """Return the reader's order for which a transfer is awaited."""
    return Order.objects.awaiting_transfer().for_subscription().filter(user=subscription.user_id).first()
