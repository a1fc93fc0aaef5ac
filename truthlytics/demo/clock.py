"""Let a month pass for one reader of a demo, by moving everything about their subscription into the past."""

from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import F, QuerySet

from subscriptions.models import (
    Grant,
    LedgerContract,
    LedgerEntry,
    Order,
    Payment,
    Subscription,
    SubscriptionChange,
    User,
)
from subscriptions.periods import Interval, add_intervals
from subscriptions.services import lifecycle, reminders
from subscriptions.services.sync import sync_subscription


def pass_month(*, user: User, now: datetime) -> None:
    """Move the reader's dates a month back and do what has become due. For demos only; not atomic."""
    _move(user, add_intervals(now, Interval.MONTH, 1) - now)
    for provider, ref in (
        Subscription.objects.renewed_by_provider().filter(user=user).values_list("provider", "provider_ref")
    ):
        sync_subscription(provider, ref)
    lifecycle.end_due(now)
    lifecycle.start_next_prices(now)
    reminders.send_due(now)


@transaction.atomic
def _move(user: User, by: timedelta) -> None:
    orders = list(Order.objects.filter(user=user).values_list("uuid", flat=True))
    _back(Order.objects.filter(user=user), by, "placed_at", "paid_at")
    _back(Grant.objects.filter(user=user), by, "starts_at", "ends_at")
    subscriptions = Subscription.objects.filter(user=user)
    dates = ("anchor", "period_start", "period_end", "cancel_at", "ended_at", "next_price_at", "past_due_since")
    _back(subscriptions, by, *dates)
    _back(Payment.objects.filter(user=user), by, "recorded_at", "paid_at", "period_start", "period_end")
    for payment in Payment.objects.filter(user=user):
        payment.save(update_fields=["month"])
    for change in SubscriptionChange.objects.filter(subscription__user=user):
        change.at -= by
        change.save(update_fields=["at", "month"])
    contracts = LedgerContract.objects.filter(order_uuid__in=orders)
    _back(contracts, by, "starts_at", "period_start", "period_end", "cancel_at", "past_due_at", "ended_at")
    _back(LedgerEntry.objects.filter(order_uuid__in=orders), by, "period_start", "period_end", "due_at", "settled_at")


def _back(rows: QuerySet[Any], by: timedelta, *names: str) -> None:
    rows.update(**{name: F(name) - by for name in names})
