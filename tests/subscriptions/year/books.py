"""The books that the accounts are compared with: calculated from the provider's objects, sharing no code with them.

Beside the objects they know what no provider does: where a buyer of ours lives, and which receipts were issued again.
"""

from dataclasses import dataclass, field
from datetime import date, datetime
from fractions import Fraction
from math import floor
from zoneinfo import ZoneInfo

ZONE = "Europe/Berlin"
HOME = "DE"
# Basis points by country, each from a day on. The Netherlands have no row in the settings and pay our own rate.
RATES = {
    "DE": [(date(2025, 1, 1), 700)],
    "AT": [(date(2025, 1, 1), 1000)],
    "FR": [(date(2025, 1, 1), 2000), (date(2025, 7, 1), 2100)],
    "NL": [(date(2025, 1, 1), 700)],
}


@dataclass(frozen=True)
class Buyer:
    """Where a buyer lives. Those with a VAT ID are companies."""

    country: str
    vat_id: str = ""


@dataclass
class Sale:
    """A payment at its provider. `tax` is the provider's figure, None if we compute it.

    `refunds` are times and amounts, `lost_at` is when a chargeback was lost, and `reissues` are times and buyers.
    """

    ref: str
    provider: str
    currency: str
    minor: int
    at: datetime
    buyer: Buyer
    tax: int | None = None
    refunds: list[tuple[datetime, int]] = field(default_factory=list)
    lost_at: datetime | None = None
    reissues: list[tuple[datetime, Buyer]] = field(default_factory=list)


@dataclass(frozen=True)
class Document:
    """A receipt, or a credit note for a `reason`, with its amounts in minor units."""

    month: int
    currency: str
    reason: str
    country: str
    kind: str
    rate: int | None
    net: int
    tax: int
    gross: int

    @property
    def key(self):
        return self.month, self.currency, self.reason, self.country, self.kind, self.rate


def local(at):
    return at.astimezone(ZoneInfo(ZONE))


def tax_within(gross, rate):
    """The tax in an amount whose part before tax is rounded half up."""
    return gross - floor(Fraction(gross * 10_000, 10_000 + rate) + Fraction(1, 2))


class Books:
    def __init__(self, *, small_business=False):
        self.small_business = small_business

    def taxed(self, sale, gross, buyer, left):
        """Return country, kind, rate and tax of a receipt. `left` is the provider's tax that is not credited yet."""
        if sale.tax is not None:
            return buyer.country, "provider" if sale.tax else "", None, left
        if self.small_business:
            return buyer.country, "small_business", None, 0
        if buyer.vat_id and not buyer.vat_id.startswith(HOME):
            return buyer.vat_id[:2], "reverse_charge", 0, 0
        day = local(sale.at).date()
        rate = [rate for since, rate in RATES[buyer.country] if since <= day][-1]
        return buyer.country, "rate", rate, tax_within(gross, rate)

    def documents(self, sale):
        """Calculate the receipts and credit notes of a sale, in order."""
        gross, receipt, credited = sale.minor, self.taxed(sale, sale.minor, sale.buyer, sale.tax), 0

        def document(at, reason, gross, tax):
            country, kind, rate, _tax = receipt
            return Document(local(at).month, sale.currency, reason, country, kind, rate, gross - tax, tax, gross)

        def credit(at, reason, part):
            share = receipt[3] * (credited + part) // gross - receipt[3] * credited // gross
            return document(at, reason, -part, -share)

        found = [document(sale.at, "", gross, receipt[3])]
        for at, reason, what in self.events(sale):
            left = gross - credited
            part = what if reason == "refund" else left
            if not left:
                continue
            found.append(credit(at, reason, part))
            credited += part
            if reason == "cancellation":
                receipt = self.taxed(sale, left, what, -found[-1].tax)
                gross, credited = left, 0
                found.append(document(at, "", gross, receipt[3]))
        return found

    def events(self, sale):
        """Return what happened to a receipt after it was issued, in order."""
        events = [(at, "refund", minor) for at, minor in sale.refunds]
        events += [(at, "cancellation", buyer) for at, buyer in sale.reissues]
        events += [(sale.lost_at, "chargeback", None)] if sale.lost_at is not None else []
        return sorted(events, key=lambda event: event[0])
