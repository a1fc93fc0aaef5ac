"""The monthly statement: what the receipts and credit notes of a month add up to, and closing the month.

A document belongs to the month of its own date: a refund of what was sold in March, credited in May, is in May.
"""

import json
from dataclasses import asdict, dataclass
from datetime import date, datetime
from hashlib import sha256
from typing import Any

from django.db import transaction
from django.db.models import Count, F, Q, Sum
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from subscriptions.models import Order, Payment, Receipt, ReceiptSeries, Refund, Statement
from subscriptions.models.by_hand import settled_by_hand
from subscriptions.money import Money
from subscriptions.periods import next_month, start_of
from truthlytics.web.types import AnyRows, JsonObject

# Of the content of a closed month. Raise it if its keys change, and keep reading the old ones.
FORMAT = 1


class CannotClose(Exception):
    """The month can't be closed; the text is for the newsroom."""


@dataclass(frozen=True, slots=True)
class Line:
    """The receipts of a month, or its credit notes for one reason, with one country and rate. Amounts in minor units.

    `rate` is in basis points, None if none was claimed. Credit notes have negative amounts.
    """

    kind: str
    reason: str
    country: str
    tax_kind: str
    rate: int | None
    number: int
    net: int
    tax: int
    gross: int


@dataclass(frozen=True, slots=True)
class Received:
    """What receipts less credit notes of a month say about one provider, to compare with its own statement."""

    provider: str
    number: int
    gross: int


@dataclass(frozen=True, slots=True)
class Open:
    """What was not settled when the month ended.

    `kind` is "orders" (bank transfers awaited), "refunds" (not made yet), "surplus" (received, but not owed and not
    refunded yet), or "chargebacks" (opened before, and not decided yet).
    """

    kind: str
    number: int
    minor: int


@dataclass(frozen=True, slots=True)
class CurrencyFigures:
    currency: str
    lines: tuple[Line, ...]
    received: tuple[Received, ...]
    open: tuple[Open, ...]

    def total(self, *reasons: str) -> int:
        """Return the gross sum of the lines with these reasons, in minor units; "" is that of receipts."""
        return sum(line.gross for line in self.lines if line.reason in reasons)

    def money(self, minor: int) -> Money:
        return Money(minor, self.currency)


@dataclass(frozen=True, slots=True)
class Figures:
    """The figures of the month that begins on `month`. `first` and `last` are the numbers of its documents, or ""."""

    month: date
    first: str
    last: str
    currencies: tuple[CurrencyFigures, ...]


def statement_of(month: date) -> tuple[Figures, Statement | None]:
    """Return the figures of a month: those stored when it was closed, with their row, or those of now and None."""
    closed = Statement.objects.filter(month=month).first()
    return (read(closed.content) if closed else compute(month)), closed


def compute(month: date) -> Figures:
    """Add up the month that begins on `month`, whether it is closed or not."""
    documents = Receipt.objects.filter(month=month).order_by()
    count, gross = Count("pk"), Sum("gross_minor")
    groups: list[Any] = list(
        documents.values("currency", "kind", "reason", "country", "tax_kind", "tax_rate").annotate(
            count=count, gross_sum=gross, tax_sum=Sum("tax_minor")
        )
    )
    methods: list[Any] = list(documents.values("currency", "payment__provider").annotate(count=count, gross_sum=gross))
    unsettled = _open(start_of(next_month(month)))
    found = {row["currency"] for row in groups} | {currency for currency, _item in unsettled}
    numbered = documents.order_by("year", "number")
    first, last = numbered.first(), numbered.last()
    return Figures(
        month=month,
        first=first.code if first else "",
        last=last.code if last else "",
        currencies=tuple(
            CurrencyFigures(
                currency,
                tuple(sorted((_line(row) for row in groups if row["currency"] == currency), key=_order)),
                tuple(
                    Received(row["payment__provider"], row["count"], row["gross_sum"])
                    for row in sorted(methods, key=lambda row: str(row["payment__provider"]))
                    if row["currency"] == currency
                ),
                tuple(item for of, item in unsettled if of == currency),
            )
            for currency in sorted(found)
        ),
    )


def _line(row: JsonObject) -> Line:
    return Line(
        row["kind"], row["reason"], row["country"], row["tax_kind"], row["tax_rate"],
        row["count"], row["gross_sum"] - row["tax_sum"], row["tax_sum"], row["gross_sum"],
    )  # fmt: skip


def _order(line: Line) -> tuple[object, ...]:
    """Receipts come first, then credit notes by reason; within them by country, the highest rate first."""
    return (line.reason, line.country, -(line.rate or 0), line.rate is None, line.tax_kind)


