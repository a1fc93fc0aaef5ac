"""Tell providers of cancellations and ends, and repeat it until they have confirmed."""

import logging
from datetime import datetime
from functools import partial

from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone

from subscriptions import states
from subscriptions.models import Subscription, User
from subscriptions.providers import ProviderError, provider_named
from subscriptions.services.checkout_failures import note_refused_key

logger = logging.getLogger(__name__)
Request = Subscription.Request


def send(subscription: Subscription, request: str) -> None:
    """Note what the provider has to be told about a subscription that it renews, and tell it after the commit."""
    if subscription.has_contract:
        subscription.provider_request = request
        subscription.save(update_fields=["provider_request"])
        transaction.on_commit(partial(_send, subscription, request))


def repeat(now: datetime, *, user: User | None = None) -> int:
    """Repeat cancellations and ends that the provider has not confirmed. Returns the number confirmed."""
    unconfirmed = Subscription.objects.exclude(provider_request="")
    if user is not None:
        unconfirmed = unconfirmed.filter(user=user)
    return sum(_send(subscription, subscription.provider_request) for subscription in unconfirmed)


def is_still_charging(user: User, now: datetime) -> bool:
    """Whether a provider has not confirmed the end of an earlier subscription of `user`, after asking it again."""
    ended = Q(provider_request=Request.END) | Q(provider_request=Request.CANCEL, status=states.ENDED)
    unconfirmed = Subscription.objects.filter(ended, user=user)
    if not unconfirmed.exists():
        return False
    repeat(now, user=user)
    return unconfirmed.exists()


def _send(subscription: Subscription, request: str) -> bool:
    """Tell the provider. Failures are logged and repeated by `tick`. Returns whether the provider has confirmed."""
    try:
        provider = provider_named(subscription.provider)
        # Once the period is over, cancelling would be too late: the provider may have begun another.
        in_time = subscription.cancel_at is not None and subscription.cancel_at > timezone.now()
        method = provider.cancel if request == Request.CANCEL and in_time else provider.end
        method(subscription, key=f"{method.__name__}:{subscription.uuid}:{subscription.changes.count()}")
        waiting = Subscription.objects.filter(pk=subscription.pk, provider_request=request)
        # A state that was fetched before is outdated.
        confirmed = waiting.update(provider_request="", version=F("version") + 1)
        if not confirmed and request == Request.CANCEL:
            _undo_if_undone(subscription)
    except ProviderError as error:
        logger.exception("%s did not confirm %s of subscription %s", subscription.provider, request, subscription.pk)
        note_refused_key(subscription.provider, error)
        return False
    return True


def _undo_if_undone(subscription: Subscription) -> None:
    """The reader may have undone the cancellation while the provider was being told."""
    fresh = Subscription.objects.get(pk=subscription.pk)
    if fresh.renews:
        provider_named(fresh.provider).undo_cancel(fresh, key=f"undo:{fresh.uuid}:{fresh.changes.count()}")
