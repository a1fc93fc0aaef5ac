"""Checkouts that a provider refuses or does not answer: logged, and shown to staff until one works again.

So are keys that it refuses at another time, such as in `tick`: renewals and refunds wait for a new one.
"""

import logging
import re
from datetime import datetime

from django.utils import timezone

from subscriptions.models import CheckoutFailure, Order
from subscriptions.providers import ProviderError, all_providers
from subscriptions.providers.base import KeyRefused, Unavailable

logger = logging.getLogger(__name__)

Kind = CheckoutFailure.Kind
LONGEST_MESSAGE = 300
# Keys of Stripe, secrets of its webhooks, and email addresses.
SECRETS = re.compile(r"\b(?:sk|rk|pk|whsec)_\S+|[^\s@“‘'\"(<]+@[^\s@]+\.\w+")


def record_failure(order: Order, error: ProviderError) -> None:
    """Log why the checkout of `order` could not be started and keep it for staff. A repetition moves its date."""
    message = without_secrets(str(error))
    kind = _kind_of(error)
    if kind == Kind.NO_ANSWER:
        logger.warning("%s does not respond to the checkout of order %s: %s", order.provider, order, message)
    else:
        reason = "does not accept our key at" if kind == Kind.WRONG_KEY else "refuses"
        logger.error("%s %s the checkout of order %s: %s", order.provider, reason, order, message)
    now = timezone.now()
    # Not by the message: it has the number of the request.
    same = CheckoutFailure.objects.filter(order=order, kind=kind, solved_at=None)
    if not same.update(at=now, message=message):
        CheckoutFailure.objects.create(order=order, provider=order.provider, kind=kind, message=message, at=now)


def note_refused_key(provider: str, error: ProviderError) -> None:
    """Keep for staff that `provider` does not accept our key, if that is the `error`. A repetition moves its date.

    Call it outside a transaction, wherever a provider's error is only logged.
    """
    if not isinstance(error, KeyRefused):
        return
    now, message = timezone.now(), without_secrets(str(error))
    same = CheckoutFailure.objects.filter(order=None, provider=provider, kind=Kind.WRONG_KEY, solved_at=None)
    if not same.update(at=now, message=message):
        logger.error("%s does not accept our key: %s", provider, message)
        CheckoutFailure.objects.create(provider=provider, kind=Kind.WRONG_KEY, message=message, at=now)


def note_accepted_key(provider: str) -> None:
    """The provider has answered a request with our key. Checkouts may need other permissions, so that they stay."""
    refused = CheckoutFailure.objects.filter(order=None, provider=provider, solved_at=None)
    refused.update(solved_at=timezone.now())


def was_refused(order: Order) -> bool:
    """Whether the provider has refused to start the checkout, rather than not responded."""
    return CheckoutFailure.objects.filter(order=order, solved_at=None).exclude(kind=Kind.NO_ANSWER).exists()


def mark_solved(provider: str) -> None:
    """The provider has started a checkout, so that its earlier failures need no attention."""
    CheckoutFailure.objects.filter(provider=provider, solved_at=None).update(solved_at=timezone.now())


def unsolved_failures(now: datetime) -> list[CheckoutFailure]:
    """Return the last unsolved failure of each provider, newest first."""
    codes = [provider.code for provider in all_providers()]
    newest: dict[str, CheckoutFailure] = {}
    for failure in CheckoutFailure.objects.unsolved(now).filter(provider__in=codes).select_related("order")[:50]:
        newest.setdefault(failure.provider, failure)
    return list(newest.values())


def without_secrets(message: str) -> str:
    """Return a provider's message on one line, without keys and email addresses."""
    return SECRETS.sub("…", " ".join(message.split()))[:LONGEST_MESSAGE]


def _kind_of(error: ProviderError) -> Kind:
    if isinstance(error, KeyRefused):
        return Kind.WRONG_KEY
    return Kind.NO_ANSWER if isinstance(error, Unavailable) else Kind.REFUSED
