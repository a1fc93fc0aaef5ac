"""Payment provider interface. Providers never touch orders, payments, subscriptions or grants.

No method that makes a network call is called inside a transaction.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, Protocol

from django.core.checks import CheckMessage

from subscriptions.models import Order, Subscription
from subscriptions.money import Money


class ProviderError(Exception):
    """The provider could not complete the request."""


class Unavailable(ProviderError):
    """The provider doesn't respond; retrying with the same key is safe."""


@dataclass(frozen=True, slots=True)
class CheckoutStart:
    """A started checkout. `ref` is the provider's id, unique on the site; `url` is where the reader pays.

    `due_at` is set when the payment comes later; the reader then gets an email with instructions.
    """

    ref: str
    url: str
    due_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class PaymentState:
    """A payment attempt as reported by the provider. `ref` is unique per provider."""

    ref: str
    status: Literal["processing", "succeeded", "failed"]
    amount: Money
    paid_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class CheckoutState:
    ref: str
    payments: tuple[PaymentState, ...] = ()


class Provider(Protocol):
    code: str
    label: str

    def check(self) -> Sequence[CheckMessage]:
        """Return configuration problems for `manage.py check`."""

    def offered(self) -> bool:
        """Return whether readers can choose this provider."""

    def start_checkout(self, order: Order, *, key: str) -> CheckoutStart:
        """Start the payment of `order`. The same `key` returns the checkout it started before."""

    def checkout_state(self, ref: str) -> CheckoutState:
        """Return the current state of the checkout."""

    def close_checkout(self, ref: str) -> None:
        """Close the checkout to new payments. Payments in progress may still arrive."""

    def cancel(self, subscription: Subscription, *, key: str) -> None:
        """Stop charging after the paid period."""

    def undo_cancel(self, subscription: Subscription, *, key: str) -> None:
        """Undo `cancel`."""
