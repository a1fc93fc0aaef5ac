"""Checks that answers hold only fields that the official SDK declares, at every depth."""

import functools
import importlib
import typing
from typing import Any

import stripe

CLASSES: dict[str, Any] = {
    cls.OBJECT_NAME: cls
    for cls in [
        stripe.Charge, stripe.Coupon, stripe.Customer, stripe.Discount, stripe.Dispute, stripe.Event, stripe.Invoice,
        stripe.InvoicePayment, stripe.InvoiceLineItem, stripe.LineItem, stripe.PaymentIntent, stripe.PaymentMethod,
        stripe.Price, stripe.Product, stripe.PromotionCode, stripe.Refund, stripe.Subscription, stripe.SubscriptionItem,
        stripe.WebhookEndpoint,
        stripe.billing_portal.Configuration, stripe.billing_portal.Session, stripe.checkout.Session,
    ]
}  # fmt: skip
# Fields that Stripe sends only if the request asks to expand them.
INCLUDED_ON_REQUEST = {
    "invoice": ["payments"],
    "checkout.session": ["line_items"],
    "charge": ["refunds"],
    "customer": ["subscriptions", "tax_ids"],
}


class _Names(dict[str, Any]):
    """Classes that only type checkers import become Any; `check` knows them by their `object` field."""

    def __missing__(self, name: str) -> Any:
        return Any


@functools.cache
def _fields(cls: Any) -> dict[str, Any]:
    fields: dict[str, Any] = {}
    module = importlib.import_module(cls.__module__)
    for name, hint in cls.__annotations__.items():
        if isinstance(hint, str):
            # The source of the SDK itself.
            hint = eval(hint, {}, _Names({**vars(typing), **vars(stripe), **vars(module)}))
        fields[name] = hint
    return fields


def _nested(hint: Any) -> Any:
    """Return the SDK's class for a nested object in `hint`, or None for free-form objects."""
    if isinstance(hint, type) and issubclass(hint, stripe.StripeObject) and hint.__module__ != "stripe._stripe_object":
        return hint
    return next(filter(None, map(_nested, typing.get_args(hint))), None)


def check(value: Any, hint: Any = None) -> None:
    """Raise AssertionError if `value` has a field that the SDK doesn't declare."""
    if isinstance(value, list):
        for item in value:
            check(item, hint)
    if not isinstance(value, dict):
        return
    if value.get("object") == "list":
        check(value["data"], hint)
        return
    cls = CLASSES.get(value.get("object", "")) or _nested(hint)
    if cls is None or cls is stripe.Event:
        return
    fields = _fields(cls)
    unknown = set(value) - set(fields)
    assert not unknown, f"{cls.__name__} has no field {unknown} in stripe {stripe.VERSION}"
    for name, item in value.items():
        check(item, fields[name])