def _open(end: datetime) -> list[tuple[str, Open]]:
    """Return what was open at `end`, each with its currency."""
    transfers = Order.objects.filter(provider__in=settled_by_hand(), total_minor__gt=0, placed_at__lt=end)
    transfers = transfers.exclude(checkout_ref="")
    transfers = transfers.filter(Q(status=Order.Status.OPEN) | Q(status=Order.Status.PAID, paid_at__gte=end))
    done = Q(status=Refund.Status.DONE)
    refunds = Refund.objects.filter(requested_at__lt=end)
    refunds = refunds.filter(Q(status=Refund.Status.REQUESTED) | done & Q(done_at__gte=end))
    surplus = Payment.objects.filter(status=Payment.Status.SURPLUS, paid_at__lt=end)
    refunded = Refund.objects.filter(done, done_at__lt=end, payment__status=Payment.Status.SURPLUS)
    undecided = Q(dispute=Payment.Dispute.OPEN) | Q(dispute_decided_at__gte=end)
    disputed = Payment.objects.filter(undecided, disputed_at__lt=end)
    left = _sums(surplus, "minor")
    for currency, (_number, minor) in _sums(refunded, "minor", currency="payment__currency").items():
        number, whole = left.get(currency, (0, 0))
        left[currency] = (number, whole - minor)
    found = {
        "orders": _sums(transfers, "total_minor"),
        "refunds": _sums(refunds, "minor", currency="payment__currency"),
        "surplus": left,
        "chargebacks": _sums(disputed, F("minor") - F("refunded_minor")),
    }
    return [
        (currency, Open(kind, number, minor))
        for kind, sums in found.items()
        for currency, (number, minor) in sums.items()
        if minor
    ]


def _sums(rows: AnyRows, amount: object, currency: str = "currency") -> dict[str, tuple[int, int]]:
    grouped = rows.order_by().values_list(currency).annotate(number=Count("pk"), sum=Sum(amount))
    return {code: (number, minor) for code, number, minor in grouped}


def write(figures: Figures) -> str:
    """Return the figures as JSON, always the same characters for the same figures."""
    content = asdict(figures) | {"format": FORMAT, "month": f"{figures.month:%Y-%m}"}
    return json.dumps(content, ensure_ascii=False, separators=(",", ":"), sort_keys=True)


def read(content: str) -> Figures:
    stored = json.loads(content)
    return Figures(
        month=date.fromisoformat(f"{stored['month']}-01"),
        first=stored["first"],
        last=stored["last"],
        currencies=tuple(
            CurrencyFigures(
                figures["currency"],
                tuple(Line(**line) for line in figures["lines"]),
                tuple(Received(**row) for row in figures["received"]),
                tuple(Open(**row) for row in figures["open"]),
            )
            for figures in stored["currencies"]
        ),
    )


def digest_of(content: str) -> str:
    return sha256(content.encode()).hexdigest()


@transaction.atomic
def close(*, month: date, by: str) -> Statement:
    """Store the figures of the month that begins on `month`, once: a second call returns what was stored.

    Receipts can't be dated into it from then on. Receipts that are being issued are waited for. Raises CannotClose if
    the month is not over or an earlier one is open.
    """
    ReceiptSeries.objects.get_or_create(year=month.year)
    ReceiptSeries.objects.filter(year=month.year).update(last=F("last"))  # Locks it until the commit.
    if (known := Statement.objects.filter(month=month).first()) is not None:
        return known
    if refusal := why_not(month):
        raise CannotClose(refusal)
    content = write(compute(month))
    now = timezone.now()
    return Statement.objects.create(
        month=month, content=content, digest=digest_of(content), closed_at=now, closed_by=by[:200]
    )


def why_not(month: date) -> str:
    """Return why the month that begins on `month` can't be closed now; "" if it can."""
    if month >= timezone.localdate().replace(day=1):
        return _("This month is not over yet.")
    expected = next_to_close()
    if expected is None or month < expected:
        return _("There are no invoices from this month or before it.")
    if month > expected:
        return _("Close %(month)s first.") % {"month": date_format(expected, "YEAR_MONTH_FORMAT")}
    return ""


def next_to_close() -> date | None:
    """Return the month after the last closed one, or that of the first receipt; None before the first receipt."""
    last = Statement.objects.values_list("month", flat=True).first()
    if last is not None:
        return next_month(last)
    return Receipt.objects.order_by("month").values_list("month", flat=True).first()


def months() -> list[date]:
    """Return the months of the accounts, newest first: from the first receipt to the current month."""
    first = Receipt.objects.order_by("month").values_list("month", flat=True).first()
    first = Statement.objects.order_by("month").values_list("month", flat=True).first() or first
    this, found = timezone.localdate().replace(day=1), []
    month = first or this
    while month <= this:
        found.append(month)
        month = next_month(month)
    return found[::-1]
