"""Bank transfer: shows the bank details; an editor marks the order as paid when the money arrives."""

from datetime import datetime

from django.core.checks import CheckMessage
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from subscriptions.models import Order
from subscriptions.providers.ledger import LedgerProvider, Status
from subscriptions.transfers import pay_by
from truthlytics.publication.effective_settings import bank_account


class Manual(LedgerProvider):
    code = "manual"
    method = _("Bank transfer")
    label = _("Bank transfer")
    page = "subscriptions:transfer"
    settles_by_hand = True
    # How readers pay if not with the bank details of the site.
    instructions: str | Promise = ""

    def check(self) -> list[CheckMessage]:
        return []

    def offered(self) -> bool:
        return bool(bank_account().iban)

    def due(self, order: Order) -> datetime:
        return pay_by(order)

    def mark_paid(self, ref: str, *, by: str) -> bool:
        """Record the payment once. Returns False if it was already recorded."""
        return self.settle(ref, Status.PAID, by=by)
