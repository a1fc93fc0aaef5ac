"""Emails about the course of a subscription, from its trial to its end."""

from datetime import datetime

from django.utils import timezone

from subscriptions.emails.once import Content, kind, send_once
from subscriptions.models import Subscription


def _day(time: datetime) -> str:
    return timezone.localdate(time).isoformat()


def trial_started(subscription: Subscription) -> None:
    send_once("trial_started", subscription)


@kind("trial_started", Subscription, holds=lambda subscription: subscription.is_trial)
def _trial_started(subscription: Subscription) -> Content:
    return _about(subscription)


def trial_ending(subscription: Subscription) -> None:
    """Announce the end of a free trial."""
    send_once("trial_ending", subscription, _day(subscription.period_end))


@kind("trial_ending", Subscription, holds=lambda subscription: subscription.is_trial)
def _trial_ending(subscription: Subscription) -> Content:
    return _about(subscription)


def renewal_ahead(subscription: Subscription) -> None:
    """Announce the next charge of a subscription that its provider renews."""
    send_once("renewal_ahead", subscription, _day(subscription.period_end))


@kind("renewal_ahead", Subscription, holds=lambda subscription: subscription.renews)
def _renewal_ahead(subscription: Subscription) -> Content:
    return _about(subscription)


def payment_failed(subscription: Subscription) -> None:
    """Ask the reader to mend the card, once for each period that could not be charged."""
    send_once("payment_failed", subscription, _day(subscription.period_start))


@kind("payment_failed", Subscription, holds=lambda subscription: subscription.is_past_due)
def _payment_failed(subscription: Subscription) -> Content:
    return _about(subscription)


def card_expiring(subscription: Subscription) -> None:
    """Ask the reader for another card, once for each date of expiry."""
    send_once("card_expiring", subscription, subscription.card_expires_on)


@kind("card_expiring", Subscription, holds=lambda subscription: subscription.renews)
def _card_expiring(subscription: Subscription) -> Content:
    return _about(subscription)


def ending_soon(subscription: Subscription, days: int) -> None:
    """Remind the reader `days` before the end of a subscription that does not renew."""
    send_once("ending_soon", subscription, _day(subscription.period_end), days)


@kind("ending_soon", Subscription, holds=lambda subscription: subscription.is_live and not subscription.has_contract)
def _ending_soon(subscription: Subscription) -> Content:
    return _about(subscription)


def canceled(subscription: Subscription) -> None:
    """Confirm a cancellation, each time that the reader cancels."""
    send_once("canceled", subscription, subscription.changes.filter(event="cancel_requested").count())


@kind("canceled", Subscription, holds=lambda subscription: subscription.is_live and bool(subscription.cancel_at))
def _canceled(subscription: Subscription) -> Content:
    return _about(subscription)


def ended(subscription: Subscription) -> None:
    send_once("ended", subscription)


@kind("ended", Subscription, holds=lambda subscription: not subscription.is_live)
def _ended(subscription: Subscription) -> Content:
    return _about(subscription)


def plan_changed(subscription: Subscription) -> None:
    """Confirm a change of plan or period, each time that there is one."""
    send_once("plan_changed", subscription, subscription.changes.count(), subscription.upcoming_price.pk)


@kind("plan_changed", Subscription, holds=lambda subscription: subscription.is_live)
def _plan_changed(subscription: Subscription) -> Content:
    return _about(subscription)


def _about(subscription: Subscription) -> Content:
    return Content(subscription.user, {"subscription": subscription})
