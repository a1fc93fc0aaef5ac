"""What a payment provider promises. Providers never touch orders, payments, subscriptions or grants.

No method is called inside a transaction, but for `check` and `offered`, which ask nobody.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, Protocol

from django.core.checks import CheckMessage

from subscriptions.models import Order, Subscription
from subscriptions.money import Money


class ProviderError(Exception):
    """The provider did not do what was asked."""


class Unavailable(ProviderError):
    """It does not answer now; asking again later, with the same key, is safe."""


@dataclass(frozen=True, slots=True)
class CheckoutStart:
    """`ref`: how the provider calls this checkout, unique in the site. `url`: where the reader pays.

    `due_at`: until when, where the money comes later; the reader then gets a letter with what to do.
    """

    ref: str
    url: str
    due_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class PaymentState:
    """One try to pay, as the provider tells it now. `ref` is unique with the provider."""

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
        """What is wrong with its configuration, for `manage.py check`."""

    def offered(self) -> bool:
        """Whether a reader may choose it now."""

    def start_checkout(self, order: Order, *, key: str) -> CheckoutStart:
        """Begin the payment of `order`; the same `key` finds the checkout that it began before."""

    def checkout_state(self, ref: str) -> CheckoutState:
        """What is known of the checkout now."""

    def close_checkout(self, ref: str) -> None:
        """Let nobody pay at this checkout any more; money on its way may still arrive."""

    def cancel(self, subscription: Subscription, *, key: str) -> None:
        """Charge nothing after the paid period."""

    def undo_cancel(self, subscription: Subscription, *, key: str) -> None:
        """As if `cancel` had not been called."""
