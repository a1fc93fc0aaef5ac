"""The one way to settle: the return page, the demo's page and the editor's button all call it."""

from django.utils import timezone

from subscriptions.models import Order
from subscriptions.providers import ProviderError, provider_named
from subscriptions.providers.manual import Manual
from subscriptions.services.fulfilment import record_payment


def sync(ref: str) -> Order | None:
    """Ask the provider what became of the checkout `ref` and write that down; the order as it is then.

    Not a transaction: the provider is asked outside of one, each payment is recorded in its own. Safe to
    call at any time, by anybody, at once. None for a checkout that no order knows. Raises ProviderError.
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
    """An editor says that the transfer for `order` has arrived. Two editors at once make one payment.

    True when this call wrote it down. Not a transaction, as `sync`. Raises ProviderError for an order that is
    not paid by transfer.
    """
    provider = provider_named(order.provider)
    if not isinstance(provider, Manual) or not order.checkout_ref:
        raise ProviderError(f"{order} is not paid by bank transfer.")
    written = provider.mark_paid(order.checkout_ref, by=by)
    sync(order.checkout_ref)
    return written
