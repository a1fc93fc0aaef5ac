"""Base of the built-in providers, which record payment requests in the ledger."""

from datetime import datetime
from typing import ClassVar

from django.urls import reverse
from django.utils import timezone

from subscriptions.models import LedgerEntry, Order, Subscription
from subscriptions.providers.base import CheckoutStart, CheckoutState, PaymentState

Status = LedgerEntry.Status


class LedgerProvider:
    """Provider without an external service. It never charges, so cancelling does nothing."""

    code: ClassVar[str]
    page: ClassVar[str]

    def start_checkout(self, order: Order, *, key: str) -> CheckoutStart:
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
        return LedgerEntry.objects.filter(provider=self.code, ref=ref).first()

    def checkout_state(self, ref: str) -> CheckoutState:
        entry = self.entry(ref)
        return CheckoutState(ref, tuple(_payments(entry)) if entry else ())

    def close_checkout(self, ref: str) -> None:
        LedgerEntry.objects.filter(provider=self.code, ref=ref, status__in=[Status.OPEN, Status.DECLINED]).update(
            status=Status.CLOSED
        )

    def cancel(self, subscription: Subscription, *, key: str) -> None:
        return None

    def undo_cancel(self, subscription: Subscription, *, key: str) -> None:
        return None

    def settle(self, ref: str, status: str, *, by: str, at: datetime | None = None) -> bool:
        """Record `status` once. Returns False if already paid. Late payments of closed checkouts are recorded too."""
        changed = {"status": status, "settled_at": at or timezone.now(), "settled_by": by[:60]}
        unpaid = LedgerEntry.objects.filter(provider=self.code, ref=ref).exclude(status=Status.PAID)
        return bool(unpaid.update(**changed))


def _payments(entry: LedgerEntry) -> list[PaymentState]:
    tries = [
        PaymentState(ref=f"{entry.ref}:declined:{number}", status="failed", amount=entry.money)
        for number in range(1, entry.declines + 1)
    ]
    if entry.status == Status.PAID:
        tries.append(PaymentState(entry.ref, "succeeded", entry.money, entry.settled_at))
    elif entry.status == Status.WAITING:
        tries.append(PaymentState(entry.ref, "processing", entry.money))
    return tries
