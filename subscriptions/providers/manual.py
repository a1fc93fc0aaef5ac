"""Bank transfer: we show where to send it, and an editor marks it paid when it is on the account."""

from datetime import datetime, timedelta

from django.conf import settings
from django.core.checks import CheckMessage, Warning

from subscriptions.models import Order
from subscriptions.providers.ledger import BookKeeper, Status

DAYS_TO_PAY = 14


class Manual(BookKeeper):
    code = "manual"
    label = "Bank transfer"
    page = "subscriptions:transfer"

    def check(self) -> list[CheckMessage]:
        if self.offered():
            return []
        hint = "Set BANK_IBAN and BANK_HOLDER, or take the provider out of PAYMENT_PROVIDERS."
        return [Warning("No account is set for bank transfers.", hint=hint, id="subscriptions.W001")]

    def offered(self) -> bool:
        return bool(settings.BANK_TRANSFER["iban"])

    def due(self, order: Order) -> datetime:
        return order.placed_at + timedelta(days=DAYS_TO_PAY)

    def mark_paid(self, ref: str, *, by: str) -> bool:
        """The money has arrived. Two editors at once write it down once; False for the second."""
        return self.settle(ref, Status.PAID, by=by)
