"""Which charges in the account are for what was bought here. The account may serve another shop, too."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from subscriptions.models import Order, Payment, ProviderCustomer, Subscription
from subscriptions.providers.base import ChangedObject
from subscriptions.providers.stripe import reading
from subscriptions.providers.stripe.catalogue import CODE
from subscriptions.providers.stripe.client import api, errors
from subscriptions.providers.stripe.wire import from_timestamp, to_timestamp

PAGE = 100


def between(start: datetime, end: datetime, *, owner_of: Callable[[str], ChangedObject]) -> list[Any]:
    """Return the charges in [start, end) that succeeded, of our customers, for what they bought here.

    `owner_of` finds the checkout or subscription of a payment.
    """
    asked = {"created": {"gte": to_timestamp(start), "lt": to_timestamp(end)}, "limit": PAGE}
    with errors():
        found = list(api().charges.list(asked | {"expand": ["data.refunds"]}).auto_paging_iter())
    customers = set(ProviderCustomer.objects.filter(provider=CODE).values_list("ref", flat=True))
    charges = [
        charge for charge in found if charge.status == "succeeded" and reading.id_of(charge.customer) in customers
    ]
    moved = Subscription.objects.filter(provider=CODE, books_since__isnull=False)
    since = dict(moved.values_list("user__provider_customers__ref", "books_since"))
    return [charge for charge in charges if _is_ours(charge, since.get(reading.id_of(charge.customer)), owner_of)]


def _is_ours(charge: Any, since: datetime | None, owner_of: Callable[[str], ChangedObject]) -> bool:
    """Whether a charge of a customer of ours is for something that was bought here.

    A customer who came from another system has paid there until `since`, and may go on buying elsewhere.
    """
    ref = reading.id_of(charge.payment_intent)
    if since is None or Payment.objects.filter(provider=CODE, provider_ref=ref).exists():
        return True
    owner = owner_of(ref)
    if owner.kind == "checkout":
        return Order.objects.filter(provider=CODE, checkout_ref=owner.ref).exists()
    is_contract = Subscription.objects.filter(provider=CODE, provider_ref=owner.ref).exists()
    return is_contract and from_timestamp(charge.created) > since
