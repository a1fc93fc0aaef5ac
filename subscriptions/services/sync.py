"""Synchronise an order with its provider; used by the return page, the demo and the newsroom."""

from django.utils import timezone
from django.utils.translation import gettext as _

from subscriptions.models import Order
from subscriptions.providers import ProviderError, provider_named
from subscriptions.providers.manual import Manual
from subscriptions.services.fulfilment import record_payment


def sync(ref: str) -> Order | None:
    """Fetch the checkout `ref` from the provider, record its payments and return the refreshed order.

    Not atomic: the provider is called outside a transaction and each payment recorded in its own. Safe to
    call at any time and concurrently. Returns None if no order has this checkout. Raises ProviderError.
    """
    order = Order.objects.filter(checkout_ref=ref).exclude(checkout_ref="").first()
    if order is None:
        return None
    state = provider_named(order.provider).checkout_state(ref)
    for payment in state.payments:
        record_payment(order=order, state=payment, now=timezone.now())
    order.refresh_from_db()
    return order


def mark_paid(*, order: Order, by: str) -> bool:
    """Record the bank transfer for `order`, once even if two editors do so at the same time.

    Returns True if this call recorded it. Not atomic, like `sync`. Raises ProviderError if the order is
    not paid by transfer.
    """
    provider = provider_named(order.provider)
    if not isinstance(provider, Manual) or not order.checkout_ref:
        raise ProviderError(_("%(order)s isn’t paid by bank transfer.") % {"order": order})
    written = provider.mark_paid(order.checkout_ref, by=by)
    sync(order.checkout_ref)
    return written
