"""When a cancellation ends a contract, and what is paid back of the payments for the time after it.

In Germany, a consumer’s contract that has renewed can be ended at any time with at most a month’s notice (§ 309 No. 9
BGB): Settings → Contracts.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet
from django.utils import timezone

from subscriptions import states
from subscriptions.models.payments import Payment
from subscriptions.models.subscription import Subscription
from subscriptions.money import Money
from subscriptions.periods import Interval, add_intervals
from truthlytics.publication import get_publication


@dataclass(frozen=True, slots=True)
class Due:
    """What is to be paid back of a payment."""

    payment: Payment
    amount: Money


def ends_at(subscription: Subscription, declared_at: datetime) -> datetime:
    """Return when a cancellation that was declared then ends the subscription.

    That is the end of the period in which it was declared, even if another one has been charged since. A contract that
    has renewed ends a month after the declaration at the latest, depending on the settings.
    """
    paid = list(_paid(subscription).filter(period_end__isnull=False).order_by("period_end"))
    end = next(
        (payment.period_end for payment in paid if payment.period_end and payment.period_end > declared_at), None
    )
    if end is None or declared_at >= subscription.period_start:
        end = subscription.period_end
    if not (get_publication().ends_a_month_after_notice and subscription.has_contract):
        return end
    if subscription.status != states.ACTIVE or not _has_renewed(subscription, paid, declared_at):
        return end
    month_later = add_intervals(timezone.localtime(declared_at), Interval.MONTH, 1)
    # Providers keep whole seconds.
    return min(end, month_later.replace(microsecond=0))


def _has_renewed(subscription: Subscription, paid: Sequence[Payment], at: datetime) -> bool:
    """Whether a term was over at that time. Another plan is another contract, with a first term of its own.

    The first term of a contract from another system may have been over before its first payment here.
    """
    changed = subscription.changes.filter(event="plan_changed", at__lte=at).last()
    if subscription.books_since is not None and changed is None and paid:
        price = subscription.price
        return add_intervals(subscription.anchor, price.interval, price.count) <= at
    return any(
        payment.period_end is not None
        and payment.period_end <= at
        and (changed is None or payment.recorded_at >= changed.at)
        for payment in paid
    )


def pays_back(subscription: Subscription, end: datetime) -> list[Due]:
    """Return what was paid for the time after `end` and is not refunded yet, payment by payment, by days."""
    found = []
    for payment in _paid(subscription).filter(period_end__gt=end).order_by("-recorded_at", "-pk"):
        left = min(unused(payment, end) - payment.refunded_minor, payment.refundable.minor)
        if left > 0 and payment.dispute not in (Payment.Dispute.OPEN, Payment.Dispute.LOST):
            found.append(Due(payment, Money(left, payment.currency)))
    return found


def amounts(due: Sequence[Due]) -> str:
    """Return the amounts as text, such as "€74.96", "" if there are none."""
    return " + ".join(str(part.amount) for part in due)


def unused(payment: Payment, end: datetime) -> int:
    """Return the part of the payment for the days after that of `end`, in minor units. All, if it has no period."""
    if payment.period_start is None or payment.period_end is None:
        return payment.minor
    start, last = timezone.localdate(payment.period_start), timezone.localdate(payment.period_end)
    total = max((last - start).days, 1)
    used = min(max((timezone.localdate(end) - start).days, 0), total)
    return payment.minor - payment.minor * used // total


def _paid(subscription: Subscription) -> QuerySet[Payment]:
    return Payment.objects.filter(subscription=subscription, status=Payment.Status.SUCCEEDED)
