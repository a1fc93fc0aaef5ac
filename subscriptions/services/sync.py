"""Synchronise orders and subscriptions with their providers.

Used by webhooks, the order page, `tick`, `reconcile` and the newsroom. A webhook is only a hint: the object is
fetched and what it says now is applied. Providers are called outside transactions. Names of payment methods and plans
are recorded in the language of the site, also from the newsroom.
"""

import logging
from datetime import datetime, timedelta

from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext as _

from subscriptions.models import Order, Subscription
from subscriptions.providers import ProviderError, provider_named
from subscriptions.providers.base import ChangedObject, CheckoutState, NotOurs, Unavailable
from subscriptions.providers.manual import Manual
from subscriptions.services.checkout_failures import note_accepted_key, note_refused_key
from subscriptions.services.fulfilment import record_payment
from subscriptions.services.renewals import OutdatedState, apply_state
from truthlytics.publication.language import site_language

MAX_ATTEMPTS = 10
MAX_A_RUN = 200
# How long after the end of a period `tick` asks, and how often it asks at all.
RENEWAL_TIME = timedelta(hours=1)
CHECK_INTERVAL = timedelta(days=1)

logger = logging.getLogger(__name__)


@site_language()
def sync_order(order: Order) -> Order:
    """Fetch the checkout of `order`, record what was paid and return the refreshed order.

    Safe to call at any time and concurrently. An expired checkout is removed from an open order, so that a new one can
    be started. Raises ProviderError.
    """
    if order.checkout_ref:
        state = provider_named(order.provider).checkout_state(order.checkout_ref)
        if state.subscription_ref:
            sync_subscription(order.provider, state.subscription_ref)
        for payment in state.payments:
            record_payment(order=order, state=payment, now=timezone.now())
        _note_checkout(order, state)
    order.refresh_from_db()
    return order


def _note_checkout(order: Order, state: CheckoutState) -> None:
    now = timezone.now()
    same = Order.objects.filter(pk=order.pk, checkout_ref=state.ref)
    same.filter(status=Order.Status.OPEN).update(checked_at=now)
    if state.status == "expired":
        new_attempt = {"checkout_ref": "", "checkout_url": "", "attempt": F("attempt") + 1}
        same.filter(status=Order.Status.OPEN).update(**new_attempt)
    if state.status != "open":
        same.filter(status=Order.Status.CANCELLED, checkout_closed_at=None).update(checkout_closed_at=now)


@site_language()
def sync_subscription(provider_code: str, ref: str) -> Subscription | None:
    """Fetch the subscription `ref` from its provider and apply what it says now.

    If another process applied a state meanwhile, ours may be the older one, so it is fetched again.
    Returns None for a subscription that none of our orders started. Raises ProviderError.
    """
    provider = provider_named(provider_code)
    known = Subscription.objects.filter(provider=provider_code, provider_ref=ref)
    for _attempt in range(MAX_ATTEMPTS):
        version = known.values_list("version", flat=True).first()
        try:
            state = provider.subscription_state(ref)
        except NotOurs:
            return None
        try:
            return apply_state(provider=provider_code, state=state, version=version, now=timezone.now())
        except OutdatedState:
            continue
    raise Unavailable(f"The subscription {ref} is being changed by other processes.")


def sync_changed(provider_code: str, changed: ChangedObject) -> bool:
    """Fetch and apply the object that a webhook reports. Returns False if it isn't ours. Raises ProviderError."""
    if changed.kind == "payment":
        changed = provider_named(provider_code).payment_owner(changed.ref)
    if changed.kind == "subscription":
        return sync_subscription(provider_code, changed.ref) is not None
    if changed.kind == "checkout":
        order = Order.objects.filter(provider=provider_code, checkout_ref=changed.ref).first()
        if order is not None:
            sync_order(order)
            return True
    return False


def sync_due(now: datetime) -> int:
    """Ask providers about renewals that are due, and once a day about every live subscription.

    Replaces webhooks that were lost. Returns the number asked; failures are logged and tried again next time.
    """
    recently = now - RENEWAL_TIME
    is_due = Q(period_end__lte=recently) & (Q(synced_at=None) | Q(synced_at__lte=recently))
    due = Subscription.objects.renewed_by_provider().filter(is_due | Q(synced_at__lte=now - CHECK_INTERVAL))
    asked = 0
    answered = set()
    for provider, ref in due.order_by("synced_at").values_list("provider", "provider_ref")[:MAX_A_RUN]:
        try:
            sync_subscription(provider, ref)
            asked += 1
            answered.add(provider)
        except ProviderError as error:
            logger.exception("Fetching subscription %s from %s failed", ref, provider)
            note_refused_key(provider, error)
    for provider in answered:
        note_accepted_key(provider)
    return asked


def sync_if_due(subscription: Subscription, now: datetime) -> None:
    """Ask the provider about a subscription with a finished period, before it is cancelled. Failures are logged.

    Otherwise a renewal that we have not heard of would count as charged after the cancellation.
    """
    if subscription.has_contract and subscription.period_end <= now:
        try:
            sync_subscription(subscription.provider, subscription.provider_ref)
        except ProviderError as error:
            logger.exception("Fetching subscription %s failed", subscription.provider_ref)
            note_refused_key(subscription.provider, error)


def mark_paid(*, order: Order, by: str) -> bool:
    """Record the bank transfer for `order`, once even if two editors do so at the same time.

    Returns True if this call recorded it. Not atomic, like `sync_order`. Raises ProviderError if the order is
    not paid by transfer.
    """
    provider = provider_named(order.provider)
    if not isinstance(provider, Manual) or not order.checkout_ref:
        raise ProviderError(_("%(order)s isn’t paid by bank transfer.") % {"order": order})
    written = provider.mark_paid(order.checkout_ref, by=by)
    sync_order(order)
    return written
