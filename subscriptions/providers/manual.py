"""Bank transfer: shows the bank details; an editor marks the order as paid when the money arrives."""

from datetime import datetime, timedelta

from django.conf import settings
from django.core.checks import CheckMessage
from django.utils.translation import gettext_lazy as _

from subscriptions.models import Order
from subscriptions.providers.ledger import LedgerProvider, Status

DAYS_TO_PAY = 14


class Manual(LedgerProvider):
    code = "manual"
    method = _("Bank transfer")
    label = _("Bank transfer")
    page = "subscriptions:transfer"

    def check(self) -> list[CheckMessage]:
        return []

    def offered(self) -> bool:
        return bool(settings.BANK_TRANSFER["iban"])

    def due(self, order: Order) -> datetime:
        """Two weeks, or the end of a longer free trial."""
        return order.placed_at + timedelta(days=max(DAYS_TO_PAY, order.trial_days))

    def mark_paid(self, ref: str, *, by: str) -> bool:
        """Record the payment once. Returns False if it was already recorded."""
        return self.settle(ref, Status.PAID, by=by)
