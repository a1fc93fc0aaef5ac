"""Details of invoices and credit notes shown in emails."""

from typing import NamedTuple

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from subscriptions.models import Payment, Receipt


class Row(NamedTuple):
    label: str
    value: str


def receipt_of(payment: Payment | None) -> dict[str, object]:
    """Return the payment with its invoice and the rows that say what it was for. Empty without a payment."""
    if payment is None:
        return {}
    receipt = invoice_of(payment)
    return {"payment": payment, "receipt": receipt, "rows": rows(receipt, payment)}


def invoice_of(payment: Payment | None) -> Receipt | None:
    """Return the invoice in force for a payment, None if none was issued."""
    return payment.receipts.originals().first() if payment is not None else None


def rows(document: Receipt | None, payment: Payment) -> list[Row]:
    """Return what an invoice or credit note says, without its total and the names of the two parties."""
    text = document.snapshot if document is not None else {"item": payment.description, "method": payment.method}
    corrected = document.corrects if document is not None else None
    found = [
        (_("Corrects"), corrected.title if corrected is not None else ""),
        (_("For"), text.get("item")),
        (_("Period"), text.get("period")),
        (_("Before discount"), text.get("subtotal")),
        (_("Discount"), text.get("discount")),
        (_("Coupon"), text.get("coupon")),
        *_tax_rows(text),
        (_("Payment method"), text.get("method")),
        (_("Order"), text.get("order")),
    ]
    return [Row(label, value) for label, value in found if value]


def _tax_rows(text: dict[str, str]) -> list[tuple[str, str | None]]:
    """Return net and tax at its rate, or the tax without a rate, and the sentence that must be said with it."""
    if text.get("rate"):
        tax = [
            (pgettext("amount before tax", "Net"), text.get("net")),
            (_("%(rate)s VAT") % {"rate": text["rate"]}, text.get("tax")),
        ]
    else:
        tax = [(_("Includes tax"), text.get("tax"))]
    return [*tax, (_("VAT"), text.get("note"))]
