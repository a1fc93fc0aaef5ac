"""Base of the built-in providers, which record payment requests in the ledger."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import ClassVar

from django.core.checks import CheckMessage
from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.functional import Promise

from subscriptions.models import LedgerEntry, Order, Payment, Price, Subscription
from subscriptions.money import Money
from subscriptions.providers.base import (
    BadWebhook,
    ChangedObject,
    ChangePreview,
    CheckoutStart,
    CheckoutState,
    PaymentState,
    ProviderError,
    RefundState,
    SubscriptionState,
)

Status = LedgerEntry.Status


class LedgerProvider:
    """Provider without an external service. It never charges automatically, so cancelling and ending do nothing."""

    code: ClassVar[str]
    page: ClassVar[str]
    renews = False
    settles_by_hand = False
    site = ""
    # The payment method on receipts.
    method: str | Promise = ""

    def check_connection(self) -> list[CheckMessage]:
        return []

    def start_checkout(self, order: Order, *, key: str, starts_at: datetime | None = None) -> CheckoutStart:
        entry, _ = LedgerEntry.objects.get_or_create(
            provider=self.code,
            ref=f"{self.code}:{key}",
            defaults={
                "order_uuid": order.uuid,
                "minor": order.total_minor,
                "currency": order.currency,
                "due_at": self.due(order),
            },
        )
        return CheckoutStart(ref=entry.ref, url=reverse(self.page, args=[order.uuid]), due_at=entry.due_at)

    def due(self, order: Order) -> datetime | None:
        return None

    def entry(self, ref: str) -> LedgerEntry | None:
        return LedgerEntry.objects.filter(provider=self.code, ref=ref).select_related("contract").first()

    def checkout_state(self, ref: str) -> CheckoutState:
        entry = self.entry(ref)
        if entry is None:
            return CheckoutState(ref)
        if entry.status == Status.CLOSED:
            return CheckoutState(ref, "expired", payments=tuple(self.payments(entry)))
        status = "complete" if entry.status == Status.PAID else "open"
        return CheckoutState(ref, status, payments=tuple(self.payments(entry)))  # type: ignore[arg-type]

    def close_checkout(self, ref: str) -> None:
        LedgerEntry.objects.filter(provider=self.code, ref=ref, status__in=[Status.OPEN, Status.DECLINED]).update(
            status=Status.CLOSED
        )

    def payments(self, entry: LedgerEntry) -> list[PaymentState]:
        """Return the attempts to pay this entry, declined ones first."""
        tries = [
            PaymentState(ref=f"{entry.ref}:declined:{number}", status="failed", amount=entry.money)
            for number in range(1, entry.declines + 1)
        ]
        if entry.status == Status.PAID:
            paid = PaymentState(
                entry.ref,
                "succeeded",
                entry.money,
                entry.settled_at,
                method=str(self.method),
                refunds=tuple(_refund_state(entry, refund) for refund in entry.refunds),
            )
            tries.append(paid)
        elif entry.status == Status.WAITING:
            tries.append(PaymentState(entry.ref, "processing", entry.money))
        return tries

    def settle(self, ref: str, status: str, *, by: str, at: datetime | None = None) -> bool:
        """Record `status` once. Returns False if already paid. Late payments of closed checkouts are recorded too."""
        changed = {"status": status, "settled_at": at or timezone.now(), "settled_by": by[:60]}
        unpaid = LedgerEntry.objects.filter(provider=self.code, ref=ref).exclude(status=Status.PAID)
        return bool(unpaid.update(**changed))

    @transaction.atomic
    def refund(self, payment: Payment, amount: Money, *, key: str) -> RefundState:
        entry = LedgerEntry.objects.select_for_update().filter(provider=self.code, ref=payment.provider_ref).first()
        if entry is None:
            raise ProviderError(f"No entry {payment.provider_ref!r} in the ledger.")
        if known := next((refund for refund in entry.refunds if refund["key"] == key), None):
            return _refund_state(entry, known)
        if sum(refund["minor"] for refund in entry.refunds) + amount.minor > entry.minor:
            raise ProviderError("More than was paid can’t be refunded.")
        entry.refunds.append({"key": key, "minor": amount.minor, "at": timezone.now().isoformat()})
        entry.save(update_fields=["refunds"])
        return _refund_state(entry, entry.refunds[-1])

    def payment_owner(self, ref: str) -> ChangedObject:
        return ChangedObject("checkout", ref)

    def subscription_state(self, ref: str) -> SubscriptionState:
        raise ProviderError(f"{self.code} has no subscription {ref!r}.")

    def cancel(self, subscription: Subscription, *, key: str) -> None:
        return None

    def undo_cancel(self, subscription: Subscription, *, key: str) -> None:
        return None

    def end(self, subscription: Subscription, *, key: str) -> None:
        return None

    def preview_change(self, subscription: Subscription, price: Price) -> ChangePreview:
        raise ProviderError(f"{self.code} doesn’t renew subscriptions.")

    def change_price(self, subscription: Subscription, price: Price, *, at_renewal: bool, key: str) -> None:
        raise ProviderError(f"{self.code} doesn’t renew subscriptions.")

    def postpone(self, subscription: Subscription, until: datetime, *, key: str) -> None:
        raise ProviderError(f"{self.code} doesn’t renew subscriptions.")

    def manage_url(self, subscription: Subscription, *, back: str) -> str:
        return ""

    def read_webhook(self, body: bytes, headers: Mapping[str, str]) -> ChangedObject:
        raise BadWebhook(f"{self.code} sends no webhooks.")

    def changed_since(self, since: datetime) -> Iterator[ChangedObject]:
        return iter(())

    def live_subscriptions(self) -> Iterator[str]:
        return iter(())

    def payments_between(self, start: datetime, end: datetime) -> Iterator[PaymentState]:
        entries = LedgerEntry.objects.filter(provider=self.code, status=Status.PAID, minor__gt=0)
        for entry in entries.filter(settled_at__gte=start, settled_at__lt=end):
            yield from (payment for payment in self.payments(entry) if payment.status == "succeeded")


def _refund_state(entry: LedgerEntry, refund: dict[str, object]) -> RefundState:
    at = parse_datetime(str(refund["at"])) or timezone.now()
    amount = Money(int(str(refund["minor"])), entry.currency)
    return RefundState(f"{entry.ref}:refund:{refund['key']}", amount, at, str(refund["key"]))
