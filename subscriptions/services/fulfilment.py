"""Record payments and fulfil the orders they pay for."""

from datetime import datetime

from django.db import transaction

from subscriptions import emails
from subscriptions.models import Cart, Grant, Order, Payment, Subscription
from subscriptions.periods import add_intervals
from subscriptions.providers.base import PaymentState
from subscriptions.services import lifecycle

Status = Payment.Status
FINAL = {Status.SUCCEEDED, Status.SURPLUS, Status.FAILED}


@transaction.atomic
def record_payment(*, order: Order, state: PaymentState, now: datetime) -> Payment:
    """Record a payment for `order` as reported by the provider and, if it succeeded, grant access.

    Idempotent and safe to call concurrently: the row of an already recorded payment is returned.
    Money that was not owed (a second payment, a cancelled order, a different amount, a reader who already has a
    subscription) is recorded as `surplus`, to be refunded.
    """
    order = Order.objects.select_for_update().get(pk=order.pk)
    payment = _payment_row(order, state, now)
    if payment.status in FINAL or state.status == "processing":
        return payment
    payment.paid_at = state.paid_at
    payment.status = Status.FAILED
    if state.status == "succeeded":
        payment.note = _surplus_reason(order, state, now)
        payment.status = Status.SURPLUS if payment.note else Status.SUCCEEDED
    payment.save(update_fields=["status", "paid_at", "note"])
    if payment.status == Status.SUCCEEDED:
        _fulfil(order, now)
    return payment


def _payment_row(order: Order, state: PaymentState, now: datetime) -> Payment:
    defaults = {
        "user_id": order.user_id,
        "order": order,
        "status": Status.PROCESSING,
        "minor": state.amount.minor,
        "currency": state.amount.currency,
        "recorded_at": now,
    }
    return Payment.objects.get_or_create(provider=order.provider, provider_ref=state.ref, defaults=defaults)[0]


def _surplus_reason(order: Order, state: PaymentState, now: datetime) -> str:
    if not order.is_open:
        return f"The order was already {order.status}."
    if state.amount != order.total:
        return f"The order’s total is {order.total}."
    lifecycle.end_due(now, user=order.user)
    if Subscription.objects.live().filter(user=order.user_id).exists():
        return "The reader already has a subscription."
    return ""


def _fulfil(order: Order, now: datetime) -> None:
    order.status, order.paid_at = Order.Status.PAID, now
    order.save(update_fields=["status", "paid_at"])
    Cart.objects.filter(orders=order, status=Cart.Status.OPEN).update(status=Cart.Status.DONE)
    subscription = _open_subscription(order, now)
    emails.welcome(order, subscription)


def _open_subscription(order: Order, now: datetime) -> Subscription:
    """Create the subscription and grant that `order` pays for, starting now."""
    price = order.lines.select_related("price__plan__tier").get().price
    end = add_intervals(now, price.interval, price.count)
    subscription = Subscription.objects.create(
        user=order.user, price=price, provider=order.provider, anchor=now, period_start=now, period_end=end
    )
    subscription = lifecycle.apply_event(
        subscription=subscription, event="first_paid", at=now, actor=order.provider, note=str(order)
    )
    Grant.objects.create(
        user=order.user,
        level=price.plan.tier.level,
        may_comment=price.plan.tier.may_comment,
        starts_at=now,
        ends_at=end + lifecycle.GRACE_PERIOD,
        source=Grant.Source.ORDER,
        source_key=str(order.uuid),
        subscription=subscription,
    )
    return subscription
