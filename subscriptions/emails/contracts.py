"""Emails about the course of a subscription, from its trial to its end."""

from django.db.models import Max
from django.utils import timezone

from subscriptions.emails.once import Content, kind, send_once
from subscriptions.emails.upcoming import awaited_order, next_payment
from subscriptions.models import Subscription
from subscriptions.models.notice import amounts, pays_back


def _period_end(subscription: Subscription) -> tuple[object, ...]:
    return (timezone.localdate(subscription.period_end),)


def _period_start(subscription: Subscription) -> tuple[object, ...]:
    return (timezone.localdate(subscription.period_start),)


def trial_started(subscription: Subscription) -> bool:
    """Welcome a reader to a free trial."""
    return send_once("trial_started", subscription)


@kind("trial_started", Subscription, holds=lambda subscription: subscription.is_trial)
def _trial_started(subscription: Subscription) -> Content:
    return _about(subscription, awaited=awaited_order(subscription))


def trial_ending(subscription: Subscription) -> bool:
    return send_once("trial_ending", subscription)


@kind(
    "trial_ending",
    Subscription,
    details=_period_end,
    holds=lambda subscription: subscription.is_trial and not subscription.cancel_at,
)
def _trial_ending(subscription: Subscription) -> Content:
    return _about(subscription, awaited=awaited_order(subscription))


def renewal_ahead(subscription: Subscription) -> bool:
    """Announce the next charge of a subscription that its provider renews."""
    return send_once("renewal_ahead", subscription)


@kind(
    "renewal_ahead",
    Subscription,
    details=_period_end,
    holds=lambda subscription: subscription.renews and not subscription.is_past_due,
)
def _renewal_ahead(subscription: Subscription) -> Content:
    return _about(subscription)


def payment_failed(subscription: Subscription) -> bool:
    """Ask the reader to update the card, once for each period that could not be charged."""
    return send_once("payment_failed", subscription)


@kind("payment_failed", Subscription, details=_period_start, holds=lambda subscription: subscription.is_past_due)
def _payment_failed(subscription: Subscription) -> Content:
    until = subscription.grants.filter(revoked_at=None).aggregate(last=Max("ends_at"))["last"]
    return _about(subscription, access_until=until if until is not None and until > timezone.now() else None)


def card_expiring(subscription: Subscription) -> bool:
    """Ask the reader for another card, once for each date of expiry."""
    return subscription.card_expires_on is not None and send_once("card_expiring", subscription)


def _card_expires(subscription: Subscription) -> bool:
    expires = subscription.card_expires_on
    return subscription.renews and expires is not None and expires < timezone.localdate(subscription.period_end)


@kind("card_expiring", Subscription, details=lambda subscription: (subscription.card_expires_on,), holds=_card_expires)
def _card_expiring(subscription: Subscription) -> Content:
    return _about(subscription)


def ending_soon(subscription: Subscription, days: int) -> bool:
    """Remind the reader `days` before the end of a subscription that does not renew."""
    return send_once("ending_soon", subscription, days, ends_today=days == 0)


def _ends_by_itself(subscription: Subscription) -> bool:
    return subscription.is_live and not subscription.has_contract and not subscription.is_trial


@kind("ending_soon", Subscription, details=_period_end, holds=_ends_by_itself)
def _ending_soon(subscription: Subscription) -> Content:
    ends_today = timezone.localdate(subscription.period_end) == timezone.localdate()
    return _about(subscription, ends_today=ends_today, awaited=awaited_order(subscription))


def _cancellations(subscription: Subscription) -> tuple[object, ...]:
    return (subscription.changes.filter(event="cancel_requested").count(),)


def cancelled(subscription: Subscription) -> bool:
    """Confirm a cancellation, each time that the reader cancels."""
    return send_once("cancelled", subscription)


@kind(
    "cancelled",
    Subscription,
    details=_cancellations,
    holds=lambda subscription: subscription.is_live and bool(subscription.cancel_at),
)
def _cancelled(subscription: Subscription) -> Content:
    """Confirm the content and the time of receipt, as § 312k (4) BGB wants."""
    due = pays_back(subscription, subscription.cancel_at) if subscription.cancel_at is not None else []
    received = subscription.changes.filter(event="cancel_requested").last()
    return _about(subscription, pays_back=amounts(due), received_at=received.at if received else None)


def ended(subscription: Subscription) -> bool:
    return send_once("ended", subscription)


@kind("ended", Subscription, holds=lambda subscription: not subscription.is_live)
def _ended(subscription: Subscription) -> Content:
    until = subscription.period_end
    may_read = until > timezone.now() and subscription.grants.filter(ends_at__gte=until, revoked_at=None).exists()
    return _about(subscription, access_until=until if may_read else None)


def _changes(subscription: Subscription) -> tuple[object, ...]:
    return (subscription.changes.count(), subscription.upcoming_price.pk)


def plan_changed(subscription: Subscription) -> bool:
    """Confirm a change of plan or period, each time that there is one."""
    return send_once("plan_changed", subscription)


@kind("plan_changed", Subscription, details=_changes, holds=lambda subscription: subscription.is_live)
def _plan_changed(subscription: Subscription) -> Content:
    is_later = subscription.next_price is not None and subscription.next_price_id != subscription.price_id
    starts_at = (subscription.next_price_at or subscription.period_end) if is_later else None
    return _about(subscription, starts_at=starts_at)


def _about(subscription: Subscription, **context: object) -> Content:
    return Content(subscription.user, {**next_payment(subscription), **context})
