"""What an invoice or credit note shows, line by line: the same on its page and in its PDF."""

from typing import NamedTuple

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from subscriptions.models import Receipt


class Fact(NamedTuple):
    label: str
    lines: list[str]


class Row(NamedTuple):
    text: str
    details: list[str]
    amount: str


class Sheet(NamedTuple):
    """`number` is also what the file is called. `cancelled` says which credit note cancels it, "" if none does."""

    name: str
    number: str
    remarks: list[str]
    cancelled: str
    publisher: str
    sender: list[str]
    facts: list[Fact]
    heading: str
    rows: list[Row]
    total: str
    sentences: list[str]

    @property
    def title(self) -> str:
        return f"{self.name} {self.number}"


def sheet_of(document: Receipt, cancelled_by: Receipt | None = None) -> Sheet:
    """Return what the document shows, in the current language. All amounts are as they were printed when issued."""
    text = document.snapshot
    day = date_format(timezone.localtime(document.issued_at), "DATE_FORMAT")
    return Sheet(
        name=document.name,
        number=document.code,
        remarks=_lines(_about(text), text.get("reason"), _("Issued on %(day)s") % {"day": day}),
        cancelled=_("Cancelled by %(number)s") % {"number": cancelled_by.code} if cancelled_by else "",
        publisher=text.get("publisher", ""),
        sender=_lines(
            text.get("address"),
            text.get("country"),
            text.get("tax_id"),
            _vat_id(text.get("vat_id")),
            text.get("contact"),
        ),
        facts=[Fact(label, lines) for label, lines in _facts(text) if lines],
        heading=text.get("publication", ""),
        rows=_rows(text),
        total=text.get("total", ""),
        sentences=_lines(
            _("Includes %(amount)s tax.") % {"amount": text["tax"]} if _has_plain_tax(text) else "", text.get("note")
        ),
    )


def _about(text: dict[str, str]) -> str:
    """Return which invoice the document corrects or replaces, "" if none."""
    if text.get("receipt") and text.get("receipt_date"):
        values = {"number": text["receipt"], "day": text["receipt_date"]}
        return _("For invoice %(number)s of %(day)s") % values
    if text.get("receipt"):
        return _("For invoice %(number)s") % {"number": text["receipt"]}
    return _("Replaces invoice %(number)s") % {"number": text["replaces"]} if text.get("replaces") else ""


def _facts(text: dict[str, str]) -> list[tuple[str, list[str]]]:
    paid = _("Refunded") if text.get("receipt") else _("Paid")
    return [
        (
            pgettext("recipient of an invoice", "For"),
            _lines(
                text.get("company"),
                text.get("name"),
                text.get("buyer_address"),
                text.get("buyer_country"),
                _vat_id(text.get("buyer_vat_id")),
                text.get("email"),
            ),
        ),
        (paid, _lines(text["paid"], text.get("method")) if text.get("paid") else []),
        (_("Order"), _lines(text.get("order"))),
    ]


def _rows(text: dict[str, str]) -> list[Row]:
    unit = ""
    if text.get("unit_net"):
        values = {"quantity": text.get("quantity"), "amount": text["unit_net"]}
        unit = _("%(quantity)s at %(amount)s net") % values
    rows = [Row(text.get("item", ""), _lines(text.get("period"), unit), text.get("subtotal") or text.get("total", ""))]
    if text.get("discount"):
        rows.append(Row(_("Discount"), _lines(text.get("coupon")), text["discount"]))
    if text.get("rate"):
        rows.append(Row(pgettext("amount before tax", "Net"), [], text.get("net", "")))
        rows.append(Row(_("%(rate)s VAT") % {"rate": text["rate"]}, [], text.get("tax", "")))
    return rows


def _has_plain_tax(text: dict[str, str]) -> bool:
    """Whether the tax is known without its rate, as if the provider has computed it."""
    return bool(text.get("tax")) and not text.get("rate")


def _vat_id(number: str | None) -> str:
    return _("VAT ID %(number)s") % {"number": number} if number else ""


def _lines(*texts: str | None) -> list[str]:
    return [line for text in texts if text for line in text.splitlines()]
