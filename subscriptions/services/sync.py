"""The one way to settle: the return page, the demo's page and the editor's button all call it."""

from django.utils import timezone

from subscriptions.models import Order
from subscriptions.providers import provider_named

from .settle import record_payment


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
