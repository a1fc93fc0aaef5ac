"""Payment provider interface. Providers never touch orders, payments, subscriptions or grants.

No method that makes a network call is called inside a transaction. Every method that takes a `key` is safe to call
again with the same key.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Literal, Protocol, Self

from django.core.checks import CheckMessage

from subscriptions.models import Order, Payment, Price, Subscription
from subscriptions.money import Money


class ProviderError(Exception):
    """The provider could not complete the request."""


class Unavailable(ProviderError):
    """The provider doesn't respond; retrying with the same key is safe."""


class KeyRefused(ProviderError):
    """The provider does not accept our key, or the key lacks a permission."""


class Declined(ProviderError):
    """The reader's card was declined; nothing was changed."""


class NotOurs(ProviderError):
    """The object belongs to another application with the same account."""


class BadWebhook(ProviderError):
    """The webhook's signature or content is invalid."""


@dataclass(frozen=True, slots=True)
class CheckoutStart:
    """A started checkout. `ref` is the provider's id, unique on the site; `url` is where the reader pays.

    `due_at` is set when the payment comes later; the reader then gets an email with instructions.
    """

    ref: str
    url: str
    due_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class RefundState:
    """A refund as reported by the provider. `key` is ours, empty if it was made at the provider."""

    ref: str
    amount: Money
    at: datetime
    key: str = ""


@dataclass(frozen=True, slots=True)
class PaymentState:
    """A payment attempt as reported by the provider. `ref` is unique per provider.

    `refunds` are all refunds of the payment so far. `dispute` is set from the opening of a chargeback on, at
    `disputed_at`. `tax` and `country`, that of the buyer, are set if the provider has computed the tax.
    """

    ref: str
    status: Literal["processing", "succeeded", "failed"]
    amount: Money
    paid_at: datetime | None = None
    tax: int = 0
    country: str = ""
    method: str = ""
    refunds: tuple[RefundState, ...] = ()
    dispute: Literal["", "open", "won", "lost"] = ""
    disputed_at: datetime | None = None
    # When a payment that failed became due.
    due_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class InvoiceState:
    """A paid invoice of a subscription: the period that its lines cover and the price it was for.

    `price_id` is the id of our Price. `payment` is None if nothing was due, as for a trial or a discount of 100 %.
    """

    ref: str
    period_start: datetime
    period_end: datetime
    price_id: int | None
    payment: PaymentState | None = None
    url: str = ""
    is_trial: bool = False
    paid_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class SubscriptionState:
    """A subscription as its provider reports it now.

    `order` is the uuid of the order that started it, `price_id` the id of our Price that the next invoice will use.
    `invoices` are the paid ones, oldest first; `failed_payments` are attempts that did not succeed. `is_unpaid` tells
    that the provider has ended it because it could not charge a renewal.
    """

    ref: str
    status: Literal["pending", "trialing", "active", "past_due", "ended"]
    order: str
    price_id: int | None
    period_start: datetime
    period_end: datetime
    cancel_at: datetime | None = None
    ended_at: datetime | None = None
    is_unpaid: bool = False
    invoices: tuple[InvoiceState, ...] = ()
    failed_payments: tuple[PaymentState, ...] = ()
    card: str = ""
    card_expires_on: date | None = None

    def in_our_books(self, since: datetime | None) -> Self:
        """Leave out what was paid or due until `since`, while the contract belonged to another system."""
        if since is None:
            return self
        ours = (invoice for invoice in self.invoices if invoice.paid_at is None or invoice.paid_at > since)
        failed = (payment for payment in self.failed_payments if payment.due_at is None or payment.due_at > since)
        return replace(self, invoices=tuple(ours), failed_payments=tuple(failed))


@dataclass(frozen=True, slots=True)
class CheckoutState:
    """A checkout as its provider reports it now; `subscription_ref` is set once it has started a subscription."""

    ref: str
    status: Literal["open", "complete", "expired"] = "open"
    subscription_ref: str = ""
    payments: tuple[PaymentState, ...] = ()


@dataclass(frozen=True, slots=True)
class ChangedObject:
    """What a webhook reports: fetch this object. `kind` "" means nothing that concerns us."""

    kind: Literal["checkout", "subscription", "payment", ""]
    ref: str = ""


@dataclass(frozen=True, slots=True)
class ChangePreview:
    """What a change of price costs: `due_now` at once, then `amount` at each renewal, next on `next_at`."""

    due_now: Money
    amount: Money
    next_at: datetime


class Provider(Protocol):
    """`renews`: the provider charges each period itself. `site`: the name of the site where readers pay, else "".

    A provider that an editor marks as paid is a subclass of `Manual`, which sets `settles_by_hand`.
    """

    code: str
    label: str
    site: str
    renews: bool

    def check(self) -> Sequence[CheckMessage]:
        """Return configuration problems for `manage.py check`."""

    def check_connection(self) -> Sequence[CheckMessage]:
        """Return what only the provider can tell about the configuration, for `manage.py check --deploy`."""

    def offered(self) -> bool:
        """Return whether readers can choose this provider."""

    def start_checkout(self, order: Order, *, key: str, starts_at: datetime | None = None) -> CheckoutStart:
        """Start the payment of `order`. The same `key` returns the checkout it started before.

        If `starts_at` is given and the provider renews, the first charge is made then: the reader has paid until then.
        """

    def checkout_state(self, ref: str) -> CheckoutState:
        """Return the current state of the checkout."""

    def close_checkout(self, ref: str) -> None:
        """Close the checkout to new payments. Payments in progress may still arrive. Safe to call twice."""

    def subscription_state(self, ref: str) -> SubscriptionState:
        """Return the current state of the subscription `ref`. Raises NotOurs."""

    def payment_owner(self, ref: str) -> ChangedObject:
        """Return the checkout or subscription to fetch for the payment `ref`."""

    def cancel(self, subscription: Subscription, *, key: str) -> None:
        """Stop charging, and end the subscription at its `cancel_at`: with the paid period, or before."""

    def undo_cancel(self, subscription: Subscription, *, key: str) -> None:
        """Undo `cancel`."""

    def end(self, subscription: Subscription, *, key: str) -> None:
        """End the subscription now and stop charging. Safe to call on an ended one."""

    def preview_change(self, subscription: Subscription, price: Price) -> ChangePreview:
        """Return what changing to `price` at once would cost."""

    def change_price(self, subscription: Subscription, price: Price, *, at_renewal: bool, key: str) -> None:
        """Change to `price`, at the next renewal or at once and charge the difference. Raises Declined."""

    def postpone(self, subscription: Subscription, until: datetime, *, key: str) -> None:
        """Make the next charge at `until` instead of the end of the current period."""

    def refund(self, payment: Payment, amount: Money, *, key: str) -> RefundState:
        """Pay back `amount` of the payment."""

    def manage_url(self, subscription: Subscription, *, back: str) -> str:
        """Return the address where the reader changes the card and sees invoices, "" if there is none."""

    def read_webhook(self, body: bytes, headers: Mapping[str, str]) -> ChangedObject:
        """Verify a webhook and return which object to fetch. Raises BadWebhook."""

    def changed_since(self, since: datetime) -> Iterator[ChangedObject]:
        """Return what the provider has reported since then, for `reconcile`."""

    def live_subscriptions(self) -> Iterator[str]:
        """Return the refs of all subscriptions that are live at the provider, for `reconcile`."""

    def payments_between(self, start: datetime, end: datetime) -> Iterator[PaymentState]:
        """Return the payments that succeeded in [start, end), with refunds, for the check of the accounts."""
