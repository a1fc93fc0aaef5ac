"""Stripe's billing portal, limited to card and invoices: changes of plan and cancellations are made on our pages."""

from typing import Any

from subscriptions.providers.stripe import reading
from subscriptions.providers.stripe.client import api, errors

# Increase it when FEATURES change, so that a new configuration is made.
VERSION = {"truthlytics": "1"}
FEATURES = {
    "payment_method_update": {"enabled": True},
    "invoice_history": {"enabled": True},
    "customer_update": {"enabled": False},
    "subscription_cancel": {"enabled": False},
    "subscription_update": {"enabled": False},
}


def session_url(customer: str, *, back: str) -> str:
    """Return the address of the customer's portal, with a link to `back`."""
    with errors():
        session = api().billing_portal.sessions.create(
            {"customer": customer, "configuration": _configuration(), "return_url": back}
        )
        return str(session.url)


def move_card_to_customer(subscription: Any) -> None:
    """Let the subscription use its customer's card, which is the one that the portal replaces.

    Checkout keeps the card with the subscription, where it would take precedence over the new one.
    """
    default = {"default_payment_method": subscription.default_payment_method.id}
    with errors():
        api().customers.update(subscription.customer.id, {"invoice_settings": default})
        api().subscriptions.update(subscription.id, {"default_payment_method": ""})


def _configuration() -> str:
    known: Any = api().billing_portal.configurations.list({"active": True, "limit": 100})
    for configuration in known.auto_paging_iter():
        if reading.metadata(configuration) == VERSION:
            return str(configuration.id)
    # The same key from two processes gives the same configuration.
    key = f"portal:{VERSION['truthlytics']}"
    created = api().billing_portal.configurations.create(
        {"features": FEATURES, "metadata": VERSION}, {"idempotency_key": key}
    )
    return str(created.id)
